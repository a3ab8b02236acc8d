"""A process of its own for the suite: it opens the store by its URL, plays one part, and says what came.

Started by `actors.py`. It says that it is ready, waits for its cue, plays, and says what came of it.
"""

import sys
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from itertools import count
from multiprocessing.connection import Connection
from typing import Any, TypeVar
from uuid import uuid4

from resque_core.clock import utc_now
from resque_core.discovery import open_storage
from resque_core.failure import Failure
from resque_core.job import Entry
from resque_core.records import Lapsed, Reservation, Spell, Verdict, WorkerInfo
from resque_core.storage import Storage

T = TypeVar("T")

#: A part looks around, waits for its cue at the `yield`, plays, and returns what came of it.
#: The cue is a moment of the clock that all processes of a machine share.
Part = Generator[None, float, object]
#: A part that has no end of its own.
Life = Generator[None, float, None]

#: Seconds after which every part ends by itself, should nobody be left to end it.
CURTAIN = 90.0
#: Seconds from one step to the next of actors that play in step.
BEAT = 0.004
#: Said by an actor that waits for its cue.
READY = "ready"
#: How many jobs a producer enqueues in one call.
BATCH = 10


# Parts that play against each other, and end.


def drain(storage: Storage, queue: str, total: int) -> Part:
    """Take and complete until `total` jobs are done: which, and when each call began and ended."""
    worker = join(storage)
    yield
    taken = []
    for _ in until_curtain():
        began = time.monotonic()
        held = storage.jobs.reserve([queue], worker, uuid4().hex)
        if isinstance(held, Reservation):
            taken.append((held.entry.id, began, time.monotonic()))
            assert storage.jobs.complete(held)
        elif storage.stats.all().get("processed", 0) >= total:
            break
    return taken


def produce(storage: Storage, queue: str, start: int, batches: int) -> Part:
    """Enqueue so many batches of consecutive numbers from `start` on: how many were stored."""
    yield
    return sum(enqueue_batch(storage, queue, start + BATCH * number) for number in range(batches))


def settle(storage: Storage) -> Part:
    """Complete what each worker holds now: which calls said so."""
    held = [info.reservation for info in storage.workers.all()]
    cue = yield
    return [it.worker for it in in_step(held, cue) if it and storage.jobs.complete(it)]


def sweep(storage: Storage) -> Part:
    """Sweep every worker that is lapsed now: which calls won."""
    lapsed = sorted(storage.workers.lapsed(1000), key=lambda seen: seen.worker)
    cue = yield
    return [seen.worker for seen in in_step(lapsed, cue) if storage.workers.sweep(seen, Verdict())]


def requeue(storage: Storage) -> Part:
    """Requeue every failure that is there now, and keep it: which calls won."""
    failures = storage.failures.peek(0, 1000)
    cue = yield
    return [it.id for it in in_step(failures, cue) if storage.failures.requeue({it.id: None}, keep=True)]


def unregister(storage: Storage) -> Part:
    """Forget every worker that is registered now: which calls won."""
    workers = storage.workers.all()
    cue = yield
    return [info.id for info in in_step(workers, cue) if storage.workers.unregister(info.id)]


def seize(storage: Storage, queue: str) -> Part:
    """Reserve for every worker that is registered now: which of them got a job."""
    workers = [info.id for info in storage.workers.all()]
    cue = yield
    answers = [(it, storage.jobs.reserve([queue], it, uuid4().hex)) for it in in_step(workers, cue)]
    return [worker for worker, answer in answers if isinstance(answer, Reservation)]


def weed(storage: Storage, queue: str) -> Part:
    """Dequeue by content, one number after the other, from the tail: how many were deleted."""
    payloads = [entry.payload for entry in storage.queues.peek(queue, 0, 100_000)]
    yield
    return sum(storage.queues.dequeue(queue, payload.__eq__) for payload in reversed(payloads))


def promote(storage: Storage, total: int) -> Part:
    """Promote until `total` jobs wait, whoever promoted them: how many this one did."""
    yield
    count = 0
    for _ in until_curtain():
        count += storage.schedule.promote(10).count
        if storage.queues.size("mail") >= total:
            break
    return count


def schedule(storage: Storage, ticks: int) -> Part:
    """Carry out tick after tick of the one entry, until there were so many: how many this one did."""
    yield
    count = 0
    for _ in until_curtain():
        (entry,) = storage.recurring.all().entries
        number = int(entry.text) + 1 if entry.text.isdigit() else 1
        if number > ticks:
            break
        then = replace(entry, text=b"%d" % number, revision=uuid4().hex, last_job=str(number), live=False)
        job = Entry(str(number), entry.name, b"tick %d" % number)
        count += storage.recurring.advance(then, entry.revision, job).done
    return count


def prepare(storage: Storage) -> Part:
    """Prepare the store, and use it at once: how many jobs were stored."""
    yield
    storage.prepare()
    return storage.jobs.enqueue([Entry(uuid4().hex, "mail", b"")])


# Lives: parts that go round and round until somebody kills them.


def enqueue_on_and_on(storage: Storage, queue: str) -> Life:
    """Enqueue batches of consecutive numbers."""
    first = storage.queues.size(queue)
    yield
    for start in until_curtain(first, BATCH):
        enqueue_batch(storage, queue, start)


def promote_on_and_on(storage: Storage, queue: str) -> Life:
    """Delay batches of consecutive numbers for a moment, and promote what is due."""
    first = storage.queues.size(queue) + storage.schedule.size()
    yield
    for start in until_curtain(first, BATCH):
        enqueue_batch(storage, queue, start, timedelta(milliseconds=5))
        storage.schedule.promote(7)


