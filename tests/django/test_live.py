"""What open pages and watchdogs ask for, again and again."""

import threading

import pytest
from django.test import Client, override_settings
from stores import Store

from django_resque import resque as default_resque
from django_resque.monitor import health
from resque_core import Resque
from tests.django.operators import Elements, superuser

pytestmark = [pytest.mark.usefixtures("database"), pytest.mark.every_store]


def test_a_page_that_looks_as_before_is_not_sent_again(file_resque: Resque) -> None:
    root, live = superuser(), {"X-Resque-Live": "1"}
    # With forms, each of which has another token in each answer; and without times, which go on meanwhile.
    file_resque.enqueue_to("mail", "Mailer")
    file_resque.pop("mail")
    file_resque.pause_all()
    address = "/admin/resque/queue/"
    first = root.get(address, headers=live)
    assert b"csrfmiddlewaretoken" in first.content
    again = live | {"If-None-Match": first["ETag"]}
    second = root.get(address, headers=again)
    assert (second.status_code, second.content, second["ETag"]) == (304, b"", first["ETag"])
    assert root.get(address, headers={"If-None-Match": first["ETag"]}).status_code == 200
    file_resque.enqueue_to("mail", "Mailer")
    third = root.get(address, headers=again)
    assert third.status_code == 200
    assert third["ETag"] != first["ETag"]


def test_the_shortest_interval_is_the_settings(file_resque: Resque) -> None:
    assert file_resque.queues() == []
    for options, floor in (({}, "2"), ({"MIN_INTERVAL": 15}, "15")):
        with override_settings(RESQUE_MONITOR=options):
            shown = superuser().get("/admin/resque/queue/").content.decode()
        assert Elements(shown).values("select", "data-floor") == [floor]


def test_anybody_may_ask_whether_the_store_answers_and_hears_no_more(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    # However slow this machine is now.
    monkeypatch.setattr(health, "SECONDS", 600.0)
    stranger = Client()
    with override_settings(RESQUE_URL=store.url):
        for address in ("/admin/resque/overview/healthz", "/ops/healthz"):
            response = stranger.get(address)
            assert (response.status_code, response.content) == (200, b"ok\n")
            assert response["Content-Type"] == "text/plain"
            assert "no-store" in response["Cache-Control"]
            assert stranger.head(address).status_code == 200
            assert stranger.post(address).status_code == 405
        store.break_down()
        default_resque.close()
        response = stranger.get("/ops/healthz")
        assert (response.status_code, response.content) == (503, b"down\n")
        store.come_back()
        default_resque.close()


def test_a_store_that_hangs_is_asked_by_one_thread_whoever_asks(
    file_resque: Resque, monkeypatch: pytest.MonkeyPatch
) -> None:
    released, asked = threading.Event(), []

    def hang() -> frozenset[str]:
        asked.append(1)
        released.wait()
        return frozenset()

    monkeypatch.setattr(file_resque.storage.queues, "paused", hang)
    monkeypatch.setattr(health, "SECONDS", 0.01)
    try:
        assert not health.answers()
        assert not health.answers()
        assert len(asked) <= 1
    finally:
        released.set()
    monkeypatch.setattr(health, "SECONDS", 600.0)
    assert health.answers()
