"""A batch on MongoDB is several commands at each step: a death between any two calls its callback once."""

from contextlib import suppress

import pytest
from mongo_spy import Killed, Spied

from resque_core.batch import Batch
from resque_core.job import Entry
from resque_core.records import Verdict
from resque_core.sequel import Leaving, Sequel
from resque_core.storage import NO_CURSOR, Storage
from resque_core.testing.contract.factories import a_failure, numbered
from resque_core.testing.contract.scenes import ids, join, let_lapse, take

LAST = Entry("last", "end", b"{}")
FAILING = Sequel(leaving=Leaving("batch", failed=True))


@pytest.mark.parametrize("step", range(15))
def test_a_worker_that_dies_with_the_last_job_leaves_one_callback(
    mongo: Storage, watched: Storage, spied: Spied, namespace: str, step: int
) -> None:
    """Which may be done before anybody looks; and the job counts as failed, wherever the worker died."""
    mongo.batches.begin("batch", numbered(1), LAST)
    held = take(mongo, worker := join(mongo))
    spied.spy.begin(die_before=step)
    with suppress(Killed):
        watched.jobs.fail(held, a_failure(held), sequel=FAILING)
    spied.spy.begin()
    mongo.workers.sweep(let_lapse(mongo, worker), Verdict())
    done = call_back(mongo)
    if ids(mongo):
        again = take(mongo, join(mongo))
        mongo.jobs.fail(again, a_failure(again), sequel=FAILING)
    for _ in range(2):
        assert mongo.batches.mend() == NO_CURSOR
        done += call_back(mongo)
    assert done == 1
    assert mongo.batches.read("batch") == Batch("batch", 1, 0, 1, "last")
    assert spied.database["resque_members"].count_documents({"ns": namespace}) == 0


@pytest.mark.parametrize("step", range(10))
def test_a_program_that_dies_while_it_begins_a_batch_may_begin_it_again(
    mongo: Storage, watched: Storage, spied: Spied, step: int
) -> None:
    """Nothing that was stored before calls anything by itself."""
    spied.spy.begin(die_before=step)
    with suppress(Killed):
        watched.batches.begin("batch", numbered(2), LAST)
    mongo.batches.mend()
    assert ids(mongo, "end") == []
    mongo.batches.begin("batch", numbered(2), LAST)
    assert ids(mongo) == ["0", "1"]
    for _ in range(2):
        mongo.jobs.complete(take(mongo, join(mongo)), Sequel(leaving=Leaving("batch")))
    assert call_back(mongo) == 1
    assert mongo.batches.read("batch") == Batch("batch", 2, 0, 0, "last")


def test_what_never_began_is_dropped_after_a_day(
    mongo: Storage, watched: Storage, spied: Spied, namespace: str
) -> None:
    spied.spy.begin(die_before=4)
    with suppress(Killed):
        watched.batches.begin("batch", numbered(2), LAST)
    spied.spy.begin()
    batches, jobs = spied.database["resque_batches"], spied.database["resque_jobs"]
    ours, held = {"ns": namespace}, {"ns": namespace, "state": "batch"}
    assert jobs.count_documents(held) == 1
    batches.update_many(ours, [{"$set": {"since": {"$subtract": ["$since", 2 * 86_400_000]}}}])
    mongo.batches.mend()
    assert batches.count_documents(ours) == jobs.count_documents(held) == 0
    assert spied.database["resque_members"].count_documents(ours) == 0


def call_back(storage: Storage) -> int:
    """Complete the callbacks that wait; how many."""
    count = 0
    while ids(storage, "end"):
        count += storage.jobs.complete(take(storage, join(storage), "end"))
    return count
