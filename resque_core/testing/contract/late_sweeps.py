"""Sweeps that come too late: between the look and the step, the worker came back to life or settled."""

from collections.abc import Callable

import pytest

from resque_core.records import Lapsed, Verdict
from resque_core.storage import Storage
from resque_core.testing.contract.factories import a_failure, an_entry
from resque_core.testing.contract.scenes import LONG, find_worker, hold, join, let_lapse, snapshot, take

BACK = Verdict()


def beaten_in_time(storage: Storage, seen: Lapsed) -> None:
    """The worker was only slow."""
    storage.workers.beat(seen.worker, LONG)


def registered_again(storage: Storage, seen: Lapsed) -> None:
    """The same, after the store was away."""
    info = find_worker(storage, seen.worker)
    assert info
    storage.workers.register(info, LONG)


def completed_in_time(storage: Storage, seen: Lapsed) -> None:
    """The worker settled, and is idle and still lapsed."""
    assert seen.reservation
    storage.jobs.complete(seen.reservation)


def holding_the_next_job(storage: Storage, seen: Lapsed) -> None:
    """The worker settled and holds another job, still lapsed."""
    completed_in_time(storage, seen)
    storage.jobs.enqueue([an_entry("next")])
    take(storage, seen.worker, "next")


def holding_the_same_job_anew(storage: Storage, seen: Lapsed) -> None:
    """The same job under another token: another reservation."""
    assert seen.reservation
    storage.jobs.release(seen.reservation)
    take(storage, seen.worker)


def gone_by_itself(storage: Storage, seen: Lapsed) -> None:
    """The worker put everything back and left."""
    assert seen.reservation
    storage.jobs.release(seen.reservation)
    storage.workers.unregister(seen.worker)


def swept_by_another(storage: Storage, seen: Lapsed) -> None:
    """Somebody else was quicker."""
    assert storage.workers.sweep(seen, BACK)


@pytest.mark.parametrize("to_failed", [False, True], ids=["requeue", "fail"])
@pytest.mark.parametrize(
    "meanwhile",
    [
        beaten_in_time,
        registered_again,
        completed_in_time,
        holding_the_next_job,
        holding_the_same_job_anew,
        gone_by_itself,
        swept_by_another,
    ],
)
def test_a_sweep_that_comes_too_late_changes_nothing(
    storage: Storage, meanwhile: Callable[[Storage, Lapsed], None], to_failed: bool
) -> None:
    """Lease and token are compared in the very step that carries the verdict out."""
    held = hold(storage)
    seen = let_lapse(storage, held.worker)
    meanwhile(storage, seen)
    before = snapshot(storage)
    assert storage.workers.sweep(seen, Verdict(a_failure(held) if to_failed else None)) is False
    assert snapshot(storage) == before


def test_a_worker_that_was_seen_idle_and_holds_a_job_now_is_spared(storage: Storage) -> None:
    """Nobody decided about that job yet."""
    worker = join(storage)
    seen = let_lapse(storage, worker)
    storage.jobs.enqueue([an_entry()])
    held = take(storage, worker)
    assert storage.workers.sweep(seen, BACK) is False
    assert storage.jobs.complete(held)
