"""`recurring`: a tick of a recurring entry is carried out once, and its job enqueued with it."""

from datetime import timedelta
from functools import partial
from uuid import uuid4

import pytest

from resque_core.claim import Claim
from resque_core.clock import utc_now
from resque_core.records import Advance, Recurrence
from resque_core.storage import Storage
from resque_core.testing.contract.actors import perform
from resque_core.testing.contract.factories import LATER, LONG_AGO, ODD_TEXTS, an_entry
from resque_core.testing.contract.fixtures import StartActor
from resque_core.testing.contract.scenes import hold, ids, join, take, until


def an_entry_every_day(name: str = "daily", **changes: object) -> Recurrence:
    """A recurring entry whose tick has come long ago."""
    values: dict[str, object] = {"text": b'{"every":"1d"}', "revision": uuid4().hex, "next_at": LONG_AGO}
    return Recurrence(name, **{**values, **changes})  # type: ignore[arg-type]


def put(storage: Storage, name: str = "daily", **changes: object) -> Recurrence:
    """The same, stored."""
    entry = an_entry_every_day(name, **changes)
    assert storage.recurring.put(entry, "")
    return entry


def following(entry: Recurrence, **changes: object) -> Recurrence:
    """What a scheduler writes when the tick has been carried out."""
    return an_entry_every_day(entry.name, **{"next_at": LATER, **changes})


def test_an_entry_comes_back_as_it_was_put(storage: Storage) -> None:
    """Every field, and sorted by name."""
    assert storage.recurring.all().entries == ()
    second = put(storage, "second", last_job="second@1", text=b"\xff\x00\n")
    first = put(storage, "first", next_at=None)
    assert storage.recurring.all().entries == (first, second)


@pytest.mark.parametrize("text", ODD_TEXTS)
def test_an_entry_may_have_any_name(storage: Storage, text: str) -> None:
    """Its job's id, too."""
    entry = put(storage, text, last_job=text)
    assert storage.recurring.all().entries == (entry,)
    assert storage.recurring.advance(following(entry), entry.revision, an_entry()) == Advance(True)
    assert storage.recurring.remove(text)


def test_the_agenda_has_the_stores_clock(storage: Storage) -> None:
    """With and without entries."""
    for _ in range(2):
        assert abs((storage.recurring.all().now - utc_now()).total_seconds()) < 60
        put(storage, uuid4().hex)


def test_an_entry_is_written_only_over_the_one_that_was_seen(storage: Storage) -> None:
    """And a new one only if there is none of its name."""
    first = put(storage)
    assert not storage.recurring.put(an_entry_every_day(), "")
    assert not storage.recurring.put(an_entry_every_day(), "another")
    assert not storage.recurring.put(an_entry_every_day("unknown"), "another")
    assert storage.recurring.all().entries == (first,)
    second = an_entry_every_day(text=b"changed")
    assert storage.recurring.put(second, first.revision)
    assert storage.recurring.all().entries == (second,)


def test_a_write_that_is_repeated_says_yes_again(storage: Storage) -> None:
    """The reply was lost, not the entry."""
    first = put(storage)
    assert storage.recurring.put(first, "")
    second = an_entry_every_day()
    assert storage.recurring.put(second, first.revision)
    assert storage.recurring.put(second, first.revision)
    assert not storage.recurring.put(first, "")


def test_a_removed_entry_is_gone_and_its_jobs_stay(storage: Storage) -> None:
    """A second time, there is none."""
    entry, job = put(storage), an_entry()
    assert storage.recurring.advance(following(entry), entry.revision, job).done
    assert storage.recurring.remove("daily")
    assert not storage.recurring.remove("daily")
    assert storage.recurring.all().entries == ()
    assert ids(storage) == [job.id]


def test_a_tick_enqueues_its_job_and_moves_on(storage: Storage) -> None:
    """Its queue is known, and the job can be taken."""
    entry, job = put(storage), an_entry()
    then = following(entry, last_job=job.id)
    assert storage.recurring.advance(then, entry.revision, job) == Advance(True)
    assert storage.recurring.all().entries == (then,)
    assert [info.name for info in storage.queues.all()] == ["mail"]
    assert take(storage, join(storage)).entry == job


def test_a_tick_without_a_job_only_moves_on(storage: Storage) -> None:
    """As when a hook vetoed."""
    entry = put(storage)
    then = following(entry)
    assert storage.recurring.advance(then, entry.revision, None) == Advance(True)
    assert storage.recurring.all().entries == (then,)
    assert list(storage.queues.all()) == []


def test_a_tick_is_carried_out_by_one_of_those_who_saw_it(storage: Storage) -> None:
    """The other one's job is nowhere, even if the first one has been done since."""
    entry, job = put(storage), an_entry()
    assert storage.recurring.advance(following(entry), entry.revision, job).done
    assert storage.jobs.complete(take(storage, join(storage)))
    assert storage.recurring.advance(following(entry), entry.revision, job) == Advance(False)
    storage.recurring.all()
    assert ids(storage) == []


