"""How a worker goes from one job to the next: in one call of the store, if nothing has to come between."""

import logging
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from stores import prepared
from watched_jobs import Watched

from resque_core import Resque, Worker, register
from resque_core.errors import StorageError, WorkerBusyError
from resque_core.records import Lapsed, Reservation, Verdict
from resque_core.registry import registry

RAN: list[int] = []
#: What happens within the job of that number.
ACTS: dict[int, Callable[[], object]] = {}


class Lift:
    queue = "shop"

    @staticmethod
    def perform(number: int) -> None:
        RAN.append(number)
        ACTS.get(number, int)()


@pytest.fixture(autouse=True)
def _registered() -> None:
    RAN.clear()
    ACTS.clear()
    if registry.made_of(Lift) is None:
        register(Lift)


@pytest.fixture
def resque(tmp_path: Path) -> Iterator[Resque]:
    with Resque(prepared(tmp_path / "resque.sqlite3")) as resque:
        resque.enqueue_many([(Lift, number) for number in range(3)])
        yield resque


@pytest.fixture
def worker(resque: Resque, watched: Watched) -> Worker:
    return Worker(resque, "shop", burst=True, fork=False)


def fail() -> None:
    raise ValueError


def test_a_busy_worker_makes_one_call_a_job(resque: Resque, watched: Watched, worker: Worker) -> None:
    assert worker.work() == 0
    assert watched.calls == ["reserve", *["complete_and_reserve"] * 3]
    assert RAN == [0, 1, 2]
    assert resque.stats.all() == {"processed": 3}


def test_a_failed_job_is_settled_by_itself(resque: Resque, watched: Watched, worker: Worker) -> None:
    ACTS[0] = fail
    worker.work()
    assert watched.calls == ["reserve", "fail", "reserve", *["complete_and_reserve"] * 2]
    assert resque.stats.all() == {"processed": 3, "failed": 1}


def test_a_worker_that_was_told_to_stop_takes_no_other_job(
    resque: Resque, watched: Watched, worker: Worker
) -> None:
    ACTS[1] = worker.shutdown
    worker.work()
    assert watched.calls == ["reserve", "complete_and_reserve", "complete"]
    assert resque.size("shop") == 1


