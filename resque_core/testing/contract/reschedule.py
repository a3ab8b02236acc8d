"""`jobs.reschedule`: a job that failed waits once more, with a new text."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from itertools import count

import pytest

from resque_core.claim import Claim
from resque_core.limit import Limit
from resque_core.records import Verdict
from resque_core.storage import Storage
from resque_core.testing.contract.factories import an_entry, numbered
from resque_core.testing.contract.scenes import (
    every_failure,
    find_worker,
    hold,
    ids,
    join,
    let_lapse,
    take,
    until,
)

SOON, LATER, AT_ONCE = timedelta(seconds=0.05), timedelta(hours=1), timedelta(0)


def test_a_rescheduled_job_is_delayed_with_its_new_text_and_queue(storage: Storage) -> None:
    """Under its id, in one place, and in no failed store."""
    held = hold(storage)
    again = replace(held.entry, queue="retries", payload=b'{"class":"Mail","args":[],"attempt":2}')
    assert storage.jobs.reschedule(held, again, LATER)
    assert [delayed.entry for delayed in storage.schedule.peek(0, 9)] == [again]
    assert ids(storage) == ids(storage, "retries") == []
    assert every_failure(storage) == []


def test_when_its_time_has_come_it_is_promoted_and_can_be_reserved(storage: Storage) -> None:
    """By anybody, with the bytes that it was given."""
    held = hold(storage)
    again = replace(held.entry, payload=b'{"class":"Mail","args":[],"attempt":2}')
    storage.jobs.reschedule(held, again, SOON)
    until(lambda: storage.schedule.promote().count)
    assert take(storage, join(storage)).entry == again


def test_rescheduled_for_now_it_waits_at_the_tail_at_once(storage: Storage) -> None:
    """Nobody has to promote it."""
    storage.jobs.enqueue(numbered(2))
    held = take(storage, join(storage))
    storage.queues.remove("retries")
    assert storage.jobs.reschedule(held, held.entry, AT_ONCE)
    assert ids(storage) == ["1", "0"]
    assert storage.schedule.size() == 0


@pytest.mark.parametrize("end", ["promote", "promote now", "cancel", "remove", "clear"])
def test_it_counts_as_retrying_until_it_is_delayed_no_more(storage: Storage, end: str) -> None:
    """As jobs that are delayed for another reason do not."""
    ends: dict[str, Callable[[str], object]] = {
        "promote": lambda _job: until(lambda: storage.schedule.promote().count),
        "promote now": lambda job: storage.schedule.promote_now([job]),
        "cancel": storage.jobs.cancel,
        "remove": lambda job: storage.schedule.remove([job]),
        "clear": lambda _job: storage.schedule.clear(),
    }
    storage.jobs.enqueue([an_entry()], run_at=LATER)
    waiting = hold(storage)
    storage.jobs.reschedule(waiting, waiting.entry, AT_ONCE)
    assert storage.schedule.retrying() == 0
    held = hold(storage)
    storage.jobs.reschedule(held, held.entry, SOON if end == "promote" else LATER)
    assert storage.schedule.retrying() == 1
    ends[end](held.entry.id)
    assert storage.schedule.retrying() == 0


def test_a_job_that_was_retried_and_waits_for_a_slot_is_not_retrying(storage: Storage) -> None:
    """It is delayed for another reason."""
    held = hold(storage)
    storage.jobs.reschedule(held, held.entry, LATER)
    storage.schedule.promote_now([held.entry.id])
    other = hold(storage, an_entry("images"))
    assert storage.jobs.admit(other, Limit("key", 1), 60)
    assert not storage.jobs.admit(take(storage, join(storage)), Limit("key", 1), 60)
    assert storage.schedule.size() == 1
    assert storage.schedule.retrying() == 0


def test_it_makes_its_queue_known(storage: Storage) -> None:
    """A job on a queue that no list shows would be as good as lost."""
    held = hold(storage)
    storage.jobs.reschedule(held, replace(held.entry, queue="retries"), AT_ONCE)
    assert "retries" in [queue.name for queue in storage.queues.all()]


def test_it_counts_as_processed_and_retried(storage: Storage) -> None:
    """For the worker as well; not as failed."""
    held = hold(storage)
    storage.jobs.reschedule(held, held.entry, LATER)
    assert storage.stats.all() == {"processed": 1, "retried": 1}
    info = find_worker(storage, held.worker)
    assert info
    assert (info.processed, info.failed) == (1, 0)


def test_a_reschedule_that_is_repeated_changes_nothing_more(storage: Storage) -> None:
    """Its reply was lost; or the job was promoted and taken meanwhile."""
    held = hold(storage)
    for _ in range(2):
        assert storage.jobs.reschedule(held, held.entry, AT_ONCE)
    assert ids(storage) == [held.entry.id]
    assert storage.stats.all() == {"processed": 1, "retried": 1}


def test_a_stale_token_reschedules_nothing(storage: Storage) -> None:
    """A worker that was swept meanwhile: the job is where the sweep has put it, once."""
    held = hold(storage)
    storage.workers.sweep(let_lapse(storage, held.worker), Verdict())
    assert not storage.jobs.reschedule(held, held.entry, LATER)
    assert ids(storage) == [held.entry.id]
    assert storage.schedule.size() == 0


def test_a_new_attempt_begins_without_rescues(storage: Storage) -> None:
    """They were of the last one."""
    storage.jobs.enqueue([an_entry()])
    worker = join(storage)
    take(storage, worker)
    storage.workers.sweep(let_lapse(storage, worker), Verdict())
    held = take(storage, join(storage))
    assert held.rescues == 1
    storage.jobs.reschedule(held, held.entry, AT_ONCE)
    assert take(storage, join(storage)).rescues == 0


def test_a_unique_job_holds_its_claim_until_its_last_attempt(storage: Storage) -> None:
    """It has not ended."""
    entry, claim, numbers = an_entry(), Claim("key", "done"), count()
    storage.jobs.enqueue_unique([entry], [claim])
    held = take(storage, join(storage))
    storage.jobs.reschedule(held, held.entry, LATER)
    other = an_entry(id=f"other{next(numbers)}")
    assert storage.jobs.enqueue_unique([other], [claim]) == {other.id: entry.id}
    storage.schedule.promote_now([entry.id])
    storage.jobs.complete(take(storage, join(storage)))
    assert storage.jobs.enqueue_unique([other], [claim]) == {}
