"""`jobs.complete`, `fail` and `release`: the ends of a reservation, fenced by its token."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from resque_core.records import Reservation
from resque_core.storage import Storage
from resque_core.testing.contract.factories import ODD_TEXTS, a_failure, an_entry, minutes_later, numbered
from resque_core.testing.contract.scenes import (
    bury,
    counted,
    every_failure,
    find_worker,
    hold,
    ids,
    join,
    let_lapse,
    snapshot,
    take,
)

LATER, AT_ONCE = timedelta(hours=1), timedelta(0)
Settle = Callable[[Storage, Reservation], bool]

#: Each way to end a reservation.
settlements = pytest.mark.parametrize(
    "settle",
    [
        pytest.param(lambda storage, held: storage.jobs.complete(held), id="complete"),
        pytest.param(lambda storage, held: storage.jobs.fail(held, a_failure(held)), id="fail"),
        pytest.param(lambda storage, held: storage.jobs.release(held), id="release"),
        pytest.param(lambda storage, held: storage.jobs.reschedule(held, held.entry, LATER), id="reschedule"),
        pytest.param(lambda storage, held: storage.jobs.reschedule(held, held.entry, AT_ONCE), id="at once"),
    ],
)


def test_a_completed_job_is_gone_and_counted(storage: Storage) -> None:
    """Processed, not failed."""
    assert storage.jobs.complete(hold(storage))
    assert ids(storage) == []
    assert every_failure(storage) == []
    assert counted(storage) == (1, 0)


def test_a_failed_job_is_in_the_failed_store_and_counted(storage: Storage) -> None:
    """Processed and failed; on no queue."""
    held = hold(storage)
    failure = a_failure(held)
    assert storage.jobs.fail(held, failure)
    assert every_failure(storage) == [failure]
    assert ids(storage) == []
    assert counted(storage) == (1, 1)


def test_a_released_job_is_at_the_head_again(storage: Storage) -> None:
    """Before those that came later, with the same bytes, and nothing is counted."""
    storage.jobs.enqueue(numbered(3))
    assert storage.jobs.release(take(storage, join(storage)))
    assert storage.queues.peek("mail", 0, 10) == numbered(3)
    assert counted(storage) == (0, 0)


def test_a_released_job_can_be_reserved_at_once(storage: Storage) -> None:
    """By the same worker or another, and it counts as no rescue."""
    held = hold(storage)
    storage.jobs.release(held)
    again = take(storage, join(storage))
    assert again.entry == held.entry
    assert again.rescues == 0


@settlements
def test_a_settled_job_leaves_its_workers_hands(storage: Storage, settle: Settle) -> None:
    """The worker is idle, and may reserve the next one."""
    held = hold(storage)
    assert settle(storage, held)
    info = find_worker(storage, held.worker)
    assert info
    assert info.reservation is None
    storage.jobs.enqueue([an_entry("next")])
    assert take(storage, held.worker, "next").worker == held.worker


@settlements
def test_a_stale_token_changes_nothing(storage: Storage, settle: Settle) -> None:
    """The worker holds this very job, but under another token: the answer is no."""
    held = hold(storage)
    before = snapshot(storage)
    stale = replace(held, token=held.token[::-1])
    assert settle(storage, stale) is False
    assert snapshot(storage) == before


@settlements
def test_a_token_is_stale_once_the_worker_settled_another(storage: Storage, settle: Settle) -> None:
    """Only the last settlement can be asked about again."""
    storage.jobs.enqueue(numbered(3))
    worker = join(storage)
    old = take(storage, worker)
    storage.jobs.complete(old)
    storage.jobs.complete(take(storage, worker))
    take(storage, worker)
    before = snapshot(storage)
    assert settle(storage, old) is False
    assert snapshot(storage) == before


@settlements
def test_a_worker_that_is_not_registered_settles_nothing(storage: Storage, settle: Settle) -> None:
    """A token that nobody holds."""
    before = snapshot(storage)
    assert settle(storage, Reservation("token", "nobody", an_entry())) is False
    assert snapshot(storage) == before


@settlements
def test_a_late_settlement_counts_if_no_sweep_came_first(storage: Storage, settle: Settle) -> None:
    """The lease is the worker's; the reservation is fenced by its token alone."""
    held = hold(storage)
    let_lapse(storage, held.worker)
    assert settle(storage, held)


@settlements
def test_a_job_is_settled_under_a_pause(storage: Storage, settle: Settle) -> None:
    """Jobs in flight go on."""
    held = hold(storage)
    storage.queues.pause("mail")
    storage.queues.pause("*")
    assert settle(storage, held)


@settlements
def test_a_job_of_a_removed_queue_is_settled(storage: Storage, settle: Settle) -> None:
    """Jobs in flight go on."""
    held = hold(storage)
    storage.queues.remove("mail")
    assert settle(storage, held)


def test_a_job_released_to_a_removed_queue_makes_it_known_again(storage: Storage) -> None:
    """A job on a queue that no list shows would be as good as lost."""
    held = hold(storage)
    storage.queues.remove("mail")
    storage.jobs.release(held)
    assert [(info.name, info.size) for info in storage.queues.all()] == [("mail", 1)]


def test_a_worker_counts_what_it_settled(storage: Storage) -> None:
    """Two done and one failed are three processed; a release is none."""
    storage.jobs.enqueue(numbered(4))
    worker = join(storage)
    for _ in range(2):
        storage.jobs.complete(take(storage, worker))
    held = take(storage, worker)
    storage.jobs.fail(held, a_failure(held))
    storage.jobs.release(take(storage, worker))
    info = find_worker(storage, worker)
    assert info
    assert (info.processed, info.failed) == (3, 1)


def test_a_failure_keeps_every_field(storage: Storage) -> None:
    """What a reader gets is what the worker wrote."""
    failure = bury(
        storage, name="a.B", exception="ZeroDivisionError", failed_at=minutes_later(3), queue="elsewhere"
    )
    assert storage.failures.get(failure.id) == failure
    assert every_failure(storage) == [failure]


@pytest.mark.parametrize("text", ODD_TEXTS, ids=ascii)
def test_a_failure_may_say_anything(storage: Storage, text: str) -> None:
    """Messages, names and lines of a backtrace come from strangers' code."""
    failure = bury(storage, id=text, name=text, exception=text, error=text, backtrace=(text, "", text))
    assert storage.failures.get(text) == failure


def test_a_failure_may_say_little(storage: Storage) -> None:
    """No name for bytes that were no job, no backtrace, no worker."""
    failure = bury(storage, name="", backtrace=(), worker="")
    assert storage.failures.get(failure.id) == failure


def test_a_failure_may_say_what_no_encoding_can_carry(storage: Storage) -> None:
    """A lone surrogate, as odd file names bring it: the text may be escaped, the job must not be stuck."""
    held = hold(storage)
    failure = a_failure(held, error="no file \udcff", backtrace=("\ud800",))
    assert storage.jobs.fail(held, failure)
    kept = storage.failures.get(failure.id)
    assert kept
    assert kept.error.startswith("no file ")
    assert kept.payload == held.entry.payload
