"""A requeue that keeps its failure, and dies half done."""

from contextlib import suppress

import pytest
from mongo_spy import Killed, Spied

from resque_core.storage import Storage
from resque_core.testing.contract.factories import a_failure, numbered
from resque_core.testing.contract.scenes import take


@pytest.mark.parametrize("step", range(2, 5))
def test_a_failure_is_kept_though_its_job_is_done_before_the_next_beat(
    mongo: Storage, watched: Storage, spied: Spied, step: int
) -> None:
    """The requeue dies after the job was moved; a worker takes that at once and completes it."""
    mongo.jobs.enqueue(numbered(1))
    held = take(mongo, "w")
    failure = a_failure(held)
    mongo.jobs.fail(held, failure)
    mongo.workers.beat("w", 600)
    spied.spy.begin(die_before=step)
    with suppress(Killed):
        watched.failures.requeue({failure.id: None}, keep=True)
    mongo.jobs.complete(take(mongo, "w"))
    mongo.workers.beat("w", 600)
    assert mongo.failures.count() == 1
    kept = mongo.failures.get(failure.id)
    assert kept
    assert kept.payload == failure.payload
    assert kept.retried_at
