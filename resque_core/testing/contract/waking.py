"""The capability `waker`: a worker that waits hears of a job; a hint, without which nothing is lost."""

import math
import select
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from resque_core.limit import Limit
from resque_core.records import ALL_QUEUES, Idle, Reservation, Verdict
from resque_core.sequel import Leaving, Sequel
from resque_core.storage import Storage, Waker
from resque_core.testing.contract.factories import an_entry, numbered
from resque_core.testing.contract.fixtures import OpenWaker
from resque_core.testing.contract.scenes import (
    LONG,
    PATIENCE,
    bury,
    hold,
    ids,
    join,
    let_lapse,
    take,
    until,
)


def _begin_batch(storage: Storage) -> Reservation:
    storage.batches.begin("batch", [an_entry("other")], an_entry())
    return take(storage, join(storage), "other")


def _turn_away(storage: Storage) -> None:
    assert storage.jobs.admit(hold(storage, an_entry("other")), Limit("key", 1), LONG)
    assert not storage.jobs.admit(hold(storage), Limit("key", 1), LONG)


def _pause(storage: Storage, name: str) -> str:
    storage.jobs.enqueue([an_entry()])
    storage.queues.pause(name)
    return name


def _delay(storage: Storage) -> str:
    entry = an_entry()
    storage.jobs.enqueue([entry], run_at=timedelta(seconds=LONG))
    return entry.id


#: Each way in which a job comes to wait on the queue `mail`: what there is before, and the step with that.
WAYS: dict[str, tuple[Callable[[Storage], Any], Callable[[Storage, Any], object]]] = {
    "enqueue": (ids, lambda storage, _: storage.jobs.enqueue([an_entry()])),
    "enqueue at the front": (ids, lambda storage, _: storage.jobs.enqueue([an_entry()], at_front=True)),
    "enqueue many": (ids, lambda storage, _: storage.jobs.enqueue([an_entry("other"), an_entry()])),
    "enqueue a unique one": (ids, lambda storage, _: storage.jobs.enqueue_unique([an_entry()], [None])),
    "release": (hold, lambda storage, held: storage.jobs.release(held)),
    "reschedule for now": (
        hold,
        lambda storage, held: storage.jobs.reschedule(held, held.entry, timedelta()),
    ),
    "sweep": (
        hold,
        lambda storage, held: storage.workers.sweep(let_lapse(storage, held.worker), Verdict()),
    ),
    "the next of a chain": (
        lambda storage: hold(storage, an_entry("other")),
        lambda storage, held: storage.jobs.complete(held, Sequel(then=(an_entry(),))),
    ),
    "a batch": (ids, lambda storage, _: storage.batches.begin("batch", [an_entry()], None)),
    "the callback of a batch": (
        _begin_batch,
        lambda storage, held: storage.jobs.complete(held, Sequel(leaving=Leaving("batch"))),
    ),
    "a free slot": (_turn_away, lambda storage, _: storage.jobs.wake("key")),
    "promote": (
        lambda storage: storage.jobs.enqueue([an_entry()], run_at=timedelta(milliseconds=1)),
        lambda storage, _: until(lambda: storage.schedule.promote().count),
    ),
    "move": (
        lambda storage: storage.jobs.enqueue([an_entry("other", id="moved")]),
        lambda storage, _: storage.queues.move("other", "mail", ["moved"]),
    ),
    "promote now": (_delay, lambda storage, job: storage.schedule.promote_now([job])),
    "requeue": (bury, lambda storage, failure: storage.failures.requeue({failure.id: None})),
    "resume": (lambda storage: _pause(storage, "mail"), lambda storage, name: storage.queues.resume(name)),
    "resume all": (
        lambda storage: _pause(storage, ALL_QUEUES),
        lambda storage, name: storage.queues.resume(name),
    ),
}


def listen(waker: Waker, *queues: str, discover: bool = False) -> None:
    """For jobs on these queues, by default on `mail`."""
    waker.listen(queues or ("mail",), PATIENCE, discover=discover)


def hears(waker: Waker, seconds: float = PATIENCE) -> bool:
    """Wait as a worker does, so many seconds at most."""
    deadline = time.monotonic() + seconds
    while (left := deadline - time.monotonic()) > 0:
        descriptor, patience = waker.fileno(), min(left, waker.left(), 1.0)
        select.select([descriptor] if descriptor >= 0 else [], [], [], patience)
        if waker.heard():
            return True
    return False


def attend(waker: Waker, *queues: str, discover: bool = False) -> None:
    """Listen, and be done with what there was to hear already."""
    listen(waker, *queues, discover=discover)
    hears(waker, 0.06)
    listen(waker, *queues, discover=discover)


@pytest.mark.parametrize("way", WAYS)
def test_who_waits_hears_of_a_job_however_it_came_to_wait(storage: Storage, waker: Waker, way: str) -> None:
    """The job waits on, for whoever reserves it."""
    before, step = WAYS[way]
    seen = before(storage)
    attend(waker)
    step(storage, seen)
    assert hears(waker)
    assert len(ids(storage)) == 1


def test_who_waits_for_several_queues_hears_of_each(storage: Storage, waker: Waker) -> None:
    """In any order."""
    for queue in ("images", "mail", "other"):
        attend(waker, "mail", "other", "images")
        storage.jobs.enqueue([an_entry(queue)])
        assert hears(waker)
        take(storage, join(storage), queue)


def test_a_job_that_came_before_the_worker_listened_is_heard_of(storage: Storage, waker: Waker) -> None:
    """Between the look that found nothing and this there is always a moment."""
    attend(waker)
    waker.stop()
    assert isinstance(storage.jobs.reserve(["mail"], join(storage), "token"), Idle)
    storage.jobs.enqueue([an_entry()])
    listen(waker)
    assert hears(waker)


def test_who_discovers_hears_of_a_queue_that_nobody_knew(storage: Storage, waker: Waker) -> None:
    """Its next look names that queue."""
    storage.jobs.enqueue([an_entry("known")])
    attend(waker, "known", discover=True)
    storage.jobs.enqueue([an_entry("new")])
    assert hears(waker)


def test_who_stopped_to_listen_leaves_the_hint_to_another(storage: Storage, open_waker: OpenWaker) -> None:
    """It is busy, or paused: a hint in its hands would be of no use."""
    busy, waiting = open_waker(), open_waker()
    attend(busy)
    busy.stop()
    attend(waiting)
    storage.jobs.enqueue([an_entry()])
    assert hears(waiting)
    assert busy.fileno() == -1
    assert math.isinf(busy.left())


def test_of_several_jobs_each_wakes_somebody(storage: Storage, open_waker: OpenWaker) -> None:
    """One call may have stored all of them: then who takes one passes the hint on."""
    idle = [open_waker() for _ in range(3)]
    for waker in idle:
        attend(waker)
    storage.jobs.enqueue(numbered(3))

    def all_are_busy() -> bool:
        for waker in [*idle]:
            if hears(waker, 0.05):
                take(storage, join(storage))
                idle.remove(waker)
        return not idle

    until(all_are_busy)


def test_a_closed_waker_listens_again(storage: Storage, waker: Waker) -> None:
    """After trouble with its connection, or in the next `work`. Closing twice is no error."""
    attend(waker)
    waker.close()
    waker.close()
    assert waker.fileno() == -1
    attend(waker)
    storage.jobs.enqueue([an_entry()])
    assert hears(waker)
