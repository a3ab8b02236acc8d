"""Law 6: a call whose reply was lost is made again, and nothing more happens."""

from collections.abc import Callable

import pytest

from resque_core.records import Reservation, Verdict
from resque_core.storage import Storage
from resque_core.testing.contract.factories import a_failure, a_worker, an_entry, numbered
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
from resque_core.testing.contract.settle import Settle, settlements


@pytest.mark.parametrize("at_front", [False, True])
def test_an_enqueue_that_is_repeated_stores_nothing_more(storage: Storage, at_front: bool) -> None:
    """Whatever the first call did, the entries are there once."""
    storage.jobs.enqueue(numbered(2, start=10))
    storage.jobs.enqueue(numbered(3), at_front=at_front)
    before = snapshot(storage)
    assert storage.jobs.enqueue(numbered(3), at_front=at_front) == 0
    assert snapshot(storage) == before


@settlements
def test_a_settlement_that_is_repeated_says_yes_again(storage: Storage, settle: Settle) -> None:
    """And counts once, and moves the job once."""
    held = hold(storage)
    assert settle(storage, held)
    before = snapshot(storage)
    assert settle(storage, held)
    assert snapshot(storage) == before


@settlements
def test_a_settlement_is_repeated_while_the_worker_holds_another(storage: Storage, settle: Settle) -> None:
    """The token settled last is still known, and the new job is not touched."""
    held = hold(storage)
    assert settle(storage, held)
    storage.jobs.enqueue([an_entry("next")])
    take(storage, held.worker, "next")
    before = snapshot(storage)
    assert settle(storage, held)
    assert snapshot(storage) == before


@settlements
def test_a_settlement_is_repeated_after_the_lease_ended(storage: Storage, settle: Settle) -> None:
    """The worker was away for long, but nobody swept it."""
    held = hold(storage)
    assert settle(storage, held)
    let_lapse(storage, held.worker)
    before = snapshot(storage)
    assert settle(storage, held)
    assert snapshot(storage) == before


SETTLE_OTHERWISE: list[Callable[[Storage, Reservation], object]] = [
    lambda storage, held: storage.jobs.complete(held),
    lambda storage, held: storage.jobs.fail(held, a_failure(held)),
    lambda storage, held: storage.jobs.release(held),
]


@settlements
def test_a_token_settles_once_however_it_is_used_again(storage: Storage, settle: Settle) -> None:
    """The first settlement stands."""
    held = hold(storage)
    settle(storage, held)
    before = snapshot(storage)
    for settle_otherwise in SETTLE_OTHERWISE:
        settle_otherwise(storage, held)
    assert snapshot(storage) == before


def test_a_release_that_is_repeated_does_not_take_the_job_from_its_next_worker(storage: Storage) -> None:
    """The second call comes when another worker holds the job already."""
    held = hold(storage)
    storage.jobs.release(held)
    again = take(storage, join(storage))
    storage.jobs.release(held)
    assert ids(storage) == []
    assert storage.jobs.complete(again)
    assert counted(storage) == (1, 0)


def test_a_repeated_failure_is_stored_once(storage: Storage) -> None:
    """Even if it was removed or requeued meanwhile, it does not come back."""
    held = hold(storage)
    failure = a_failure(held)
    storage.jobs.fail(held, failure)
    storage.jobs.fail(held, failure)
    assert every_failure(storage) == [failure]
    storage.failures.requeue({failure.id: None})
    storage.jobs.fail(held, failure)
    assert every_failure(storage) == []
    assert ids(storage) == [failure.job_id]


def test_a_sweep_that_is_repeated_rescues_once(storage: Storage) -> None:
    """The job is on its queue once, with one rescue."""
    held = hold(storage)
    seen = let_lapse(storage, held.worker)
    assert storage.workers.sweep(seen, Verdict())
    assert storage.workers.sweep(seen, Verdict()) is False
    assert ids(storage) == [held.entry.id]
    assert take(storage, join(storage)).rescues == 1


@pytest.mark.parametrize("keep", [False, True])
def test_a_requeue_that_is_repeated_enqueues_once(storage: Storage, keep: bool) -> None:
    """Also if the job was taken in between."""
    failure = bury(storage)
    assert storage.failures.requeue({failure.id: None}, keep=keep)
    assert storage.failures.requeue({failure.id: None}, keep=keep) == []
    assert ids(storage) == [failure.job_id]
    storage.jobs.complete(take(storage, join(storage)))
    assert storage.failures.requeue({failure.id: None}, keep=keep) == []
    assert ids(storage) == []


def test_a_removal_that_is_repeated_removes_one_failure(storage: Storage) -> None:
    """Ids, unlike places, do not move on to the next one."""
    kept, removed = bury(storage), bury(storage)
    assert storage.failures.remove([removed.id])
    assert storage.failures.remove([removed.id]) == []
    assert every_failure(storage) == [kept]


def test_a_registration_that_is_repeated_makes_one_worker(storage: Storage) -> None:
    """Known once, leased once."""
    worker = a_worker()
    storage.workers.register(worker, 60)
    storage.workers.register(worker, 60)
    assert [info.id for info in storage.workers.all()] == [worker.id]


def test_a_goodbye_that_is_repeated_is_no_error(storage: Storage) -> None:
    """The worker is gone either way."""
    worker = join(storage)
    assert storage.workers.unregister(worker)
    storage.workers.unregister(worker)
    assert find_worker(storage, worker) is None


def test_a_pause_that_is_repeated_is_undone_by_one_resume(storage: Storage) -> None:
    """Pauses are not counted, and neither are resumes."""
    storage.queues.pause("mail")
    storage.queues.pause("mail")
    assert storage.queues.paused() == {"mail"}
    storage.queues.resume("mail")
    assert storage.queues.paused() == frozenset()
    storage.queues.resume("mail")
    storage.queues.pause("mail")
    assert storage.queues.paused() == {"mail"}
