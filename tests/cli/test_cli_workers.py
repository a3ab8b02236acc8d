"""`resque workers`: who works, told to stop, or cleared up after."""

import json
import re
from pathlib import Path

import pytest

from resque_core import Resque, removal
from resque_core.clock import to_iso
from resque_core.records import Reservation
from tests.cli.command import Command
from tests.cli.store_of import a_held_job, a_worker

NAME = "host+1:1:mail"


@pytest.fixture
def busy(resque: Resque) -> Reservation:
    resque.enqueue_to("mail", "Mailer", 42)
    a_worker(resque, NAME)
    return a_held_job(resque, NAME)


def lapse(resque: Resque) -> None:
    """End the lease, as time would."""
    resque.storage.workers.beat(NAME, 0.0)


def test_nobody_works(command: Command) -> None:
    said = command("workers", "list")
    assert (said.code, len(said.lines)) == (0, 1)
    assert "No worker is registered." in said.err
    assert command("workers", "list", "--json").json == []


def test_a_worker_as_json_tells_everything(command: Command, resque: Resque, busy: Reservation) -> None:
    (shape,) = command("workers", "list", "--json").json
    assert 0 < shape.pop("lease_left") <= 30
    assert shape.pop("started_at").endswith("Z")
    shape.pop("heartbeat_at")
    assert shape.pop("job") == {
        "id": busy.entry.id,
        "queue": "mail",
        "class": "Mailer",
        "args": [42],
        "kwargs": {},
        "enqueued_at": json.loads(busy.entry.payload)["enqueued_at"],
        "reserved_at": busy.reserved_at and to_iso(busy.reserved_at),
        "rescues": 0,
    }
    assert shape == {
        "id": NAME,
        "host": "host",
        "pid": 1,
        "queues": ["mail"],
        "state": "working",
        "processed": 0,
        "failed": 0,
    }


def test_an_idle_worker_holds_no_job(command: Command, resque: Resque) -> None:
    a_worker(resque)
    (shape,) = command("workers", "list", "--json").json
    assert (shape["state"], shape["job"]) == ("idle", None)


@pytest.mark.usefixtures("busy")
def test_workers_are_listed_with_their_job(command: Command) -> None:
    (_, line) = command("workers", "list").lines
    name, state, left, *rest = line.split(maxsplit=6)
    assert (name, state) == (NAME, "working")
    assert 0 < int(left) <= 30
    assert rest == ["s", "0", "0", "(Job{mail} | Mailer | [42])"]


@pytest.mark.usefixtures("busy")
def test_one_worker_is_shown(command: Command) -> None:
    said = command("workers", "show", NAME)
    assert "job           (Job{mail} | Mailer | [42])" in said.lines
    assert "queues        mail" in said.lines
    assert command("workers", "show", NAME, "--json").json["id"] == NAME


@pytest.mark.parametrize("verb", ["show", "quiet", "stop", "forget"])
def test_a_worker_that_is_not_there_ends_with_1(command: Command, verb: str) -> None:
    said = command("workers", verb, "nobody")
    assert (said.code, said.out) == (1, "")
    assert said.err.startswith("resque: error: There is no worker nobody.")


@pytest.mark.parametrize("verb", ["quiet", "stop"])
def test_a_worker_hears_what_it_was_told_at_its_next_beat(
    command: Command, resque: Resque, verb: str
) -> None:
    a_worker(resque, NAME)
    said = command("workers", verb, NAME)
    assert (said.code, said.out) == (0, f"{NAME}: hears `{verb}` at its next heartbeat\n")
    assert resque.storage.workers.beat(NAME, 30).commands == (verb,)


def test_those_that_are_there_are_told_even_if_another_is_not(command: Command, resque: Resque) -> None:
    a_worker(resque, NAME)
    assert command("workers", "stop", "nobody", NAME).code == 1
    assert resque.storage.workers.beat(NAME, 30).commands == ("stop",)


def test_forgetting_a_dead_worker_fails_its_job_as_ruby_does(
    command: Command, resque: Resque, busy: Reservation
) -> None:
    lapse(resque)
    said = command("workers", "forget", NAME)
    assert (said.code, said.out) == (0, f"{NAME}: forgotten; its job {busy.entry.id} failed as DirtyExit\n")
    (failure,) = resque.failures.all()
    assert (failure.exception, failure.error, failure.worker) == (
        "DirtyExit",
        "Job still being processed",
        NAME,
    )
    assert resque.workers() == []