def test_a_beat_that_is_due_comes_between(
    resque: Resque, watched: Watched, worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    # It brings commands: a worker that was told to stop must not take another job first.
    def be_told() -> None:
        resque.storage.workers.command(worker.id, "stop")
        worker.presence._lease.timer.now()

    ACTS[0] = be_told
    worker.work()
    assert watched.calls == ["reserve", "complete"]
    assert resque.size("shop") == 2


def test_a_lost_reply_loses_no_job_and_runs_none_twice(
    resque: Resque, watched: Watched, worker: Worker
) -> None:
    watched.to_lose = ["complete_and_reserve"]
    worker.work()
    assert watched.calls[:4] == ["reserve", "complete_and_reserve", "complete", "reserve"]
    assert RAN == [0, 1, 2]
    assert resque.stats.all() == {"processed": 3}


def test_a_worker_that_is_stopped_after_a_lost_reply_hands_the_next_job_back(
    resque: Resque, watched: Watched, worker: Worker
) -> None:
    ACTS[0] = lambda: setattr(watched, "to_lose", ["complete_and_reserve"])
    watched_outage = worker._outage.begin

    def begin(error: StorageError) -> None:
        worker.shutdown()
        watched_outage(error)

    worker._outage.begin = begin  # type: ignore[method-assign]
    worker.work()
    assert RAN == [0]
    assert resque.stats.all() == {"processed": 1}
    assert resque.size("shop") == 2
    assert resque.workers() == []


def test_a_job_that_was_taken_away_is_told_and_the_worker_goes_on(
    resque: Resque, watched: Watched, worker: Worker, caplog: pytest.LogCaptureFixture
) -> None:
    def be_swept() -> None:
        held = worker.in_hand
        assert held
        resque.storage.workers.beat(worker.id, -1)
        assert resque.storage.workers.sweep(Lapsed(worker.id, held.reservation), Verdict())

    ACTS[0] = lambda: be_swept() if RAN == [0] else None
    with caplog.at_level(logging.WARNING, "resque"):
        worker.work()
    assert watched.calls[:3] == ["reserve", "complete_and_reserve", "reserve"]
    assert "lost: job" in caplog.text
    assert RAN == [0, 0, 1, 2]
    assert resque.stats.all() == {"processed": 3}


def test_a_worker_that_slept_since_it_took_a_job_leaves_it_to_the_one_that_has_it_by_now(
    resque: Resque, watched: Watched, worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    reserve = worker.reserve

    def sleep_afterwards() -> Any:
        monkeypatch.setattr(worker, "reserve", reserve)
        taken = reserve()
        assert isinstance(taken, Reservation)
        oversleep(worker)
        resque.storage.workers.beat(worker.id, -1)
        assert resque.storage.workers.sweep(Lapsed(worker.id, taken), Verdict())
        with resque.reserve("shop") as held:
            assert held
            assert held.perform()
        return taken

    monkeypatch.setattr(worker, "reserve", sleep_afterwards)
    assert worker.work() == 0
    assert RAN == [0, 1, 2]
    assert resque.stats.all() == {"processed": 3}


def test_a_worker_that_slept_since_it_took_a_job_begins_it_once_it_knows_that_it_is_still_its_own(
    resque: Resque, watched: Watched, worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    reserve = worker.reserve

    def sleep_afterwards() -> Any:
        monkeypatch.setattr(worker, "reserve", reserve)
        taken = reserve()
        oversleep(worker)
        return taken

    monkeypatch.setattr(worker, "reserve", sleep_afterwards)
    worker.work()
    assert watched.calls[:3] == ["reserve", "reserve", "complete_and_reserve"]
    assert RAN == [0, 1, 2]
    assert resque.stats.all() == {"processed": 3}


def oversleep(worker: Worker) -> None:
    """Let a whole lease pass for the worker, and for nobody else."""
    lease = worker.presence._lease
    lease._until -= lease.seconds
    lease.timer.now()


def test_a_store_that_has_gone_back_in_time_gets_the_job_back_and_the_worker_goes_on(
    resque: Resque, worker: Worker, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """As a Redis does that is killed: it comes back without what it was told in its last second."""
    file, before = tmp_path / "resque.sqlite3", tmp_path / "before.sqlite3"
    ACTS[0] = lambda: copy(file, before)
    ACTS[1] = lambda: copy(before, file) if RAN == [0, 1] else None
    with caplog.at_level(logging.WARNING, "resque"):
        assert worker.work() == 0
    assert RAN == [0, 1, 0, 1, 2]
    assert "It goes back to its queue" in caplog.text
    assert resque.stats.all() == {"processed": 3}
    assert resque.workers() == []


def test_a_worker_whose_hands_hold_what_is_no_job_asks_again_after_its_interval_only(
    resque: Resque, watched: Watched, worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    refusals = [WorkerBusyError("held by a stranger")] * 3
    reserve = worker.reserve

    def busy() -> Any:
        if refusals:
            raise refusals.pop()
        return reserve()

    monkeypatch.setattr(worker, "reserve", busy)
    began = time.monotonic()
    worker.work(0.1)
    assert RAN == [0, 1, 2]
    assert time.monotonic() - began >= 0.3


def copy(source: Path, target: Path) -> None:
    with closing(sqlite3.connect(source)) as one, closing(sqlite3.connect(target)) as other:
        one.backup(other)


def test_a_new_queue_is_served_within_the_call_that_names_it(resque: Resque, watched: Watched) -> None:
    ACTS[2] = lambda: resque.enqueue_to("new", Lift, 7)
    Worker(resque, "*", burst=True, fork=False).work()
    assert watched.calls[-3:] == ["complete_and_reserve", "reserve", "complete_and_reserve"]
    assert RAN == [0, 1, 2, 7]