def test_a_tick_that_has_not_come_is_not_carried_out(storage: Storage) -> None:
    """By the store's clock, whatever the caller's says; and one that never comes neither."""
    late, never = put(storage, "late", next_at=LATER), put(storage, "never", next_at=None)
    for entry in (late, never):
        assert storage.recurring.advance(following(entry), entry.revision, an_entry()) == Advance(False)
    assert storage.recurring.all().entries == (late, never)
    assert ids(storage) == []


def test_a_tick_comes_by_the_stores_clock(storage: Storage) -> None:
    """A moment later it can be carried out."""
    soon = (storage.recurring.all().now + timedelta(seconds=0.2)).replace(microsecond=0)
    entry, job = put(storage, next_at=soon + timedelta(seconds=1)), an_entry()
    until(lambda: storage.recurring.advance(following(entry), entry.revision, job).done)
    assert storage.recurring.all().now >= soon + timedelta(seconds=1)
    assert ids(storage) == [job.id]


def test_a_tick_that_is_repeated_enqueues_once(storage: Storage) -> None:
    """The reply was lost: it says yes again, even when the job is done."""
    entry, job = put(storage), an_entry()
    then = following(entry)
    for _ in range(2):
        assert storage.recurring.advance(then, entry.revision, job) == Advance(True)
    assert ids(storage) == [job.id]
    assert storage.jobs.complete(take(storage, join(storage)))
    assert storage.recurring.advance(then, entry.revision, job) == Advance(True)
    storage.recurring.all()
    assert ids(storage) == []


def test_a_job_that_is_there_already_is_not_doubled(storage: Storage) -> None:
    """It is told by its id; the tick is over."""
    entry, job = put(storage), an_entry()
    storage.jobs.enqueue([job])
    assert storage.recurring.advance(following(entry), entry.revision, job) == Advance(True)
    storage.recurring.all()
    assert ids(storage) == [job.id]


def test_a_tick_whose_claim_another_job_holds_has_no_job(storage: Storage) -> None:
    """It says which one, and moves on; once that one is done, the next tick gets the claim."""
    first, second = an_entry(id="first"), an_entry(id="second")
    claim = Claim("report", "done")
    entry = put(storage)
    then = following(entry, next_at=LONG_AGO)
    assert storage.jobs.enqueue_unique([first], [claim]) == {}
    assert storage.recurring.advance(then, entry.revision, second, claim) == Advance(True, "first")
    assert ids(storage) == ["first"]
    assert storage.jobs.complete(take(storage, join(storage)))
    assert storage.recurring.advance(following(then), then.revision, second, claim) == Advance(True)
    assert storage.jobs.enqueue_unique([an_entry(id="third")], [claim]) == {"third": "second"}


def test_the_last_job_of_a_due_entry_is_looked_after(storage: Storage) -> None:
    """It waits, then runs, then is gone; of an entry that is not due nothing is told."""
    held = hold(storage, an_entry(id="running"))
    storage.jobs.enqueue([an_entry(id="waiting")])
    storage.jobs.enqueue([an_entry(id="delayed")], run_at=LATER)
    for name in ("running", "waiting", "delayed", "gone"):
        put(storage, name, last_job=name)
    put(storage, "undue", last_job="waiting", next_at=LATER)
    assert _live(storage) == {"running", "waiting", "delayed"}
    assert storage.jobs.complete(held)
    assert _live(storage) == {"waiting", "delayed"}


def _live(storage: Storage) -> set[str]:
    return {entry.name for entry in storage.recurring.all().entries if entry.live}


def test_entries_are_in_one_namespace(storage: Storage, neighbour: Storage) -> None:
    """The same name is another entry there."""
    ours, theirs = put(storage), put(neighbour)
    assert not neighbour.recurring.advance(following(ours), ours.revision, an_entry()).done
    assert storage.recurring.all().entries == (ours,)
    assert neighbour.recurring.remove("daily")
    assert storage.recurring.all().entries == (ours,)
    assert theirs.revision != ours.revision


TICKS = 40


def test_processes_that_schedule_at_once_carry_out_each_tick_once(
    storage: Storage, start_actor: StartActor
) -> None:
    """Each tick has one job, and one process that enqueued it."""
    put(storage, "busy")
    counts = perform([start_actor("schedule", ticks=TICKS) for _ in range(4)])
    assert sum(counts) == TICKS
    assert sorted(ids(storage, "busy"), key=int) == [str(number) for number in range(1, TICKS + 1)]


def test_kill_while_scheduling(storage: Storage, start_actor: StartActor, kills: int) -> None:
    """After each death the next process goes on: no tick is left out, and none has two jobs."""
    put(storage, "busy")
    for _ in range(kills):
        actor = start_actor("schedule", ticks=100_000)
        actor.wait_ready()
        before = len(ids(storage, "busy"))
        actor.begin()
        until(partial(_more_than, storage, before + 3))
        actor.kill()
    entry = _at_rest(storage)
    assert sorted(ids(storage, "busy"), key=int) == [str(number) for number in range(1, int(entry.text) + 1)]


def _more_than(storage: Storage, count: int) -> bool:
    return storage.queues.size("busy") > count


def _at_rest(storage: Storage) -> Recurrence:
    """The entry, once a server has carried out what the dead asked of it last."""
    before = None
    while before != (now := (storage.recurring.all().entries, ids(storage, "busy"))):
        before = now
    return now[0][0]
