"""`keeping`: how many failures are kept, and for how long; what is too much goes with the next one."""

from datetime import timedelta

from resque_core.clock import utc_now
from resque_core.failure import Failure
from resque_core.keeping import TRIMMED_AT_ONCE, Keeping
from resque_core.records import Reservation, Verdict
from resque_core.storage import Storage
from resque_core.testing.contract.factories import a_failure, numbered
from resque_core.testing.contract.scenes import (
    bury,
    counted,
    every_failure,
    hold,
    join,
    let_lapse,
    snapshot,
    take,
)

#: Seconds.
HOUR = 3600.0


def keep(storage: Storage, keeping: Keeping, hours: float = 0.0) -> Failure:
    """One more failure, of a job that failed so long ago."""
    held = hold(storage)
    # Whole seconds: not every store keeps microseconds.
    failed_at = (utc_now() - timedelta(hours=hours)).replace(microsecond=0)
    failure = a_failure(held, failed_at=failed_at)
    assert storage.jobs.fail(held, failure, keeping)
    assert storage.workers.unregister(held.worker)
    return failure


def test_no_more_failures_are_kept_than_so_many(storage: Storage) -> None:
    """The oldest go, in the step that brings one too many; what was counted stays counted."""
    three = Keeping(most=3)
    failures = [keep(storage, three) for _ in range(5)]
    assert every_failure(storage) == failures[:1:-1]
    assert storage.failures.count() == 3
    assert [storage.failures.get(failure.id) for failure in failures[:3]] == [None, None, failures[2]]
    assert counted(storage) == (5, 5)


def test_failures_that_are_too_old_go(storage: Storage) -> None:
    """From the old end up to the first that is not; whatever their number."""
    stays, day = Keeping(), Keeping(age=24 * HOUR)
    failures = [keep(storage, stays, hours) for hours in (30, 26, 2, 40)]
    last = keep(storage, day)
    assert every_failure(storage) == [last, *failures[:1:-1]]


def test_too_many_go_before_those_that_are_too_old(storage: Storage) -> None:
    """Each limit holds by itself."""
    for hours in (50, 40, 30, 20, 10):
        keep(storage, Keeping(), hours)
    keep(storage, Keeping(most=5, age=35 * HOUR))
    assert storage.failures.count() == 4
    keep(storage, Keeping(most=2, age=35 * HOUR))
    assert storage.failures.count() == 2


def test_what_is_kept_is_found_and_requeued_as_ever(storage: Storage) -> None:
    """Others that went before it do not hide it."""
    failures = [keep(storage, Keeping(most=2)) for _ in range(6)]
    assert storage.failures.get(failures[4].id) == failures[4]
    assert storage.failures.requeue({failures[4].id: None})
    assert storage.failures.remove([failures[5].id])
    assert every_failure(storage) == []
    assert storage.queues.size("mail") == 1


def test_without_limits_all_failures_are_kept(storage: Storage) -> None:
    """However old they are."""
    failures = [keep(storage, Keeping(), hours=10_000) for _ in range(3)]
    assert every_failure(storage) == failures[::-1]


def test_a_limit_that_is_new_is_reached_in_short_steps(storage: Storage) -> None:
    """Nobody has to wait for thousands that are deleted at once."""
    there = TRIMMED_AT_ONCE + 5
    storage.jobs.enqueue(numbered(there))
    worker = join(storage)
    for _ in range(there):
        held = take(storage, worker)
        assert storage.jobs.fail(held, a_failure(held))
    one = Keeping(most=1)
    keep(storage, one)
    assert storage.failures.count() == there + 1 - TRIMMED_AT_ONCE
    last = keep(storage, one)
    assert every_failure(storage) == [last]


def test_a_sweep_keeps_no_more_either(storage: Storage) -> None:
    """Jobs of dead workers are failures like others."""
    bury(storage)
    held = hold(storage)
    failure = a_failure(held)
    assert storage.workers.sweep(let_lapse(storage, held.worker), Verdict(failure, Keeping(most=1)))
    assert every_failure(storage) == [failure]
    assert counted(storage) == (2, 2)


def test_a_stale_token_trims_nothing(storage: Storage) -> None:
    """Who has lost a job changes nothing at all."""
    for _ in range(3):
        bury(storage)
    held = hold(storage)
    storage.jobs.complete(held)
    storage.jobs.complete(take_another(storage, held.worker))
    before = snapshot(storage)
    assert storage.jobs.fail(held, a_failure(held), Keeping(most=1)) is False
    assert snapshot(storage) == before


def take_another(storage: Storage, worker: str) -> Reservation:
    """One more job for this worker."""
    storage.jobs.enqueue(numbered(1))
    return take(storage, worker)
