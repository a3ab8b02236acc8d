"""`jobs.enqueue(run_at=…)` and `schedule`: a delayed job is on no queue until its time, and then on one."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest

from resque_core.claim import Claim
from resque_core.clock import LATEST, utc_now
from resque_core.job import Entry
from resque_core.records import Delayed, Idle, Promotion
from resque_core.storage import Storage
from resque_core.testing.contract.actors import perform
from resque_core.testing.contract.factories import LATER, LONG_AGO, ODD_TEXTS, an_entry, numbered
from resque_core.testing.contract.fixtures import StartActor
from resque_core.testing.contract.scenes import bury, delayed_ids, hold, ids, join, snapshot, take, until

SOON = timedelta(milliseconds=30)
#: Bytes that are JSON objects, nearly, or not at all.
ODD_PAYLOADS = (
    b"",
    b"{}",
    b'{"class":"Mail","args":[]}',
    b'{"class":"Mail","args":[],"id":"another"}',
    b'{"class":"Mail","args":[12345678901234567890123,1.0,[],{}],"queue":"another"}',
    b'{"class":"Mail","args":[],"queue":"mail","run_at":1.5}',
    b'{"class":null,"args":[],"queue":"mail","raw":"x"}',
    b' {"class": "Mail", "args": ["/\\u00e9"]} ',
    b"[1]",
    b'{"class":"Mail","args":["\xff\x00"]}',
    b"\xff\xfe\x00",
)


def promoted(storage: Storage, count: int) -> None:
    """Promote until so many were promoted in all."""
    total = 0

    def enough() -> bool:
        nonlocal total
        total += storage.schedule.promote().count
        return total >= count

    until(enough)
    assert total == count


def test_a_delayed_job_is_on_no_queue(storage: Storage) -> None:
    """Nobody sees it there, and nobody can reserve it."""
    entry = an_entry()
    assert storage.jobs.enqueue([entry], run_at=LATER) == 1
    assert storage.queues.size("mail") == 0
    assert list(storage.queues.all()) == []
    assert isinstance(storage.jobs.reserve(["mail"], join(storage), "token"), Idle)
    assert storage.schedule.size() == 1
    assert list(storage.schedule.peek(0, 10)) == [Delayed(entry, LATER)]


@pytest.mark.parametrize("run_at", [LONG_AGO, timedelta(0), timedelta(seconds=-5)])
def test_a_job_whose_time_is_past_waits_at_once(storage: Storage, run_at: object) -> None:
    """It has never been delayed."""
    assert storage.jobs.enqueue(numbered(2), run_at=run_at) == 2  # type: ignore[arg-type]
    assert ids(storage) == ["0", "1"]
    assert storage.schedule.size() == 0


def test_a_delayed_job_is_promoted_once_its_time_has_come(storage: Storage) -> None:
    """Not before, by the store's clock, and to the tail of its queue."""
    began = time.monotonic()
    storage.jobs.enqueue([an_entry(id="delayed")], run_at=timedelta(seconds=0.3))
    early = storage.schedule.promote()
    assert early.count == 0 or time.monotonic() - began >= 0.29
    storage.jobs.enqueue([an_entry(id="first")])
    promoted(storage, 1 - early.count)
    assert time.monotonic() - began >= 0.29
    assert sorted(ids(storage)) == ["delayed", "first"]
    assert early.count or ids(storage)[0] == "first"
    assert storage.schedule.size() == 0


def test_what_is_due_and_waits_to_be_promoted_is_overdue(storage: Storage) -> None:
    """Once its time has come, until it is promoted; what is due later is not."""
    storage.jobs.enqueue([an_entry()], run_at=LATER)
    assert storage.schedule.overdue() == 0
    storage.jobs.enqueue(numbered(2), run_at=SOON)
    until(lambda: storage.schedule.overdue() == 2)
    promoted(storage, 2)
    assert storage.schedule.overdue() == 0


def test_a_delayed_job_keeps_its_time_to_the_millisecond(storage: Storage) -> None:
    """The time that it shows is the one that it was given."""
    moment = LATER.replace(microsecond=123_000)
    storage.jobs.enqueue([an_entry(id="exact")], run_at=moment)
    found = storage.schedule.get("exact")
    assert found
    assert found.run_at == moment


