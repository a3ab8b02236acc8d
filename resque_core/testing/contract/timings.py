"""`queues.timings`: how long the jobs of each queue waited and took, counted with the end of each attempt."""

import time
from collections.abc import Callable
from datetime import timedelta
from itertools import pairwise
from uuid import uuid4

import pytest

from resque_core.records import Reservation, Verdict
from resque_core.storage import Storage
from resque_core.testing.contract.factories import ODD_TEXTS, a_failure, an_entry, numbered
from resque_core.testing.contract.scenes import hold, join, let_lapse, take
from resque_core.timing import BOUNDS, Histogram, Timings

LATER, AT_ONCE = timedelta(hours=1), timedelta(0)

#: Each way in which a worker tells the end of an attempt.
ends = pytest.mark.parametrize(
    "end",
    [
        pytest.param(lambda storage, held: storage.jobs.complete(held), id="complete"),
        pytest.param(lambda storage, held: storage.jobs.fail(held, a_failure(held)), id="fail"),
        pytest.param(lambda storage, held: storage.jobs.reschedule(held, held.entry, LATER), id="reschedule"),
        pytest.param(lambda storage, held: storage.jobs.reschedule(held, held.entry, AT_ONCE), id="at once"),
        pytest.param(
            lambda storage, held: storage.jobs.complete_and_reserve(held, ("none",), uuid4().hex),
            id="complete and reserve",
        ),
    ],
)
End = Callable[[Storage, Reservation], object]


def totals(storage: Storage, queue: str = "mail") -> tuple[int, int]:
    """How many waits, and how many durations, were counted."""
    timings = storage.queues.timings([queue]).get(queue, Timings())
    return timings.wait.total, timings.duration.total


def bounds_of(histogram: Histogram) -> tuple[float, float]:
    """The bounds, in seconds, of the one bucket that has anything in it."""
    (place,) = (place for place, count in enumerate(histogram.counts) if count)
    limits = [0.0, *(bound / 1000 for bound in BOUNDS), float("inf")]
    return list(pairwise(limits))[place]


@ends
def test_the_end_of_an_attempt_is_counted_with_its_times(storage: Storage, end: End) -> None:
    """However it ended, once; and telling it again counts nothing more."""
    held = hold(storage)
    end(storage, held)
    assert totals(storage) == (1, 1)
    end(storage, held)
    assert totals(storage) == (1, 1)


@ends
def test_a_stale_token_counts_no_times(storage: Storage, end: End) -> None:
    """It ended nothing."""
    held = hold(storage)
    storage.workers.sweep(let_lapse(storage, held.worker), Verdict())
    end(storage, held)
    assert totals(storage) == (0, 0)


def test_what_nobody_saw_end_is_not_timed(storage: Storage) -> None:
    """A job that went back, or that a sweep gave up."""
    storage.jobs.release(hold(storage))
    rescued, given_up = hold(storage), hold(storage)
    storage.workers.sweep(let_lapse(storage, rescued.worker), Verdict())
    storage.workers.sweep(let_lapse(storage, given_up.worker), Verdict(a_failure(given_up)))
    assert storage.queues.timings(["mail"]) == {}


def test_times_are_those_between_the_steps(storage: Storage) -> None:
    """From its queue into a worker's hands, and from there to its end; in the buckets where they belong."""
    worker = join(storage)
    start = time.monotonic()
    storage.jobs.enqueue(numbered(1))
    time.sleep(0.04)
    held = take(storage, worker)
    time.sleep(0.02)
    storage.jobs.complete(held)
    timings = storage.queues.timings(["mail"])["mail"]
    # Not every store keeps more than whole milliseconds.
    assert timings.wait.seconds >= 0.035
    assert timings.duration.seconds >= 0.015
    assert timings.wait.seconds + timings.duration.seconds <= time.monotonic() - start + 0.005
    for histogram in (timings.wait, timings.duration):
        above, up_to = bounds_of(histogram)
        assert above - 0.001 <= histogram.seconds <= up_to + 0.001


def test_a_job_that_is_rescued_has_waited_since_it_came(storage: Storage) -> None:
    """A worker that died in between is no reason to look well."""
    held = hold(storage)
    time.sleep(0.02)
    storage.workers.sweep(let_lapse(storage, held.worker), Verdict())
    storage.jobs.complete(take(storage, join(storage)))
    assert storage.queues.timings(["mail"])["mail"].wait.seconds >= 0.015


def test_times_add_up(storage: Storage) -> None:
    """One histogram for each queue, however many jobs it had, and whoever worked them."""
    for _ in range(3):
        storage.jobs.complete(hold(storage))
    storage.jobs.complete(hold(storage, an_entry("images")))
    found = storage.queues.timings(["mail", "images", "files"])
    assert {queue: its.duration.total for queue, its in found.items()} == {"mail": 3, "images": 1}
    assert {queue: its.wait.total for queue, its in found.items()} == {"mail": 3, "images": 1}


def test_a_job_that_moves_to_another_queue_is_timed_where_it_was_taken(storage: Storage) -> None:
    """That is where somebody waited."""
    held = hold(storage)
    storage.jobs.reschedule(held, an_entry("images", id=held.entry.id), AT_ONCE)
    assert (totals(storage, "mail"), totals(storage, "images")) == ((1, 1), (0, 0))


@pytest.mark.parametrize("queue", ODD_TEXTS, ids=ascii)
def test_a_queue_that_is_timed_may_have_any_name(storage: Storage, queue: str) -> None:
    """Names are anything."""
    storage.jobs.complete(hold(storage, an_entry(queue)))
    assert storage.queues.timings([queue])[queue].duration.total == 1


def test_times_go_with_their_queue(storage: Storage) -> None:
    """And do not come back with it; a queue that is only emptied keeps them."""
    storage.jobs.complete(hold(storage))
    storage.queues.clear("mail")
    assert totals(storage) == (1, 1)
    late = hold(storage)
    storage.queues.remove("mail")
    storage.jobs.complete(late)
    assert storage.queues.timings(["mail"]) == {}
    storage.jobs.complete(hold(storage))
    # The late one was counted before or after the queue came back: some stores count a little later.
    assert totals(storage) in {(1, 1), (2, 2)}


def test_of_no_queues_there_are_no_times(storage: Storage) -> None:
    """Asking for nothing, or for what is not there, is no error."""
    assert storage.queues.timings([]) == {}
    assert storage.queues.timings(["nothing"]) == {}
    assert storage.queues.latencies([]) == {}
