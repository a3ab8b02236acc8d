"""`failures.requeue`: failed jobs get a new life, once."""

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
    assert storage.failures.requeue({failure.id: None})
    assert storage.queues.peek("mail", 0, 10) == [*numbered(1), entry]
    assert every_failure(storage) == []


def test_a_job_can_be_requeued_elsewhere(storage: Storage) -> None:
    """On the queue that is named, and not on the old one."""
    failure = bury(storage)
    assert storage.failures.requeue({failure.id: None}, queue="images")
    assert storage.queues.peek("images") == [Entry(failure.job_id, "images", failure.payload)]
    assert ids(storage) == []


def test_a_requeued_job_makes_its_queue_known(storage: Storage) -> None:
    """Even one that was removed meanwhile."""
    failure, other = bury(storage), bury(storage)
    storage.queues.remove("mail")
    storage.failures.requeue({failure.id: None})
    storage.failures.requeue({other.id: None}, queue="new")
    assert [(info.name, info.size) for info in storage.queues.all()] == [("mail", 1), ("new", 1)]


def test_many_jobs_are_requeued_in_the_order_that_is_given(storage: Storage) -> None:
    """Those that can be; the answer names them."""
    failures = [bury(storage) for _ in range(6)]
    storage.failures.requeue({failures[1].id: None}, keep=True)
    storage.failures.remove([failures[4].id])
    given = [failures[place].id for place in (3, 0, 4, 1, 5)]
    moved = [failures[place].id for place in (3, 0, 5)]
    assert list(storage.failures.requeue(dict.fromkeys(given))) == moved
    assert ids(storage) == [failures[place].job_id for place in (1, 3, 0, 5)]
    assert [one.id for one in every_failure(storage)] == [failures[2].id, failures[1].id]
    assert list(storage.failures.requeue(dict.fromkeys(given))) == []


def test_many_requeued_failures_can_be_kept(storage: Storage) -> None:
    """In their places, each marked."""
    failures = [bury(storage) for _ in range(3)]
    given = [failures[2].id, failures[0].id]
    assert list(storage.failures.requeue(dict.fromkeys(given), keep=True)) == given
    assert [one.id for one in every_failure(storage)] == [one.id for one in failures[::-1]]
    assert [one.retried_at is not None for one in every_failure(storage)] == [True, False, True]


def test_a_job_that_failed_twice_is_requeued_once(storage: Storage) -> None:
    """Though both failures are named at once; the other one stays."""
    entry = an_entry()
    first, second = bury(storage, entry), bury(storage, entry)
    assert list(storage.failures.requeue({first.id: None, second.id: None})) == [first.id]
    assert ids(storage) == [entry.id]
    assert every_failure(storage) == [second]


def test_more_are_requeued_and_removed_than_go_in_one_step(storage: Storage) -> None:
    """However many that is; from either end of the list, and where there are others between them."""
    failures = [bury(storage) for _ in range(230)]
    back, gone = failures[::2][:105], failures[1::2]
    assert list(storage.failures.requeue({one.id: None for one in back})) == [one.id for one in back]
    assert list(storage.failures.remove([one.id for one in gone])) == [one.id for one in gone]
    assert [one.id for one in every_failure(storage)] == [one.id for one in failures[::2][105:]][::-1]
    assert storage.queues.size("mail") == 105


def test_requeueing_counts_nothing(storage: Storage) -> None:
    """It uncounts nothing either."""
    storage.failures.requeue({bury(storage).id: None})
    assert counted(storage) == (1, 1)


def test_a_requeued_job_begins_without_rescues(storage: Storage) -> None:
    """A new life: what befell the old one must not end it."""
    storage.jobs.enqueue([an_entry()])
    worker = join(storage)
    take(storage, worker)
    storage.workers.sweep(let_lapse(storage, worker), Verdict())
    storage.failures.requeue({bury_waiting(storage): None})
    assert take(storage, join(storage)).rescues == 0


def bury_waiting(storage: Storage) -> str:
    """Let the job fail that waits already; the failure's id."""
    entry = storage.queues.peek("mail")[0]
    return bury(storage, entry).id


def test_a_kept_failure_says_when_it_was_requeued(storage: Storage) -> None:
    """Nothing else about it changes, its place included."""
    older, failure, newer = bury(storage), bury(storage), bury(storage)
    assert storage.failures.requeue({failure.id: None}, keep=True)
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
    storage.failures.requeue({failure.id: None}, keep=True, queue="images")
    kept = storage.failures.get(failure.id)
    assert kept
    assert kept.queue == "mail"


@pytest.mark.parametrize("keep", [True, False])
def test_a_kept_failure_is_not_requeued_twice(storage: Storage, keep: bool) -> None:
    """Not even when its job has run meanwhile."""
    failure = bury(storage)
    storage.failures.requeue({failure.id: None}, keep=True)
    storage.jobs.complete(take(storage, join(storage)))
    before = snapshot(storage)
    assert storage.failures.requeue({failure.id: None}, keep=keep) == []
    assert snapshot(storage) == before


def test_a_kept_failure_is_requeued_again_on_demand(storage: Storage) -> None:
    """With `again`; without `keep` it goes now."""
    failure = bury(storage)
    storage.failures.requeue({failure.id: None}, keep=True)
    storage.jobs.complete(take(storage, join(storage)))
    assert storage.failures.requeue({failure.id: None}, again=True)
    assert ids(storage) == [failure.job_id]
    assert every_failure(storage) == []


def test_a_failure_whose_job_waits_is_not_requeued(storage: Storage) -> None:
    """Again or not: one job is never on a queue twice."""
    failure = bury(storage)
    storage.failures.requeue({failure.id: None}, keep=True)
    before = snapshot(storage)
    assert storage.failures.requeue({failure.id: None}, keep=True, again=True) == []
    assert storage.failures.requeue({failure.id: None}, queue="images", again=True) == []
    assert snapshot(storage) == before


def test_a_failure_whose_job_runs_is_not_requeued(storage: Storage) -> None:
    """The same while a worker holds it."""
    failure = bury(storage)
    storage.failures.requeue({failure.id: None}, keep=True)
    take(storage, join(storage))
    before = snapshot(storage)
    assert storage.failures.requeue({failure.id: None}, keep=True, again=True) == []
    assert snapshot(storage) == before


def test_a_failure_whose_job_was_enqueued_anew_is_not_requeued(storage: Storage) -> None:
    """The producer was quicker; the failure stays for later."""
    entry = an_entry()
    failure = bury(storage, entry)
    storage.jobs.enqueue([entry])
    assert storage.failures.requeue({failure.id: None}) == []
    assert every_failure(storage) == [failure]
    assert ids(storage) == [entry.id]