def test_a_time_that_no_clock_can_show_is_the_last_one(storage: Storage) -> None:
    """And such a job hides no other: it is listed, found and removed as they are."""
    soon, never = an_entry(), an_entry()
    storage.jobs.enqueue([never], run_at=datetime.max.replace(tzinfo=UTC))
    storage.jobs.enqueue([soon], run_at=LATER)
    expected = [Delayed(soon, LATER), Delayed(never, LATEST)]
    assert list(storage.schedule.peek(0, 10)) == expected
    assert list(storage.schedule.find(lambda _: True)) == expected
    assert storage.schedule.promote().count == 0
    assert storage.schedule.get(never.id) == expected[1]
    assert storage.schedule.remove([never.id]) == 1


def test_a_time_from_now_is_counted_by_the_store(storage: Storage) -> None:
    """An hour is an hour, give or take the clocks of this machine."""
    before = utc_now()
    storage.jobs.enqueue([an_entry(id="hourly")], run_at=timedelta(hours=1))
    found = storage.schedule.get("hourly")
    assert found
    assert abs((found.run_at - before).total_seconds() - 3600) < 60


def test_those_that_are_due_first_are_promoted_first(storage: Storage) -> None:
    """In whatever order they came."""
    now = utc_now()
    for number in (3, 1, 2):
        storage.jobs.enqueue([an_entry(id=str(number))], run_at=now + timedelta(milliseconds=200 + number))
    until(lambda: utc_now() > now + timedelta(milliseconds=300))
    promoted(storage, 3)
    assert ids(storage) == ["1", "2", "3"]


def test_a_promotion_has_a_limit(storage: Storage) -> None:
    """What is left over is due at once, and goes next."""
    storage.jobs.enqueue(numbered(5), run_at=SOON)
    first = until(lambda: _some(storage.schedule.promote(2)))
    assert first.count == 2
    assert first.left == 0
    assert storage.schedule.size() == 3
    assert storage.schedule.promote(2).count == 2
    assert storage.schedule.promote(2).count == 1
    assert ids(storage) == ["0", "1", "2", "3", "4"]
    assert storage.schedule.promote(2) == Promotion(0, None)


def test_a_promotion_says_when_there_is_more_to_do(storage: Storage) -> None:
    """Never later than the next job is due."""
    assert storage.schedule.promote() == Promotion(0, None)
    storage.jobs.enqueue([an_entry()], run_at=timedelta(hours=2))
    storage.jobs.enqueue([an_entry()], run_at=timedelta(hours=1))
    left = storage.schedule.promote().left
    assert left is not None
    assert 3500 < left <= 3600.001


def _some(promotion: Promotion) -> Promotion | None:
    return promotion if promotion.count else None


# Ids.


def test_an_id_that_is_delayed_is_taken(storage: Storage) -> None:
    """Neither another delayed job nor a waiting one may have it."""
    storage.jobs.enqueue([Entry("twin", "mail", b"first")], run_at=LATER)
    assert storage.jobs.enqueue([Entry("twin", "mail", b"second")], run_at=timedelta(hours=1)) == 0
    assert storage.jobs.enqueue([Entry("twin", "images", b"third")]) == 0
    assert [it.entry.payload for it in storage.schedule.peek(0, 10)] == [b"first"]
    assert storage.queues.size("images") == 0


def test_an_id_that_waits_or_runs_is_not_delayed(storage: Storage) -> None:
    """One life at a time."""
    held = hold(storage)
    storage.jobs.enqueue(numbered(1))
    assert storage.jobs.enqueue([held.entry, *numbered(1)], run_at=LATER) == 0
    assert storage.schedule.size() == 0


@pytest.mark.parametrize("end", ["remove", "promote_now", "clear"])
def test_an_id_may_be_delayed_again_once_it_is_free(storage: Storage, end: str) -> None:
    """Whatever became of the one before."""
    entry = an_entry()
    storage.jobs.enqueue([entry], run_at=LATER)
    if end == "clear":
        storage.schedule.clear()
    else:
        getattr(storage.schedule, end)([entry.id])
        storage.queues.clear("mail")
    assert storage.jobs.enqueue([entry], run_at=LATER) == 1
    assert delayed_ids(storage) == [entry.id]


def test_a_failure_whose_job_is_delayed_is_not_requeued(storage: Storage) -> None:
    """Its job has another life already."""
    failure = bury(storage)
    storage.jobs.enqueue([Entry(failure.job_id, "mail", failure.payload)], run_at=LATER)
    assert storage.failures.requeue({failure.id: None}) == []
    assert ids(storage) == []


