"""What the overview tells an operator: what is wrong and what to do, and what happened lately."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
import redis
from django.test import override_settings
from servers.fleet import Fleet
from servers.wanted import or_skip
from stores import REDIS

from django_resque import resque as default_resque
from django_resque.monitor.source import forget_snapshot
from resque_core import Resque
from resque_core.clock import utc_now
from tests.cli.store_of import a_failure, a_held_job, a_worker
from tests.django.operators import Elements, operator, superuser

pytestmark = [pytest.mark.usefixtures("database"), pytest.mark.every_store]
OVERVIEW = "/admin/resque/overview/"


def overview(query: str = "") -> str:
    response = superuser().get(f"{OVERVIEW}{query}")
    assert response.status_code == 200
    return str(response.content.decode())


def test_an_empty_store_says_how_to_begin(file_resque: Resque) -> None:
    assert file_resque.queues() == []
    shown = overview()
    assert "Nothing has run yet" in shown
    assert "manage.py resque_work --queues &#x27;*&#x27;" in shown
    with override_settings(RESQUE_WEB_ALONE=True):
        assert "resque work --queues &#x27;*&#x27; --require shop.jobs" in overview()


def test_queues_that_nobody_listens_to_are_told_with_the_command_that_helps(resque: Resque) -> None:
    for _ in range(2):
        resque.enqueue_to("lonely one", "Job")
    assert "No worker runs, and 2 jobs wait." in overview()
    a_worker(resque)
    resque.enqueue_to("mail", "Mailer")
    shown = overview()
    assert "No worker listens to lonely one, where 2 jobs wait." in shown
    assert "manage.py resque_work --queues &#x27;lonely one&#x27;" in shown
    assert "listens to mail" not in shown
    assert "/admin/resque/queue/?state=alone" in Elements(shown).values("a", "href")
    for number in range(6):
        resque.enqueue_to(f"queue{number}", "Job")
    assert "No worker listens to 2 more queues, where 2 jobs wait." in overview()


def test_workers_that_are_lost_are_told_and_listen_to_nothing(file_resque: Resque) -> None:
    file_resque.enqueue_to("mail", "Mailer")
    a_worker(file_resque, "host+1:1:mail", lease=-1.0)
    shown = overview()
    assert "1 worker has missed the heartbeat: host:1." in shown
    assert "No worker is left to take their jobs back." in shown
    assert "No worker runs, and 1 job waits." in shown
    a_worker(file_resque, "host+2:1:mail")
    shown = overview()
    assert "The sweep of any other worker takes their jobs back" in shown
    assert "job waits" not in shown


def test_a_pause_of_all_is_ended_by_who_may(file_resque: Resque) -> None:
    a_worker(file_resque)
    file_resque.pause_all()
    assert "Resume all queues" not in operator("views").get(OVERVIEW).content.decode()
    shown = overview()
    assert "All queues are paused" in shown
    assert "/admin/resque/queue/*/resume/" in Elements(shown).values("form", "action")
    said = superuser().post("/admin/resque/queue/*/resume/", {"next": OVERVIEW}, follow=True)
    assert "All queues are resumed." in said.content.decode()
    assert file_resque.paused() == frozenset()


def test_delayed_jobs_and_recurring_entries_that_are_late_ask_for_a_scheduler(
    resque: Resque, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(2):
        resque.enqueue_in_to("mail", 3600, "Mailer")
    made = resque.set_schedule("nightly", {"class": "Report"}, cron="0 3 * * *")
    assert "overdue" not in overview()
    late = replace(made, next_run=utc_now() - timedelta(minutes=5))
    assert resque.storage.recurring.put(late.stored(), made.revision)
    monkeypatch.setattr("django_resque.monitor.concerns.utc_now", lambda: utc_now() + timedelta(hours=2))
    shown = overview()
    assert "2 delayed jobs are overdue" in shown
    assert "no worker runs. Start one: <code>manage.py resque_scheduler</code>" in shown
    assert "1 recurring entry is due, and not run." in shown
    monkeypatch.setattr("django_resque.monitor.concerns.COUNTED", 2)
    assert "2 or more delayed jobs are overdue" in overview()
    a_worker(resque)
    assert "does each have --no-promote" in overview()


def test_a_failed_store_that_is_nearly_full_says_what_goes(file_resque: Resque) -> None:
    a_failure(file_resque)
    with override_settings(RESQUE={"default": {"URL": file_resque.url, "MAX_FAILURES": 1}}, RESQUE_URL=None):
        assert "The failed store has 1 of at most 1 jobs." in overview()
        default_resque.close()
    assert "The failed store has" not in overview()


def test_cards_tell_of_the_last_hour_and_of_the_oldest_job(resque: Resque) -> None:
    a_failure(resque, utc_now() - timedelta(days=3))
    assert "1 in the last hour" in overview()
    assert "1 in the last hour" in overview("?span=24h")
    assert "1 today (UTC)" in overview("?span=30d")
    resque.enqueue_to("images", "Thumbnail")
    assert "<bdi>images</bdi></small>" in overview()


def test_the_overview_asks_redis_less_than_ten_times(
    fleet: Fleet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = or_skip(lambda: REDIS[-1].new(fleet, tmp_path))
    # As in a site: the parts of a page share what they see.
    monkeypatch.setattr("django_resque.monitor.source.FRESH_SECONDS", 600.0)
    with override_settings(RESQUE_URL=store.url):
        for number in range(30):
            default_resque.enqueue_to(f"queue{number}", "Job")
            default_resque.enqueue_in_to("mail", 3600 + number, "Mailer")
            a_failure(default_resque)
        a_worker(default_resque)
        default_resque.enqueue_to("mail", "Mailer")
        a_held_job(default_resque, "host+1:1:mail")
        default_resque.storage.queues.sample()
        for span in ("1h", "30d"):
            overview(f"?span={span}")
            forget_snapshot()
            assert 0 < requests(store.url, f"?span={span}") < 10
        forget_snapshot()
        default_resque.close()
    store.discard()


def requests(url: str, query: str) -> int:
    """How many a look at the overview takes; what scripts do in the server is left out."""
    marker = uuid4().hex
    with redis.Redis.from_url(url) as client, client.monitor() as monitor:
        overview(query)
        with redis.Redis.from_url(url) as other:
            other.echo(marker)
        said: list[str] = []
        for event in monitor.listen():
            if marker in event["command"]:
                # Those that a new connection begins with are of this function itself.
                return sum(command not in {"", "HELLO", "SELECT", "CLIENT"} for command in said)
            said.append("" if event["client_type"] == "lua" else event["command"].split()[0].upper())
    raise AssertionError
