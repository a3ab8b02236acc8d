"""What is drawn in a way of our own, to be quick, looks as Django would have drawn it."""

from typing import Any

import pytest
from django.contrib import admin
from django.contrib.admin.templatetags.admin_list import result_list
from django.contrib.auth.models import User
from django.test import RequestFactory
from django.utils import html
from django.utils.safestring import mark_safe

from django_resque.monitor.markup import format_html
from django_resque.monitor.page import PageAdmin
from django_resque.monitor.search_time import share
from django_resque.monitor.site import PAGES
from django_resque.monitor.table import table
from resque_core import Job, Resque
from resque_core.clock import utc_now
from tests.cli.store_of import a_failure, a_held_job, a_worker


def list_of(model: Any) -> Any:
    """What the admin knows of a list, as somebody who may do everything asks for it."""
    request = RequestFactory().get("/")
    request.user = User(username="root", is_staff=True, is_active=True, is_superuser=True)
    changes = admin.site._registry[model].get_changelist_instance(request)
    changes.formset = None  # as the admin's own view says
    # Read once: how long a queue has waited is another time by then.
    changes.result_list = list(changes.result_list)
    return changes


@pytest.mark.usefixtures("database")
def test_lists_have_the_cells_and_headers_that_the_admin_would_give_them(
    file_resque: Resque, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = utc_now()
    monkeypatch.setattr("django_resque.monitor.times.utc_now", lambda: now)
    a_failure(file_resque, name="<b>", error="<i>&'", exception='"')
    a_worker(file_resque)
    file_resque.enqueue_to("mail", "Mailer", {"token": "<u>"})
    a_held_job(file_resque, "host+1:1:mail")
    file_resque.enqueue_to("a <queue>", "Mailer")
    file_resque.enqueue_in_to("mail", 3600, "Mailer", "<s>")
    file_resque.batch([Job(queue="other", name="Mailer")])
    file_resque.set_schedule("hourly", {"class": "Mailer", "queue": "mail"}, every=3600)
    lists = [model for model, page in PAGES.items() if not issubclass(page, PageAdmin)]
    for model in lists:
        changes = list_of(model)
        theirs, ours = result_list(changes), table(changes)
        assert ["".join(cells) for cells in ours["results"]] == ["".join(it) for it in theirs["results"]]
        assert ours["results"]
        assert ours["result_headers"] == theirs["result_headers"]
        assert ours["num_sorted_fields"] == theirs["num_sorted_fields"]
    assert len(lists) == 7


@pytest.mark.parametrize("value", ["<a href='x'>&\"", mark_safe("<b>"), 7, None, html.format_html("<{}>", 1)])
def test_values_are_escaped_as_django_escapes_them(value: object) -> None:
    ours = format_html("<p>{}</p>{}", value, value)
    assert ours == html.format_html("<p>{}</p>{}", value, value)
    assert html.conditional_escape(ours) == ours


def test_what_says_of_itself_that_it_is_html_is_taken_as_it_is() -> None:
    class Part:
        def __html__(self) -> str:
            return "<hr>"

    assert format_html("{}", Part()) == "<hr>"


@pytest.mark.parametrize(
    ("drawing", "searching"), [(0.0, 0.1), (0.02, 0.1), (0.05, 0.08), (0.07, 0.06), (5.0, 0.05)]
)
def test_a_search_stops_sooner_where_its_page_takes_long_to_be_drawn(
    drawing: float, searching: float
) -> None:
    assert share(0.1, drawing) == pytest.approx(searching)
    assert share(0.0, drawing) == 0.0