def complete_on_and_on(storage: Storage, queue: str) -> Life:
    """Take the head and complete it; every other time, complete it and take the next in one call."""
    worker = join(storage)
    yield
    for _ in until_curtain():
        held = storage.jobs.complete_and_reserve(take(storage, queue, worker), [queue], uuid4().hex)
        assert isinstance(held, Reservation), held
        storage.jobs.complete(held)


def bundle_on_and_on(storage: Storage, queue: str) -> Life:
    """Take several, and complete them all or some; or hold one of them alone, and complete it."""
    worker = join(storage)
    yield
    for turn in until_curtain():
        held = storage.jobs.reserve([queue], worker, uuid4().hex, most=6)
        assert isinstance(held, Reservation), held
        jobs = [entry.id for entry in (held.entry, *held.bundle)]
        spells, half = [Spell(job, 0.0, 0.001) for job in jobs], len(jobs) // 2
        if turn % 3 == 0:
            alone = storage.jobs.narrow(held, spells[:half], jobs[half], uuid4().hex)
            assert isinstance(alone, Reservation), alone
            assert storage.jobs.complete(alone)
        else:
            done = spells[: None if turn % 3 == 1 else half + 1] if held.bundle else ()
            then = storage.jobs.complete_and_reserve(held, [queue], uuid4().hex, spells=done, most=6)
            assert isinstance(then, Reservation), then
            storage.jobs.release(then)


def release_on_and_on(storage: Storage, queue: str) -> Life:
    """Take the head and put it back."""
    worker = join(storage)
    yield
    for _ in until_curtain():
        storage.jobs.release(take(storage, queue, worker))


def fail_on_and_on(storage: Storage, queue: str) -> Life:
    """Take the head, let it fail, and requeue it."""
    worker = join(storage)
    yield
    for _ in until_curtain():
        held = take(storage, queue, worker)
        failure = a_failure(held)
        storage.jobs.fail(held, failure)
        storage.failures.requeue({failure.id: None})


def sweep_on_and_on(storage: Storage, queue: str) -> Life:
    """Be a worker whose lease ends over its job, and the sweep that finds it; every third job fails."""
    yield
    for turn in until_curtain():
        held = take(storage, queue, join(storage, lease=0))
        seen = Lapsed(held.worker, held)
        verdict = Verdict(a_failure(held) if turn % 3 == 2 else None)
        any(storage.workers.sweep(seen, verdict) for _ in until_curtain())
        if verdict.failure:
            storage.failures.requeue({verdict.failure.id: None})


# What the parts need.


def until_curtain(start: int = 0, step: int = 1) -> Iterator[int]:
    """Numbers, for as long as a part may play."""
    end = time.monotonic() + CURTAIN
    for number in count(start, step):
        if time.monotonic() > end:
            sys.exit("The curtain fell: the part did not come to its end.")
        yield number


def in_step(items: Sequence[T], cue: float) -> Iterator[T]:
    """One item a beat from the cue on, so that actors with the same list meet at each of its items."""
    for number, item in enumerate(items):
        time.sleep(max(0.0, cue + number * BEAT - time.monotonic()))
        yield item


def join(storage: Storage, lease: float = 600.0) -> str:
    """Register a new worker; its id."""
    worker = WorkerInfo(id=f"actor+{uuid4().hex}", host="actor", pid=1, queues=("*",), started_at=utc_now())
    storage.workers.register(worker, lease)
    return worker.id


def take(storage: Storage, queue: str, worker: str) -> Reservation:
    """Reserve what must be there."""
    held = storage.jobs.reserve([queue], worker, uuid4().hex)
    assert isinstance(held, Reservation), held
    return held


def enqueue_batch(storage: Storage, queue: str, start: int, run_at: timedelta | None = None) -> int:
    """Enqueue a few consecutive numbers in one call."""
    batch = [Entry(str(number), queue, b"job %d" % number) for number in range(start, start + BATCH)]
    return storage.jobs.enqueue(batch, run_at=run_at)


def a_failure(held: Reservation) -> Failure:
    """What is kept of a job that failed."""
    return Failure(
        id=uuid4().hex,
        job_id=held.entry.id,
        queue=held.entry.queue,
        name="Mail",
        payload=held.entry.payload,
        exception="ValueError",
        error="on and on",
        failed_at=utc_now(),
    )


PARTS: dict[str, Callable[..., Part]] = {
    part.__name__: part
    for part in (
        *(drain, produce, settle, sweep, requeue, unregister, seize, weed, promote, schedule, prepare),
        *(enqueue_on_and_on, promote_on_and_on, complete_on_and_on, bundle_on_and_on),
        *(release_on_and_on, fail_on_and_on, sweep_on_and_on),
    )
}


def main(line: Connection, url: str, namespace: str, part: str, arguments: dict[str, Any]) -> None:
    """Play `part`; `line` leads to whoever started this process, and ends with it."""
    with closing(open_storage(url, namespace)) as storage:
        playing = PARTS[part](storage, **arguments)
        next(playing)
        line.send(READY)
        try:
            cue = line.recv()
        except EOFError:
            return
        line.send(end_of(playing, cue))


def end_of(playing: Part, cue: float) -> object:
    """Give the cue; what the part returns."""
    try:
        playing.send(cue)
    except StopIteration as end:
        return end.value
    raise AssertionError("a part waits for one cue only")
