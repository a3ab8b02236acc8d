"""The sequel of a settlement: a note and jobs to follow, with the end of a job and never without it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest

from resque_core.records import Idle, Reservation, Stale, Verdict
from resque_core.sequel import Note, Sequel
from resque_core.storage import Storage
from resque_core.testing.contract.factories import a_failure, an_entry, numbered
from resque_core.testing.contract.records import place, texts
from resque_core.testing.contract.scenes import counted, hold, ids, join, let_lapse, snapshot, take, until

SOON = timedelta(hours=1)
#: Each way in which an attempt ends and a sequel follows; true if it was heard.
SETTLEMENTS: dict[str, Callable[[Storage, Reservation, Sequel], bool]] = {
    "complete": lambda storage, held, sequel: storage.jobs.complete(held, sequel),
    "complete_and_reserve": lambda storage, held, sequel: (
        not isinstance(storage.jobs.complete_and_reserve(held, ["none"], uuid4().hex, sequel=sequel), Stale)
    ),
    "fail": lambda storage, held, sequel: storage.jobs.fail(held, a_failure(held), sequel=sequel),
    "reschedule": lambda storage, held, sequel: storage.jobs.reschedule(held, held.entry, SOON, sequel),
}
each_way = pytest.mark.parametrize("way", SETTLEMENTS)


@each_way
def test_a_settlement_writes_the_note_and_lets_the_next_jobs_wait(storage: Storage, way: str) -> None:
    """At the tails of their queues, which become known."""
    held = hold(storage)
    storage.records.open({held.entry.id: Note(b"about", b"half")})
    storage.jobs.enqueue([an_entry(id="before")])
    then = (*numbered(2), an_entry("other", id="2", payload=b"\x00\xff5:x"))
    assert SETTLEMENTS[way](storage, held, Sequel(Note(end=b"end"), then))
    assert texts(storage, held.entry.id) == (b"about", b"half", b"end")
    assert ids(storage) == ["before", "0", "1"]
    assert [entry.payload for entry in storage.queues.peek("other")] == [b"\x00\xff5:x"]
    assert {"mail", "other"} <= {info.name for info in storage.queues.all()}
    assert place(storage, held.entry.id) == ("delayed" if way == "reschedule" else "gone")


@each_way
def test_a_stale_token_has_no_sequel(storage: Storage, way: str) -> None:
    """Nothing of it."""
    held = hold(storage)
    storage.workers.sweep(let_lapse(storage, held.worker), Verdict())
    take(storage, join(storage))
    before = snapshot(storage)
    assert not SETTLEMENTS[way](storage, held, Sequel(Note(end=b"end"), (an_entry(),)))
    assert snapshot(storage) == before
    assert texts(storage, held.entry.id) is None


@each_way
def test_a_settlement_that_is_repeated_has_one_sequel(storage: Storage, way: str) -> None:
    """The reply was lost; the job that followed may be done by now."""
    held = hold(storage)
    sequel = Sequel(Note(end=b"end"), (an_entry("other", id="next"),))
    assert SETTLEMENTS[way](storage, held, sequel)
    storage.jobs.complete(take(storage, join(storage), "other"))
    before = snapshot(storage)
    assert SETTLEMENTS[way](storage, held, sequel)
    assert snapshot(storage) == before
    assert place(storage, "next") is None


@each_way
def test_a_job_to_follow_that_is_there_already_is_not_doubled(storage: Storage, way: str) -> None:
    """Whether it waits, is delayed, or runs."""
    waiting, delayed, running = an_entry(), an_entry(), an_entry()
    held, other = hold(storage), hold(storage, running)
    storage.jobs.enqueue([waiting])
    storage.jobs.enqueue([delayed], run_at=SOON)
    assert SETTLEMENTS[way](storage, held, Sequel(None, (waiting, delayed, running)))
    assert ids(storage) == [waiting.id]
    assert storage.jobs.complete(other)


def test_a_settled_job_may_be_followed_by_one_that_is_reserved_at_once(storage: Storage) -> None:
    """In the same call."""
    held = hold(storage)
    sequel = Sequel(None, (an_entry(id="next"),))
    answer = storage.jobs.complete_and_reserve(held, ["mail"], uuid4().hex, sequel=sequel)
    assert isinstance(answer, Reservation)
    assert answer.entry.id == "next"
    assert isinstance(storage.jobs.complete_and_reserve(answer, ["mail"], uuid4().hex), Idle)
    assert counted(storage) == (2, 0)


def test_a_sweep_to_the_failed_store_has_a_sequel(storage: Storage) -> None:
    """The death of a worker is an end like any other. One that sends the job back has none."""
    held = hold(storage)
    sequel = Sequel(Note(end=b"swept"), (an_entry(id="next"),))
    lapsed = let_lapse(storage, held.worker)
    assert storage.workers.sweep(lapsed, Verdict(a_failure(held), sequel=sequel))
    assert texts(storage, held.entry.id) == (b"", b"", b"swept")
    assert ids(storage) == ["next"]


def test_the_note_of_an_ended_job_is_kept_as_long_as_it_says(storage: Storage) -> None:
    """And no longer."""
    held = hold(storage)
    storage.records.open({held.entry.id: Note(b"about")})
    storage.jobs.complete(held, Sequel(Note(end=b"end", seconds=0.3)))
    assert texts(storage, held.entry.id) == (b"about", b"", b"end")
    until(lambda: storage.records.read(held.entry.id) is None)


def test_a_sequel_of_a_rescheduled_job_does_not_end_it(storage: Storage) -> None:
    """It is tried again, with its note."""
    held = hold(storage)
    again = replace(held.entry, payload=b"{}")
    storage.jobs.reschedule(held, again, timedelta(0), Sequel(Note(latest=b"once")))
    assert take(storage, held.worker).entry == again
    assert texts(storage, held.entry.id) == (b"", b"once", b"")
