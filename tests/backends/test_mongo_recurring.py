"""A tick on MongoDB is several commands: a death between any two loses no job and doubles none."""

from contextlib import suppress
from dataclasses import replace

import pytest
from mongo_spy import Killed, Spied

from resque_core.job import Entry
from resque_core.records import Recurrence
from resque_core.storage import Storage
from resque_core.testing.contract.factories import LATER, LONG_AGO
from resque_core.testing.contract.scenes import ids, take
from resque_mongo import storage_of

ENTRY = Recurrence("daily", b"{}", "first", LONG_AGO)
AFTERWARDS = Recurrence("daily", b"{}", "second", LATER, "daily@1")
JOB = Entry("daily@1", "mail", b"x")


def carry_out(storage: Storage) -> None:
    """What a scheduler does that comes along: the tick, if it is still to be carried out."""
    (entry,) = storage.recurring.all().entries
    if entry.next_at == LONG_AGO:
        assert storage.recurring.advance(replace(AFTERWARDS, revision="other"), entry.revision, JOB).done


def work_off(storage: Storage) -> int:
    """Complete all that waits; how many."""
    count = 0
    while ids(storage):
        count += storage.jobs.complete(take(storage, "w"))
    return count


@pytest.mark.parametrize("step", range(5))
def test_a_tick_whose_scheduler_died_midway_has_one_job(
    mongo: Storage, watched: Storage, spied: Spied, namespace: str, step: int
) -> None:
    """Even if that job is done before anybody looks; and what the dead had staged is cleared away."""
    mongo.recurring.put(ENTRY, "")
    spied.spy.begin(die_before=step)
    with suppress(Killed):
        watched.recurring.advance(AFTERWARDS, "first", JOB)
    done = work_off(mongo)
    another = storage_of(spied.database, namespace)
    spied.spy.begin()
    carry_out(another)
    another.recurring.all()
    assert done + work_off(mongo) == 1
    assert spied.database["resque_jobs"].count_documents({"ns": namespace, "state": "staged"}) == 0


def test_a_scheduler_that_was_held_up_fires_nothing_late(
    mongo: Storage, watched: Storage, spied: Spied
) -> None:
    """It had staged its job, slept, and wakes when another one's job of that tick is done and gone."""
    mongo.recurring.put(ENTRY, "")
    spied.spy.begin(die_before=1)
    with suppress(Killed):
        watched.recurring.advance(AFTERWARDS, "first", JOB)
    carry_out(mongo)
    assert work_off(mongo) == 1
    spied.spy.begin()
    assert not watched.recurring.advance(AFTERWARDS, "first", JOB).done
    mongo.recurring.all()
    assert work_off(mongo) == 0


def test_a_look_takes_two_round_trips_and_a_tick_four(mongo: Storage, watched: Storage, spied: Spied) -> None:
    mongo.recurring.put(ENTRY, "")
    watched.recurring.all()
    assert watched.recurring.advance(AFTERWARDS, "first", JOB).done
    spied.spy.begin()
    watched.recurring.all()
    assert spied.spy.names == ["find resque_recurring", "find resque_jobs"]
    mongo.recurring.put(replace(ENTRY, revision="third"), "second")
    spied.spy.begin()
    assert watched.recurring.advance(
        replace(AFTERWARDS, revision="4"), "third", replace(JOB, id="daily@2")
    ).done
    assert spied.spy.names == [
        *("insert resque_jobs", "update resque_recurring", "update resque_jobs", "update resque_queues")
    ]
