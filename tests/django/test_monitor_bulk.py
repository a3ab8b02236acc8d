"""Failures are shown by error and job, and many of them are retried and removed in slices."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client, override_settings

from django_resque.monitor import bulk
from resque_core import Resque
from resque_core.clock import utc_now
from resque_core.failure import Failure, FailureFilter
from resque_core.job import Entry
from tests.cli.store_of import a_failure
from tests.django.operators import Elements, operator, superuser

pytestmark = [pytest.mark.usefixtures("database"), pytest.mark.every_store]
PAGE = "/admin/resque/failedjob/"


def text(response: Any) -> str:
    return str(response.content.decode())


def sent(client: Client, url: str, page: Any, **more: str) -> Any:
    """Send the form of a page to where it came from."""
    fields = Elements(text(page)).inputs
    return client.post(url, {name: fields[name] for name in fields if name != "q"} | more, follow=True)


def test_failures_are_shown_by_error_and_job_and_lead_to_each_other(file_resque: Resque) -> None:
    client = superuser()
    began = utc_now() - timedelta(hours=2)
    for number in range(3):
        a_failure(
            file_resque, began + timedelta(minutes=number), exception="shop.Timeout", error="no & answer"
        )
    a_failure(file_resque, name="Thumbnail", exception="ValueError", queue="images")
    page = text(client.get(f"{PAGE}?group=exception"))
    assert page.index("shop.Timeout</bdi></strong> in <bdi>Mailer") < page.index(
        "ValueError</bdi></strong> in"
    )
    assert '<td class="rq-number">3</td>' in page
    assert "Grouped: 4 of the newest 4, of 4 in all" in page
    assert "no &amp; answer" in page
    links = [
        link for link in Elements(page).values("a", "href") if "exception=shop.Timeout&job=Mailer" in link
    ]
    assert links[0] == f"{PAGE}?exception=shop.Timeout&job=Mailer"
    assert "Retry these jobs: <strong>3</strong>" in text(client.get(links[1]))
    narrowed = text(client.get(f"{PAGE}?group=exception&queue=images"))
    assert "shop.Timeout</bdi>" not in narrowed
    blind = text(operator("views").get(f"{PAGE}?group=exception"))
    assert "shop.Timeout" in blind
    assert "answer" not in blind
    assert "retry_all" not in blind


def test_groups_say_how_many_of_the_failures_they_are_about(
    file_resque: Resque, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("django_resque.monitor.search.WINDOW", 2)
    for number in range(3):
        a_failure(file_resque, exception="First" if number == 0 else "Later")
    with override_settings(RESQUE_MONITOR={"SEARCH_SECONDS": 0}):
        page = text(superuser().get(f"{PAGE}?group=exception"))
        assert "Grouped: 2 of the newest 2, of 3 in all" in page
        [more] = [link for link in Elements(page).values("a", "href") if "from=2" in link]
        assert "<bdi>First</bdi></strong> in" in text(superuser().get(PAGE + more))


def test_everything_is_retried_in_as_many_requests_as_it_takes(resque: Resque) -> None:
    client = superuser()
    failures = [a_failure(resque, args=(number,)) for number in range(5)]
    # Retried before, it stays.
    resque.failures.requeue(failures[4].id, keep=True)
    a_failure(resque, queue="images")
    url = f"{PAGE}retry_all/?queue=mail"
    asked = client.get(url)
    assert "Retry these jobs: <strong>5</strong> – <bdi>queue mail</bdi>" in text(asked)
    assert resque.failures.count() == 6
    with override_settings(RESQUE_MONITOR={"BULK_LIMIT": 3}):
        first = sent(client, url, asked)
        assert "3 done" in text(first)
        assert resque.failures.count() == 3
        last = sent(client, url, first)
    assert "Retry: 4 done." in text(last)
    left = resque.failures.peek(0, 9, FailureFilter(queue="mail"))
    assert [failure.id for failure in left] == [failures[4].id]
    assert sorted(str(job.args) for job in resque.peek("mail", 0, 9)) == [f"({n},)" for n in range(5)]


def test_what_cannot_be_retried_is_counted_once_and_does_not_stop_the_rest(file_resque: Resque) -> None:
    client = superuser()
    failures = [a_failure(file_resque, args=(number,)) for number in range(4)]
    for failure in failures[2:]:
        file_resque.storage.jobs.enqueue([entry_of(failure)])
    url = f"{PAGE}retry_all/"
    with override_settings(RESQUE_MONITOR={"BULK_LIMIT": 1}):
        page, requests = sent(client, url, client.get(url)), 1
        while "rq-going-on" in text(page):
            page, requests = sent(client, url, page), requests + 1
    assert requests == 4
    assert "2 done" in text(page)
    assert "2 not retryable" in text(page)
    assert file_resque.failures.count() == 2


def entry_of(failure: Failure) -> Entry:
    """The job that failed, as it would wait."""
    return Entry(failure.job_id, failure.queue, failure.payload)


def test_a_request_that_takes_long_leaves_the_rest_to_the_next(
    file_resque: Resque, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk, "SECONDS", -1.0)
    monkeypatch.setattr("django_resque.monitor.failed_rows.SLICE", 2)
    client = superuser()
    for number in range(3):
        a_failure(file_resque, args=(number,))
    url = f"{PAGE}clear_all/"
    first = sent(client, url, client.get(url))
    assert "2 done</strong>, of about 3" in text(first)
    assert 'id="rq-going-on"' in text(first)
    assert "Remove: 3 done." in text(sent(client, url, first))
    assert file_resque.failures.count() == 0


def test_many_are_not_touched_before_their_number_was_typed(
    file_resque: Resque, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("django_resque.monitor.confirm.MANY", 2)
    client = superuser()
    for number in range(3):
        a_failure(file_resque, args=(number,))
    url = f"{PAGE}clear_all/"
    asked = client.get(url)
    assert "Type <strong>3</strong>" in text(asked)
    for typed in ("", "2"):
        refused = sent(client, url, asked, typed=typed)
        assert "Nothing has been done" in text(refused)
    assert file_resque.failures.count() == 3
    assert "Remove: 3 done." in text(sent(client, url, refused, typed=" 3 "))
    assert file_resque.failures.count() == 0


def test_a_text_means_all_that_have_it_though_the_search_found_a_part(
    file_resque: Resque, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = superuser()
    for number in range(6):
        a_failure(file_resque, error="needle" if number % 2 else "hay", args=(number,))
    monkeypatch.setattr("django_resque.monitor.search.WINDOW", 2)
    url = f"{PAGE}clear_all/?q=needle"
    with override_settings(RESQUE_MONITOR={"SEARCH_SECONDS": 0}):
        asked = client.get(url)
        assert "at least 1" in text(asked)
        assert "Remove: 3 done." in text(sent(client, url, asked, typed="1"))
    assert {failure.error for failure in file_resque.failures.peek(0, 9)} == {"hay"}


def test_the_list_offers_what_may_be_done_to_all_and_only_to_those_who_may(file_resque: Resque) -> None:
    client, viewer = superuser(), operator("views")
    assert "retry_all" not in text(client.get(PAGE))
    kept = a_failure(file_resque, args=(1,))
    a_failure(file_resque, args=(2,))
    file_resque.failures.requeue(kept.id, keep=True)
    links = Elements(text(client.get(PAGE))).values("a", "href")
    assert {"retry_all/", "clear_all/", "clear_all/?retried=yes"} <= set(links)
    assert "Retry all that match" in text(client.get(f"{PAGE}?queue=mail"))
    assert "retry_all" not in text(viewer.get(PAGE))
    for verb in ("retry_all", "clear_all"):
        assert viewer.get(f"{PAGE}{verb}/").status_code == 403
        assert viewer.post(f"{PAGE}{verb}/", {"confirmed": "yes"}).status_code == 403
        assert client.get(f"{PAGE}{verb}/?exeption=Timeout")["Location"] == f"{PAGE}?e=1"
    assert file_resque.failures.count() == 2
    url = f"{PAGE}clear_all/?retried=yes"
    assert "Remove: 1 done." in text(sent(client, url, client.get(url)))
    assert file_resque.failures.get(kept.id) is None
