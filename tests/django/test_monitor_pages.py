"""What the other pages show, and what their buttons do."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from django.core.management import call_command

from resque_core import Job, Resque
from resque_core.clock import utc_now
from resque_core.failing import failure_of
from resque_core.job import Entry
from resque_core.noting import sequel_of
from resque_core.outcome import Ended, Problem
from resque_core.timing import Timings, histogram
from tests.cli.store_of import a_failure, a_held_job, a_worker
from tests.django.operators import operator, superuser

pytestmark = [pytest.mark.usefixtures("database"), pytest.mark.every_store]


def page(address: str) -> str:
    response = superuser().get(f"/admin/resque/{address}")
    assert response.status_code == 200
    return str(response.content.decode())


@pytest.mark.every_store(always=True)
def test_the_overview_counts_warns_and_links(resque: Resque) -> None:
    assert "Nothing has run yet" in page("overview/")
    resque.enqueue_to("lonely", "Job")
    resque.enqueue_to("mail", "Mailer")
    a_worker(resque)
    a_held_job(resque, "host+1:1:mail")
    a_failure(resque, queue="images")
    shown = page("overview/")
    assert "No worker listens to lonely, where 1 job waits." in shown
    assert "of them failed" in shown
    for kind in ("worker", "workingjob"):
        assert f'href="/admin/resque/{kind}/host_2B1_3A1_3Amail/change/"' in shown
    live = json.loads(page("overview/live.json"))
    assert (live["pending"], live["working"], live["failed"], live["queues"]["lonely"]) == (1, 1, 1, 1)


@pytest.mark.every_store(always=True)
def test_a_queue_shows_its_jobs_from_both_ends_and_is_steered(resque: Resque) -> None:
    client = superuser()
    for number in range(60):
        resque.enqueue_to("a/b", "Job", number)
    address = "/admin/resque/queue/a_2Fb"
    shown = client.get(f"{address}/change/?start=50").content.decode()
    assert "<code>50</code>" in shown
    assert "<code>49</code>" not in shown
    assert client.get(f"{address}/change/?order=newest").content.decode().index("<code>59</code>") > 0
    client.post(f"{address}/pause/")
    assert resque.paused() == {"a/b"}
    assert "Paused" in page("queue/?state=paused")
    client.post(f"{address}/resume/")
    assert resque.paused() == frozenset()
    client.post(f"{address}/clear/")
    assert resque.queue_sizes() == {"a/b": 0}
    client.post(f"{address}/delete/")
    assert resque.queues() == []
    assert "is gone" in client.get(f"{address}/change/", follow=True).content.decode()


def test_a_queue_says_how_long_its_jobs_have_waited(
    file_resque: Resque, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits = Timings(wait=histogram({"50": 10, "2500": 9, "inf": 1}, 30.0))
    file_resque.enqueue_to("mail", "Mailer", 1)
    assert "<dt>Jobs have waited</dt><dd>–</dd>" in page("queue/mail/change/")
    monkeypatch.setattr(file_resque.storage.queues, "timings", lambda _names: {"mail": waits})
    assert "half up to 50 ms, 95 % up to 2.5 s" in page("queue/mail/change/")


def test_ticked_queues_are_paused_and_after_a_question_deleted(file_resque: Resque) -> None:
    client = superuser()
    for name in ("one", "two", "three"):
        file_resque.enqueue_to(name, "Job")
    ticked = {"_selected_action": ["one", "two"], "index": "0"}
    client.post("/admin/resque/queue/", {"action": "pause_ticked"} | ticked)
    assert file_resque.paused() == {"one", "two"}
    client.post("/admin/resque/queue/", {"action": "delete_ticked"} | ticked)
    assert len(file_resque.queues()) == 3
    client.post("/admin/resque/queue/", {"action": "delete_ticked", "confirmed": "yes"} | ticked)
    assert file_resque.queues() == ["three"]
    assert "three" not in page("queue/?q=nosuch")


def test_workers_hear_commands_and_lost_ones_are_forgotten(resque: Resque) -> None:
    client = superuser()
    worker = a_worker(resque, "web+1:7:mail")
    address = "/admin/resque/worker/web_2B1_3A7_3Amail"
    assert "host:1" in page("worker/")
    assert "Worker id" in client.get(f"{address}/change/").content.decode()
    client.post(f"{address}/quiet/")
    client.post(f"{address}/stop/")
    assert resque.storage.workers.beat(worker.id, 30.0).commands == ("quiet", "stop")
    assert "is alive" in client.post(f"{address}/forget/", follow=True).content.decode()
    resque.storage.workers.beat(worker.id, -1.0)
    client.post(f"{address}/forget/")
    assert resque.workers() == []
    assert "gone already" in client.post(f"{address}/stop/", follow=True).content.decode()


def test_running_jobs_are_shown_and_what_is_no_job_does_not_break_a_page(file_resque: Resque) -> None:
    file_resque.enqueue_to("mail", "Mailer", "to you")
    a_worker(file_resque)
    a_held_job(file_resque, "host+1:1:mail")
    file_resque.storage.jobs.enqueue([Entry("x", "mail", b"\xff{")])
    assert "to you" in page("workingjob/")
    of_job, of_worker = "workingjob/host_2B1_3A1_3Amail/change/", "worker/host_2B1_3A1_3Amail/change/"
    assert f"/admin/resque/{of_worker}" in page(of_job)
    assert "to you" in page(of_job)
    assert f"/admin/resque/{of_job}" in page(of_worker)
    blind = operator("views").get(f"/admin/resque/{of_job}").content.decode()
    assert "••••••" in blind
    assert "to you" not in blind
    superuser().post("/admin/resque/workingjob/host_2B1_3A1_3Amail/stop/")
    assert file_resque.storage.workers.beat("host+1:1:mail", 30.0).commands == ("kill-job",)
    assert "not JSON" in page("queue/mail/change/")


def test_delayed_jobs_are_shown_run_now_and_removed(resque: Resque) -> None:
    client = superuser()
    first, second, third = (resque.enqueue_in_to("mail", 3600 + n, "Mailer", n) for n in range(3))
    assert first
    assert second
    assert third
    shown = page("delayedjob/")
    assert shown.index(first.id) < shown.index(third.id)
    assert "in 1 h" in shown
    about = page(f"delayedjob/{second.id}/change/")
    assert second.id in about
    assert "Run now" in about
    client.post(f"/admin/resque/delayedjob/{first.id}/run/")
    assert (
        "is gone" in client.get(f"/admin/resque/delayedjob/{first.id}/change/", follow=True).content.decode()
    )
    assert [job.id for job in resque.peek("mail")] == [first.id]
    ticked = {"_selected_action": [second.id], "index": "0", "action": "remove_ticked"}
    client.post("/admin/resque/delayedjob/", ticked)
    assert resque.schedule.count() == 2
    client.post("/admin/resque/delayedjob/", ticked | {"confirmed": "yes"})
    assert [one.job.id for one in resque.schedule.peek()] == [third.id]
    assert (
        "gone already"
        in client.post(f"/admin/resque/delayedjob/{first.id}/run/", follow=True).content.decode()
    )


def test_recurring_entries_are_shown_run_paused_and_removed(resque: Resque) -> None:
    client = superuser()
    for name in ("nightly report", "a/b"):
        says = {"class": "Report", "queue": "reports", "args": [{"token": "abc", "day": "today"}]}
        resque.set_schedule(name, says, every=3600)
    shown = page("schedule/")
    assert shown.index("a/b") < shown.index("nightly report")
    assert "in 60 min" in shown
    assert "abc" not in shown
    address = "/admin/resque/schedule/a_2Fb"
    client.post(f"{address}/run/")
    [job] = resque.peek("reports", 0, 5)
    assert job.args == ({"token": "abc", "day": "today"},)
    client.post(f"{address}/pause/")
    assert "Paused" in client.get(f"{address}/change/").content.decode()
    client.post(f"{address}/resume/")
    assert [one.paused for one in resque.all_schedules()] == [False, False]
    assert "would be deleted for good" in client.get(f"{address}/change/").content.decode()
    ticked = {"_selected_action": ["a/b"], "index": "0"}
    client.post("/admin/resque/schedule/", ticked | {"action": "pause_ticked"})
    assert [one.paused for one in resque.all_schedules()] == [True, False]
    client.post("/admin/resque/schedule/", ticked | {"action": "remove_ticked"})
    assert len(resque.all_schedules()) == 2
    client.post("/admin/resque/schedule/", ticked | {"action": "remove_ticked", "confirmed": "yes"})
    assert [one.name for one in resque.all_schedules()] == ["nightly report"]
    assert "gone already" in client.post(f"{address}/remove/", follow=True).content.decode()
    assert "There is no recurring entry" in client.post(f"{address}/run/", follow=True).content.decode()
    assert page("schedule/?q=nosuch").count("nightly") == 0


def test_a_recurring_entry_is_run_with_other_arguments_once(file_resque: Resque) -> None:
    client = superuser()
    file_resque.set_schedule(
        "nightly", {"class": "Report", "queue": "reports", "args": ["today"]}, every=3600
    )
    address = "/admin/resque/schedule/nightly"
    assert "[&quot;today&quot;]</textarea>" in client.get(f"{address}/change/").content.decode()
    said = {"args": '["yesterday"]', "kwargs": '{"name": "Ada"}', "next": f"{address}/change/"}
    answer = client.post(f"{address}/run_with/", said)
    assert answer["Location"] == f"{address}/change/"
    [job] = file_resque.peek("reports", 0, 5)
    assert (job.args, job.kwargs) == (("yesterday",), {"name": "Ada"})
    entry = file_resque.fetch_schedule("nightly")
    assert entry
    assert entry.entry.args == ("today",)


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({"args": "[1"}, "args: not JSON"),
        ({"args": "[" * 100_000}, "args: not JSON"),
        ({"args": '{"a": 1}'}, "is not a list"),
        ({"kwargs": "7"}, "is not an object"),
        ({"args": "[NaN]"}, "was not run"),
        ({}, "No argument was given"),
    ],
)
def test_what_is_no_argument_runs_nothing_and_says_why(
    file_resque: Resque, said: dict[str, str], told: str
) -> None:
    file_resque.set_schedule("nightly", {"class": "Report", "queue": "reports"}, every=3600)
    answer = superuser().post("/admin/resque/schedule/nightly/run_with/", said, follow=True)
    assert told in answer.content.decode()
    assert file_resque.queues() == []


def test_hidden_arguments_are_not_filled_in(file_resque: Resque) -> None:
    says = {"class": "Report", "queue": "reports", "args": [{"token": "abc"}]}
    file_resque.set_schedule("nightly", says, every=3600)
    for client in (superuser(), operator("views", "manage_jobs")):
        shown = client.get("/admin/resque/schedule/nightly/change/").content.decode()
        assert "Some of its own are hidden" in shown
        assert "abc" not in shown


def test_a_job_that_waits_for_another_attempt_says_which_and_is_counted(resque: Resque) -> None:
    resque.enqueue_to("mail", "Mailer", 1)
    a_worker(resque)
    held = a_held_job(resque, "host+1:1:mail")
    again = replace(held.entry, payload=b'{"class":"Mailer","args":[1],"attempt":2}')
    assert resque.storage.jobs.reschedule(held, again, timedelta(hours=1))
    assert "attempt 2" in page("delayedjob/")
    assert "1 retrying" in page("overview/")
    assert json.loads(page("overview/live.json"))["retrying"] == 1


def test_a_job_of_a_batch_says_how_far_that_has_come(file_resque: Resque) -> None:
    batch = file_resque.batch([Job(queue="mail", name="Mailer", args=(n,)) for n in range(3)])
    a_worker(file_resque)
    held = a_held_job(file_resque, "host+1:1:mail")
    about = "workingjob/host_2B1_3A1_3Amail/change/"
    assert f"{batch.id}: 0 of 3 jobs have ended" in page(about)
    failure = failure_of(held, Problem("ValueError", "no"), None)
    assert file_resque.storage.jobs.fail(
        held, failure, sequel=sequel_of(held, Ended(held.token, Problem("ValueError", "no")), "")
    )
    assert f"{batch.id}: 1 of 3 jobs have ended, 1 failed" in page(f"failedjob/{failure.id}/change/")


def test_batches_are_listed_with_their_progress_and_each_has_a_page(resque: Resque) -> None:
    client = superuser()
    assert "No batch in the last day." in client.get("/admin/resque/batch/").content.decode()
    done = resque.batch([])
    batch = resque.batch([Job(queue="mail", name="Mailer", args=(n,)) for n in range(4)], then=("Report", 1))
    with resque.reserve("mail") as held:
        assert held is not None
        held.fail(ValueError("no"))
    text = client.get("/admin/resque/batch/").content.decode()
    assert text.index(batch.id) < text.index(done.id)
    assert 'value="1" aria-label="1 of 4 jobs have ended"' in text
    assert "0 of 0" in text
    about = client.get(f"/admin/resque/batch/{batch.id}/change/").content.decode()
    assert "▶ Running" in about
    assert batch.callback in about
    assert "✔ Ended" in client.get(f"/admin/resque/batch/{done.id}/change/").content.decode()
    gone = client.get("/admin/resque/batch/nobody/change/", follow=True).content.decode()
    assert "is gone" in gone


def test_a_run_that_does_not_come_and_one_without_a_job_are_marked(file_resque: Resque) -> None:
    made = file_resque.set_schedule("nightly", {"class": "Report"}, cron="0 3 * * *")
    late = replace(made, next_run=utc_now() - timedelta(minutes=5), note="2026: vetoed by a hook")
    assert file_resque.storage.recurring.put(late.stored(), made.revision)
    shown = page("schedule/")
    assert "Does a scheduler run?" in shown
    assert "vetoed by a hook" in shown


def test_no_model_needs_a_table_or_another_migration() -> None:
    call_command("makemigrations", "--check", "--dry-run", verbosity=0)
