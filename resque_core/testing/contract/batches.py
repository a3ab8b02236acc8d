"""`batches`: jobs that were enqueued together, and one that waits until each of them has ended."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import uuid4

import pytest

from resque_core.batch import Batch
from resque_core.job import Entry
from resque_core.records import Lapsed, Reservation, Stale, Verdict
from resque_core.sequel import Leaving, Sequel
from resque_core.storage import NO_CURSOR, Storage
from resque_core.testing.contract.factories import ODD_TEXTS, a_failure, an_entry, numbered
from resque_core.testing.contract.scenes import LONG, find_worker, ids, join, let_lapse, snapshot, take

LEAVING = Sequel(leaving=Leaving("batch"))
FAILING = Sequel(leaving=Leaving("batch", failed=True))
LAST = Entry("last", "end", b'{"class":"Last","args":[]}')

#: Each way in which a job of a batch ends for good.
ENDS: dict[str, Callable[[Storage, Reservation], object]] = {
    "complete": lambda storage, held: storage.jobs.complete(held, LEAVING),
    "complete and reserve": lambda storage, held: (
        not isinstance(storage.jobs.complete_and_reserve(held, ["none"], uuid4().hex, sequel=LEAVING), Stale)
    ),
    "fail": lambda storage, held: storage.jobs.fail(held, a_failure(held), sequel=FAILING),
    "sweep": lambda storage, held: _sweep(storage, held),
}
each_end = pytest.mark.parametrize("way", ENDS)


def _sweep(storage: Storage, held: Reservation) -> bool:
    """Sweep the worker that holds the job, which fails; again, and there is no such worker any more."""
    known = find_worker(storage, held.worker)
    lapsed = let_lapse(storage, held.worker) if known else Lapsed(held.worker, held)
    return storage.workers.sweep(lapsed, Verdict(a_failure(held), sequel=FAILING))


def begin(storage: Storage, count: int = 2, callback: Entry | None = LAST) -> list[Entry]:
    """A batch, and its jobs on their queue."""
    entries = numbered(count)
    storage.batches.begin("batch", entries, callback)
    return entries


def mend(storage: Storage, limit: int = 1000) -> None:
    """Walk once through all jobs of all batches."""
    after, steps = storage.batches.mend(limit=limit), 1
    while after != NO_CURSOR:
        after, steps = storage.batches.mend(after, limit), steps + 1
        assert steps < 30, "no end"


@each_end
def test_the_last_job_of_a_batch_calls_the_callback(storage: Storage, way: str) -> None:
    """On its queue, which becomes known."""
    begin(storage)
    for left in (1, 0):
        assert ids(storage, "end") == []
        assert ENDS[way](storage, take(storage, join(storage)))
        failed = (2 - left) * (way in ("fail", "sweep"))
        assert storage.batches.read("batch") == Batch("batch", 2, left, failed, "last")
    assert storage.queues.peek("end", 0, 9) == [LAST]
    assert "end" in [queue.name for queue in storage.queues.all()]


def test_the_jobs_of_a_batch_wait_in_order_and_make_their_queue_known(storage: Storage) -> None:
    """As with enqueue."""
    storage.jobs.enqueue([an_entry(id="before")])
    begin(storage)
    assert ids(storage) == ["before", "0", "1"]
    assert storage.batches.read("batch") == Batch("batch", 2, 2, 0, "last")
    assert storage.batches.read("other") is None


@each_end
def test_a_settlement_that_is_repeated_leaves_once(storage: Storage, way: str) -> None:
    """The reply was lost; the callback may be done by now."""
    begin(storage, 1)
    held = take(storage, join(storage))
    assert ENDS[way](storage, held)
    storage.jobs.complete(take(storage, join(storage), "end"))
    before = snapshot(storage)
    ENDS[way](storage, held)
    mend(storage)
    assert snapshot(storage) == before
    assert storage.batches.read("batch") == Batch("batch", 1, 0, int(way in ("fail", "sweep")), "last")


def test_a_batch_that_is_begun_again_changes_nothing(storage: Storage) -> None:
    """The reply was lost: what ran meanwhile is not run again."""
    begin(storage)
    storage.jobs.complete(take(storage, join(storage)), LEAVING)
    begin(storage)
    assert ids(storage) == ["1"]
    assert storage.batches.read("batch") == Batch("batch", 2, 1, 0, "last")


def test_an_empty_batch_ends_at_once(storage: Storage) -> None:
    """A hook may have vetoed all of it."""
    begin(storage, 0)
    assert ids(storage, "end") == ["last"]
    assert storage.batches.read("batch") == Batch("batch", 0, 0, 0, "last")


def test_a_batch_may_have_no_callback(storage: Storage) -> None:
    """It is only looked at."""
    begin(storage, 1, None)
    storage.jobs.complete(take(storage, join(storage)), LEAVING)
    assert storage.batches.read("batch") == Batch("batch", 1, 0, 0)
    assert [queue.name for queue in storage.queues.all()] == ["mail"]


def test_a_stale_token_leaves_no_batch(storage: Storage) -> None:
    """The job was taken from its worker, and is to run again."""
    begin(storage, 1)
    held = take(storage, join(storage))
    storage.workers.sweep(let_lapse(storage, held.worker), Verdict())
    assert not storage.jobs.complete(held, LEAVING)
    mend(storage)
    assert ids(storage, "end") == []
    assert storage.jobs.complete(take(storage, join(storage)), LEAVING)
    assert ids(storage, "end") == ["last"]


def test_only_jobs_of_the_batch_leave_it(storage: Storage, neighbour: Storage) -> None:
    """In this namespace."""
    begin(storage, 1)
    neighbour.jobs.enqueue(numbered(1))
    neighbour.jobs.complete(take(neighbour, join(neighbour)), LEAVING)
    storage.jobs.enqueue([an_entry("other")])
    storage.jobs.complete(take(storage, join(storage), "other"), LEAVING)
    assert storage.batches.read("batch") == Batch("batch", 1, 1, 0, "last")
    assert neighbour.batches.read("batch") is None


def test_a_job_that_goes_on_is_still_one_of_its_batch(storage: Storage) -> None:
    """Delayed for another attempt, or back on its queue."""
    begin(storage, 2)
    first, second = take(storage, join(storage)), take(storage, join(storage))
    storage.jobs.reschedule(first, first.entry, timedelta(hours=1))
    storage.jobs.release(second)
    mend(storage)
    assert storage.batches.read("batch") == Batch("batch", 2, 2, 0, "last")


@pytest.mark.parametrize("limit", [1, 2, 1000])
def test_jobs_that_were_deleted_have_ended(storage: Storage, limit: int) -> None:
    """Whoever looks next lets them leave: else nobody would ever call."""
    begin(storage, 5)
    running = take(storage, join(storage))
    storage.jobs.cancel("1")
    storage.queues.dequeue("mail", lambda payload: payload == b"job 2")
    mend(storage, limit)
    assert storage.batches.read("batch") == Batch("batch", 5, 3, 0, "last")
    storage.queues.remove("mail")
    mend(storage)
    assert storage.batches.read("batch") == Batch("batch", 5, 1, 0, "last")
    storage.jobs.complete(running, LEAVING)
    assert ids(storage, "end") == ["last"]


def test_several_batches_are_walked_through(storage: Storage) -> None:
    """A step at a time."""
    for name in "abc":
        storage.batches.begin(name, [an_entry(id=f"{name}{number}") for number in range(2)], None)
    storage.queues.clear("mail")
    mend(storage, 1)
    assert [storage.batches.read(name) for name in "abc"] == [Batch(name, 2, 0, 0) for name in "abc"]


def test_mending_where_nothing_is_to_be_mended_changes_nothing(storage: Storage) -> None:
    """With batches or without."""
    assert storage.batches.mend() == NO_CURSOR
    begin(storage)
    before = snapshot(storage)
    mend(storage)
    assert snapshot(storage) == before


def test_a_callback_that_lasts_for_a_time_says_until_when_once_it_is_enqueued(storage: Storage) -> None:
    """Counted from the end of the batch, not from its beginning."""
    storage.batches.begin("batch", numbered(1), LAST, 3600.0)
    worker = join(storage)
    held = take(storage, worker)
    before = storage.workers.beat(worker, LONG).now
    assert storage.jobs.complete(held, LEAVING)
    after = storage.workers.beat(worker, LONG).now
    (called,) = storage.queues.peek("end", 0, 9)
    body = json.loads(called.payload)
    until_when = datetime.fromisoformat(body.pop("expires_at")).timestamp() - 3600
    assert before - 0.01 <= until_when <= after + 0.01
    assert (called.id, body) == (LAST.id, json.loads(LAST.payload))


@pytest.mark.parametrize("odd", ODD_TEXTS, ids=ascii)
def test_batch_queue_and_id_may_be_any_text(storage: Storage, odd: str) -> None:
    """They are compared as they are."""
    storage.batches.begin(odd, [an_entry(id=odd)], Entry("last", odd, b"\x00\xff"))
    sequel = Sequel(leaving=Leaving(odd))
    assert storage.jobs.complete(take(storage, join(storage)), sequel)
    assert storage.queues.peek(odd, 0, 9) == [Entry("last", odd, b"\x00\xff")]
    mend(storage)
    assert storage.batches.read(odd) == Batch(odd, 1, 0, 0, "last")


def test_batches_are_listed_the_one_begun_last_first(storage: Storage) -> None:
    """With what is known of each, whether it has ended or not; an empty one has, at once."""
    assert (storage.batches.count(), list(storage.batches.all(0, 9))) == (0, [])
    names = ["first", *ODD_TEXTS[:3], "last"]
    for number, name in enumerate(names):
        entries = [an_entry(name) for _ in range(number)]
        storage.batches.begin(name, entries, LAST if number == 4 else None)
    held = take(storage, join(storage), "last")
    storage.jobs.fail(held, a_failure(held), sequel=Sequel(leaving=Leaving("last", failed=True)))
    listed = list(storage.batches.all(0, 9))
    assert [batch.id for batch in listed] == names[::-1]
    assert listed == [storage.batches.read(name) for name in names[::-1]]
    assert listed[0] == Batch("last", 4, 3, 1, "last")
    assert listed[-1].ended
    assert storage.batches.count() == 5
    assert list(storage.batches.all(1, 2)) == listed[1:3]
    assert list(storage.batches.all(4, 9)) == listed[4:]
    assert list(storage.batches.all(0, 0)) == []


def test_a_batch_that_is_begun_again_is_listed_once(storage: Storage) -> None:
    """In its place."""
    begin(storage)
    storage.batches.begin("other", [], None)
    begin(storage)
    assert [batch.id for batch in storage.batches.all(0, 9)] == ["other", "batch"]