def test_forgetting_can_put_the_job_back(command: Command, resque: Resque, busy: Reservation) -> None:
    lapse(resque)
    said = command("workers", "forget", NAME, "--requeue")
    assert (said.code, said.out) == (0, f"{NAME}: forgotten; its job {busy.entry.id} is back on mail\n")
    assert resque.peek("mail")[0].id == busy.entry.id
    assert resque.failures.count() == 0


@pytest.mark.usefixtures("busy")
def test_a_worker_that_may_be_alive_is_not_forgotten(command: Command, resque: Resque) -> None:
    said = command("workers", "forget", NAME)
    assert (said.code, said.out) == (1, "")
    assert re.search(r"may be alive: its lease lasts another \d+ s", said.err)
    assert "--force" in said.err
    assert len(resque.workers()) == 1


@pytest.mark.usefixtures("busy")
def test_unless_it_is_forced(command: Command, resque: Resque) -> None:
    assert command("workers", "forget", NAME, "--force").code == 0
    assert resque.workers() == []
    assert not resque.storage.workers.beat(NAME, 30).alive


def test_a_worker_that_goes_on_beating_is_not_forgotten(
    command: Command, resque: Resque, busy: Reservation, monkeypatch: pytest.MonkeyPatch
) -> None:
    # What a sweep answers when the worker has beaten since its lease was ended.
    monkeypatch.setattr(type(resque.storage.workers), "sweep", lambda *seen, forced: False)
    monkeypatch.setattr(removal, "TRIES", 2)
    said = command("workers", "forget", NAME, "--force")
    assert (said.code, said.out) == (1, "")
    assert "goes on beating" in said.err
    assert [worker.reservation for worker in resque.workers()] == [busy]


def test_a_worker_that_goes_by_itself_meanwhile_is_forgotten(
    command: Command, resque: Resque, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_worker(resque, NAME)
    monkeypatch.setattr(
        type(resque.storage.workers), "sweep", lambda self, *seen, forced: not self.unregister(NAME)
    )
    said = command("workers", "forget", NAME, "--force")
    assert (said.code, said.out) == (0, f"{NAME}: forgotten; it has just gone by itself\n")


def test_an_idle_worker_is_forgotten_without_a_trace(command: Command, resque: Resque) -> None:
    a_worker(resque, NAME)
    lapse(resque)
    assert command("workers", "forget", NAME).out == f"{NAME}: forgotten\n"
    assert resque.failures.count() == 0


def test_prune_takes_jobs_back_from_dead_workers_only(
    command: Command, resque: Resque, busy: Reservation
) -> None:
    a_worker(resque, "host+2:2:mail")
    lapse(resque)
    said = command("workers", "prune")
    assert (said.code, said.out) == (0, "1 dead worker removed: 1 job requeued, 0 failed\n")
    assert resque.peek("mail")[0].id == busy.entry.id
    assert [worker.id for worker in resque.workers()] == ["host+2:2:mail"]


@pytest.mark.usefixtures("busy")
@pytest.mark.parametrize("words", [("--on-worker-death", "fail"), ("--max-rescues", "0")])
def test_prune_can_fail_the_jobs(command: Command, resque: Resque, words: tuple[str, ...]) -> None:
    lapse(resque)
    assert command("workers", "prune", *words).out == "1 dead worker removed: 0 jobs requeued, 1 failed\n"
    assert resque.failures.all()[0].exception == "PruneDeadWorkerDirtyExit"


@pytest.mark.usefixtures("busy")
def test_prune_obeys_the_configuration_file(command: Command, resque: Resque, folder: Path) -> None:
    (folder / "resque.yml").write_text("on_worker_death: fail\n")
    lapse(resque)
    command("workers", "prune", "--config", "resque.yml")
    assert resque.failures.count() == 1


def test_prune_without_dead_workers(command: Command) -> None:
    assert command("workers", "prune").out == "0 dead workers removed: 0 jobs requeued, 0 failed\n"


def test_prune_refuses_a_policy_that_does_not_exist(command: Command) -> None:
    said = command("workers", "prune", "--on-worker-death", "explode")
    assert said.code == 2
    assert said.err.startswith("resque: error: --on-worker-death: 'explode' is not one of requeue, fail.")