def test_equal_jobs_keep_their_own_ids(storage: Storage) -> None:
    """Ids need not be in the bytes."""
    twins = [Entry(str(number), "mail", b'{"class":"Mail","args":[]}') for number in range(3)]
    storage.jobs.enqueue(twins, run_at=SOON)
    assert sorted(delayed_ids(storage)) == ["0", "1", "2"]
    assert storage.schedule.remove(["1"]) == 1
    promoted(storage, 2)
    assert ids(storage) == ["0", "2"]


@pytest.mark.parametrize("payload", ODD_PAYLOADS, ids=ascii)
def test_a_payload_comes_back_byte_for_byte(storage: Storage, payload: bytes) -> None:
    """From a whole second as from a part of one, by whatever way."""
    for run_at in (LATER, LATER + timedelta(milliseconds=250)):
        entry = an_entry(payload=payload)
        storage.jobs.enqueue([entry], run_at=run_at)
        assert storage.schedule.get(entry.id) == Delayed(entry, run_at)
        assert list(storage.schedule.peek(0, 10)) == [Delayed(entry, run_at)]
        assert storage.schedule.promote_now([entry.id]) == 1
        assert take(storage, join(storage)).entry == entry


@pytest.mark.parametrize("name", ODD_TEXTS, ids=ascii)
def test_queue_and_id_of_a_delayed_job_may_be_any_text(storage: Storage, name: str) -> None:
    """Other writers make such."""
    entry = Entry(name, name, b'{"class":"Mail","args":[]}')
    storage.jobs.enqueue([entry], run_at=SOON)
    assert storage.schedule.get(name) is not None
    promoted(storage, 1)
    assert take(storage, join(storage), name).entry == entry


def test_a_delayed_job_holds_its_claim(storage: Storage) -> None:
    """From the step in which it is delayed to the end that the claim says."""
    claim, first, second = Claim("key", "done"), an_entry(), an_entry()
    assert storage.jobs.enqueue_unique([first], [claim], run_at=SOON) == {}
    assert storage.jobs.enqueue_unique([second], [claim], run_at=LATER) == {second.id: first.id}
    promoted(storage, 1)
    assert storage.jobs.enqueue_unique([second], [claim]) == {second.id: first.id}
    storage.jobs.complete(take(storage, join(storage)))
    assert storage.jobs.enqueue_unique([second], [claim], run_at=LATER) == {}
    assert storage.schedule.remove([second.id]) == 1
    assert storage.jobs.enqueue_unique([first], [claim], run_at=LATER) == {}


# Queues.


def test_a_promoted_job_makes_its_queue_known(storage: Storage) -> None:
    """As any other job does."""
    storage.jobs.enqueue([an_entry("images")], run_at=SOON)
    promoted(storage, 1)
    assert [(info.name, info.size) for info in storage.queues.all()] == [("images", 1)]


@pytest.mark.parametrize("end", ["clear", "remove"])
def test_a_delayed_job_outlives_its_queue(storage: Storage, end: str) -> None:
    """It is not there yet."""
    storage.jobs.enqueue(numbered(1))
    storage.jobs.enqueue(numbered(1, start=1), run_at=LATER)
    assert getattr(storage.queues, end)("mail") == 1
    assert delayed_ids(storage) == ["1"]


def test_a_pause_does_not_keep_a_job_from_its_queue(storage: Storage) -> None:
    """Only from being reserved there."""
    storage.queues.pause("mail")
    storage.jobs.enqueue(numbered(1), run_at=SOON)
    promoted(storage, 1)
    assert ids(storage) == ["0"]


def test_a_promoted_job_begins_to_wait_when_it_is_promoted(storage: Storage) -> None:
    """The time before was no latency."""
    storage.jobs.enqueue(numbered(1), run_at=timedelta(seconds=1))
    promoted(storage, 1)
    promoted_at = time.monotonic()
    latency = storage.queues.latencies(["mail"])["mail"]
    assert latency < 0.9 + time.monotonic() - promoted_at


# By id.


def test_chosen_jobs_are_promoted_before_their_time(storage: Storage) -> None:
    """In the order that was asked for; what is not delayed is left alone."""
    storage.jobs.enqueue(numbered(4), run_at=LATER)
    storage.jobs.enqueue([an_entry(id="waiting")])
    assert storage.schedule.promote_now(["2", "0", "nobody", "waiting"]) == 2
    assert ids(storage) == ["waiting", "2", "0"]
    assert delayed_ids(storage) == ["1", "3"]


