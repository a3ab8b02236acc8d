"""`failures.requeue`: a failed job gets a new life, once."""

from dataclasses import replace

import pytest

from resque_core.job import Entry
from resque_core.records import Verdict
from resque_core.storage import Storage
from resque_core.testing.contract.factories import an_entry, numbered
from resque_core.testing.contract.scenes import (
    bury,
    counted,
    every_failure,
    ids,
    join,
    let_lapse,
    snapshot,
    take,
)


def test_a_requeued_job_waits_at_the_tail_of_its_queue(storage: Storage) -> None:
    """Under its id, with its bytes; the failure is gone."""
    entry = an_entry()
    failure = bury(storage, entry)
    storage.jobs.enqueue(numbered(1))
    assert storage.failures.requeue(failure.id)
    assert storage.queues.peek("mail", 0, 10) == [*numbered(1), entry]
    assert every_failure(storage) == []


def test_a_job_can_be_requeued_elsewhere(storage: Storage) -> None:
    """On the queue that is named, and not on the old one."""
    failure = bury(storage)
    assert storage.failures.requeue(failure.id, queue="images")
    assert storage.queues.peek("images") == [Entry(failure.job_id, "images", failure.payload)]
    assert ids(storage) == []


def test_a_requeued_job_makes_its_queue_known(storage: Storage) -> None:
    """Even one that was removed meanwhile."""
    failure, other = bury(storage), bury(storage)
    storage.queues.remove("mail")
    storage.failures.requeue(failure.id)
    storage.failures.requeue(other.id, queue="new")
    assert [(info.name, info.size) for info in storage.queues.all()] == [("mail", 1), ("new", 1)]


def test_requeueing_counts_nothing(storage: Storage) -> None:
    """It uncounts nothing either."""
    storage.failures.requeue(bury(storage).id)
    assert counted(storage) == (1, 1)


def test_a_requeued_job_begins_without_rescues(storage: Storage) -> None:
    """A new life: what befell the old one must not end it."""
    storage.jobs.enqueue([an_entry()])
    worker = join(storage)
    take(storage, worker)
    storage.workers.sweep(let_lapse(storage, worker), Verdict())
    storage.failures.requeue(bury_waiting(storage))
    assert take(storage, join(storage)).rescues == 0


def bury_waiting(storage: Storage) -> str:
    """Let the job fail that waits already; the failure's id."""
    entry = storage.queues.peek("mail")[0]
    return bury(storage, entry).id


def test_a_kept_failure_says_when_it_was_requeued(storage: Storage) -> None:
    """Nothing else about it changes, its place included."""
    older, failure, newer = bury(storage), bury(storage), bury(storage)
    assert storage.failures.requeue(failure.id, keep=True)
    kept = storage.failures.get(failure.id)
    assert kept
    assert kept.retried_at is not None
    assert kept.retried_at.utcoffset() is not None
    assert replace(kept, retried_at=None) == failure
    assert every_failure(storage) == [newer, kept, older]
    assert ids(storage) == [failure.job_id]


def test_a_kept_failure_stays_as_it_was_on_its_queue(storage: Storage) -> None:
    """It says where the job failed, not where it went."""
    failure = bury(storage)
    storage.failures.requeue(failure.id, keep=True, queue="images")
    kept = storage.failures.get(failure.id)
    assert kept
    assert kept.queue == "mail"


@pytest.mark.parametrize("keep", [True, False])
def test_a_kept_failure_is_not_requeued_twice(storage: Storage, keep: bool) -> None:
    """Not even when its job has run meanwhile."""
    failure = bury(storage)
    storage.failures.requeue(failure.id, keep=True)
    storage.jobs.complete(take(storage, join(storage)))
    before = snapshot(storage)
    assert storage.failures.requeue(failure.id, keep=keep) is False
    assert snapshot(storage) == before


def test_a_kept_failure_is_requeued_again_on_demand(storage: Storage) -> None:
    """With `again`; without `keep` it goes now."""
    failure = bury(storage)
    storage.failures.requeue(failure.id, keep=True)
    storage.jobs.complete(take(storage, join(storage)))
    assert storage.failures.requeue(failure.id, again=True)
    assert ids(storage) == [failure.job_id]
    assert every_failure(storage) == []


def test_a_failure_whose_job_waits_is_not_requeued(storage: Storage) -> None:
    """Again or not: one job is never on a queue twice."""
    failure = bury(storage)
    storage.failures.requeue(failure.id, keep=True)
    before = snapshot(storage)
    assert storage.failures.requeue(failure.id, keep=True, again=True) is False
    assert storage.failures.requeue(failure.id, queue="images", again=True) is False
    assert snapshot(storage) == before


def test_a_failure_whose_job_runs_is_not_requeued(storage: Storage) -> None:
    """The same while a worker holds it."""
    failure = bury(storage)
    storage.failures.requeue(failure.id, keep=True)
    take(storage, join(storage))
    before = snapshot(storage)
    assert storage.failures.requeue(failure.id, keep=True, again=True) is False
    assert snapshot(storage) == before


def test_a_failure_whose_job_was_enqueued_anew_is_not_requeued(storage: Storage) -> None:
    """The producer was quicker; the failure stays for later."""
    entry = an_entry()
    failure = bury(storage, entry)
    storage.jobs.enqueue([entry])
    assert storage.failures.requeue(failure.id) is False
    assert every_failure(storage) == [failure]
    assert ids(storage) == [entry.id]
