"""Retries, with real workers: attempts that travel with the job, and ends that show them all."""

import pytest
from harness import Shop

from resque_core import Resque
from resque_core.codec import decode_job
from resque_core.job import Entry, Job


def _failed_job(resque: Resque) -> Job:
    (failure,) = resque.failures.peek()
    return decode_job(Entry(failure.job_id, failure.queue, failure.payload))


@pytest.mark.every_store(always=True)
def test_a_job_is_tried_again_until_it_succeeds(shop: Shop, resque: Resque) -> None:
    done = resque.enqueue_to("shop", "flaky.Flaky", 3)
    assert done
    assert shop.start("--burst", require="flaky").wait() == 0
    assert shop.lines("attempt") == [["attempt", str(n), done.id] for n in (1, 2, 3)]
    assert shop.lines("on_retry") == [["on_retry", "ConnectionError", "3"]] * 2
    assert shop.lines("on_give_up") == []
    assert resque.stats.all() == {"processed": 3, "retried": 2}
    assert resque.failures.count() == 0


def test_when_no_attempt_is_left_it_fails_and_shows_them_all(shop: Shop, resque: Resque) -> None:
    resque.enqueue_to("shop", "flaky.Flaky", 9)
    assert shop.start("--burst", require="flaky").wait() == 0
    assert shop.lines("on_give_up") == [["on_give_up", "ConnectionError", "9"]]
    assert resque.stats.all() == {"processed": 3, "retried": 2, "failed": 1}
    failed = _failed_job(resque)
    assert [(line["attempt"], line["error"]) for line in failed.history] == [
        (1, "attempt 1"),
        (2, "attempt 2"),
        (3, "attempt 3"),
    ]
    # By hand it gets a new life, with all its attempts.
    (failure,) = resque.failures.peek()
    assert resque.failures.requeue(failure.id)
    assert shop.start("--burst", require="flaky").wait() == 0
    assert [words[1] for words in shop.lines("attempt")] == ["1", "2", "3"] * 2


def test_a_child_that_dies_obeys_the_same_policy(shop: Shop, resque: Resque) -> None:
    """resque-retry begins to count anew when a child was killed, and so retries for ever."""
    resque.enqueue_to("shop", "flaky.fragile")
    assert shop.start("--burst", require="flaky").wait() == 0
    assert len(shop.lines("dying")) == 2
    assert [line["exception"] for line in _failed_job(resque).history] == ["DirtyExit", "DirtyExit"]


def test_a_policy_does_not_forgive_everything(shop: Shop, resque: Resque) -> None:
    resque.enqueue_to("shop", "flaky.picky")
    assert shop.start("--burst", require="flaky").wait() == 0
    assert resque.stats.all() == {"processed": 1, "failed": 1}


@pytest.mark.parametrize("how", ["--fork", "--no-fork"])
def test_a_job_may_ask_for_it_and_waits_for_as_long_as_it_says(shop: Shop, resque: Resque, how: str) -> None:
    asked = resque.enqueue_to("shop", "flaky.asks")
    assert asked
    assert shop.start("--burst", how, require="flaky").wait() == 0
    delayed = resque.storage.schedule.get(asked.id)
    assert delayed
    job = decode_job(delayed.entry)
    assert (job.attempt, job.history[0]["exception"]) == (2, "RetryJob")
    resque.storage.schedule.promote_now([asked.id])
    assert shop.start("--burst", how, require="flaky").wait() == 0
    assert shop.lines("asked") == [["asked", "1"], ["asked", "2"]]


def test_two_equal_jobs_count_their_own_attempts(shop: Shop, resque: Resque) -> None:
    """resque-retry counts by arguments: the second would begin where the first has ended."""
    for _ in range(2):
        resque.enqueue_to("shop", "flaky.Flaky", 3)
    assert shop.start("--burst", require="flaky").wait() == 0
    assert sorted(words[1] for words in shop.lines("attempt")) == ["1", "1", "2", "2", "3", "3"]
    assert resque.failures.count() == 0