def test_chosen_jobs_are_removed(storage: Storage) -> None:
    """And nothing else."""
    storage.jobs.enqueue(numbered(4), run_at=LATER)
    storage.jobs.enqueue([an_entry(id="waiting")])
    assert storage.schedule.remove(["2", "0", "nobody", "waiting"]) == 2
    assert delayed_ids(storage) == ["1", "3"]
    assert ids(storage) == ["waiting"]
    assert storage.schedule.get("2") is None


def test_every_job_that_matches_is_found(storage: Storage) -> None:
    """In the order of their times, whatever their queue, and all are looked at."""
    for number in range(3):
        storage.jobs.enqueue([Entry(f"b{number}", "b", b"b")], run_at=LATER - timedelta(seconds=number))
    storage.jobs.enqueue(numbered(1100), run_at=LATER)
    found = storage.schedule.find(lambda entry: entry.queue == "b" or entry.id in {"7", "1099"})
    assert [it.entry.id for it in found][:2] == ["b2", "b1"]
    assert sorted(it.entry.id for it in found) == ["1099", "7", "b0", "b1", "b2"]
    assert storage.schedule.find(lambda _entry: False) == []


def test_delayed_jobs_are_listed_by_time(storage: Storage) -> None:
    """Any window of the list."""
    for number in (4, 0, 3, 1, 2):
        storage.jobs.enqueue([an_entry(id=str(number))], run_at=LATER + timedelta(seconds=number))
    assert delayed_ids(storage) == ["0", "1", "2", "3", "4"]
    assert [it.entry.id for it in storage.schedule.peek(1, 2)] == ["1", "2"]
    assert [it.entry.id for it in storage.schedule.peek(4, 9)] == ["4"]
    assert list(storage.schedule.peek(5, 9)) == []
    assert list(storage.schedule.peek(0, 0)) == []


def test_all_delayed_jobs_are_deleted(storage: Storage) -> None:
    """However many there are; what waits stays."""
    storage.jobs.enqueue(numbered(1100), run_at=LATER)
    for number in range(3):
        storage.jobs.enqueue([an_entry()], run_at=LATER + timedelta(seconds=number))
    storage.jobs.enqueue([an_entry(id="waiting")])
    assert storage.schedule.size() == 1103
    assert storage.schedule.clear() == 1103
    assert storage.schedule.size() == 0
    assert storage.schedule.clear() == 0
    assert ids(storage) == ["waiting"]


def test_a_namespace_has_its_own_delayed_jobs(storage: Storage, neighbour: Storage) -> None:
    """Nobody else promotes, finds or deletes them."""
    storage.jobs.enqueue(numbered(1), run_at=SOON)
    neighbour.jobs.enqueue(numbered(2), run_at=LATER)
    promoted(storage, 1)
    assert storage.schedule.size() == 0
    assert storage.schedule.get("1") is None
    assert storage.schedule.clear() == 0
    assert delayed_ids(neighbour) == ["0", "1"]


REPEATED: list[Callable[[Storage], Callable[[], object]]] = [
    lambda storage: partial(storage.jobs.enqueue, numbered(3), run_at=LATER),
    lambda storage: partial(storage.schedule.remove, ["0", "1"]),
    lambda storage: storage.schedule.clear,
]


@pytest.mark.parametrize("call", REPEATED, ids=["enqueue", "remove", "clear"])
def test_a_call_that_is_repeated_changes_nothing_more(
    storage: Storage, call: Callable[[Storage], Callable[[], object]]
) -> None:
    """Its reply was lost (law 6)."""
    storage.jobs.enqueue(numbered(3), run_at=LATER)
    call(storage)()
    before = snapshot(storage)
    assert call(storage)() == 0
    assert snapshot(storage) == before


def test_a_promotion_that_is_repeated_changes_nothing_more(storage: Storage) -> None:
    """Its reply was lost (law 6)."""
    storage.jobs.enqueue(numbered(3), run_at=LATER)
    assert storage.schedule.promote_now(["0", "1"]) == 2
    before = snapshot(storage)
    assert storage.schedule.promote_now(["0", "1"]) == 0
    assert snapshot(storage) == before


def test_processes_that_promote_at_once_promote_each_job_once(
    storage: Storage, start_actor: StartActor
) -> None:
    """There is no leader, and none is needed."""
    storage.jobs.enqueue(numbered(200), run_at=timedelta(seconds=0.2))
    counts = perform([start_actor("promote", total=200) for _ in range(3)])
    assert sum(counts) == 200
    assert sorted(ids(storage), key=int) == [str(number) for number in range(200)]
