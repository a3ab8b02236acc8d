"""`/metrics` of the monitor: who may read it, and what there is."""

import sys

import pytest
from django.test import Client, override_settings

from resque_core import Resque
from tests.django.operators import operator

pytestmark = pytest.mark.usefixtures("database")

PATH = "/ops/metrics"


def test_who_may_see_the_numbers_reads_them(file_resque: Resque) -> None:
    file_resque.enqueue_to("mail", "Mailer")
    response = operator("views").get(PATH)
    assert response.status_code == 200
    assert response["Content-Type"].startswith("text/plain; version=")
    assert "no-store" in response["Cache-Control"]
    assert b'resque_queue_pending{queue="mail"} 1.0' in response.content.splitlines()


def test_others_do_not(file_resque: Resque) -> None:
    assert Client().get(PATH).status_code == 302
    assert operator().get(PATH).status_code == 403
    assert operator("views").post(PATH).status_code == 405


def test_the_token_of_the_settings_is_enough_and_no_other(file_resque: Resque) -> None:
    with override_settings(RESQUE_MONITOR={"METRICS_TOKEN": "s\u00e9same"}):
        for header, status in (
            *(("Bearer s\u00e9same", 200), ("bearer s\u00e9same", 200)),
            *(("Bearer wrong", 302), ("Bearer ", 302), ("Basic s\u00e9same", 302)),
        ):
            assert Client().get(PATH, headers={"Authorization": header}).status_code == status
        assert (
            Client().get("/ops/stats.txt", headers={"Authorization": "Bearer s\u00e9same"}).status_code == 302
        )
    for header in ("Bearer ", "Bearer None"):
        assert Client().get(PATH, headers={"Authorization": header}).status_code == 302


def test_without_the_library_it_says_what_to_install(
    file_resque: Resque, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "prometheus_client", None)
    response = operator("views").get(PATH)
    assert (response.status_code, response["Content-Type"]) == (501, "text/plain; charset=utf-8")
    assert b'pip install "resque-core[metrics]"' in response.content
