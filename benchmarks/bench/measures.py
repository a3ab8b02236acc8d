"""What is measured of each library on each store."""

import random
import time
from collections.abc import Sequence
from contextlib import ExitStack

from bench.inbox import Inbox
from bench.library import Call, Library, WorkerKind
from bench.rate import rate
from bench.running import Running, running
from bench.store import ROUND_TRIPS, Store
from resque_core.process.memory import family, share

#: Seconds for a worker to start, and the most that a job may take.
START, PER_JOB = 60.0, 0.5
#: Seconds after which a worker whose job has noted its time is idle again.
SETTLED = 0.05
#: `enqueue_many` is so fast that it gets so many times the jobs.
MANY = 10
NOTHING: Call = ("nothing", ())
NOTE: Call = ("note_time", ())


def enqueue_rate(library: Library, count: int, call: Call = NOTHING) -> float:
    """Jobs per second, each enqueued by a call of its own."""
    job, arguments = call
    _warm(library)
    return rate(count, lambda: library.enqueue(job, *arguments))


def enqueue_many_rate(library: Library, count: int) -> float:
    """Jobs per second, `MANY * count` in one call."""
    _warm(library)
    calls = [NOTHING] * count * MANY
    return rate(1, lambda: library.enqueue_many(calls)) * len(calls)


def fill(library: Library, count: int, call: Call = NOTHING) -> int:
    """Enqueue what `drain_rate` drains: so many jobs between a first and a last that note the time.

    Returns how many that are together.
    """
    calls = [NOTE, *[call] * count, NOTE]
    library.clear()
    library.enqueue_many(calls)
    return len(calls)


def drain_rate(library: Library, kind: WorkerKind, count: int, inbox: Inbox) -> float:
    """Jobs per second through one worker that is warm: it has begun its first job."""
    with running(kind.burst, library.env, inbox) as worker:
        first = worker.next_note(START)
        last = worker.next_note(START + PER_JOB * count)
    # From the first line of the first job to the first line of the last: its end, and all between.
    return (count + 1) / (last - first)


def delays(library: Library, kind: WorkerKind, samples: int, longest: float, inbox: Inbox) -> Sequence[float]:
    """Seconds from before the call that enqueues a job to the job's first line, in an idle worker.

    Each is enqueued at a random moment within `longest` seconds, so that a worker that polls at that
    interval is met at every point of its wait.
    """
    library.clear()
    with running(kind.idle, library.env, inbox) as worker:
        _delay(library, worker, START)
        found = []
        for _ in range(samples):
            time.sleep(SETTLED + random.uniform(0, longest))
            found.append(_delay(library, worker, START + longest))
    return found


def drain_together(library: Library, kind: WorkerKind, workers: int, count: int, inbox: Inbox) -> float:
    """Jobs per second through so many workers that are warm: each has one of the jobs `meet` in its hands.

    Then the queue is filled, and they are let go: from the first job that is done then to the last.
    """
    library.clear()
    library.enqueue_many([("meet", ())] * workers)
    with ExitStack() as stack:
        started = [stack.enter_context(running(kind.idle, library.env, inbox)) for _ in range(workers)]
        for worker in started:
            worker.next_note(START * workers)
        library.enqueue_many([NOTE, *[NOTHING] * count, NOTE])
        stack.enter_context(inbox.open())
        first = started[0].next_note(START)
        last = started[0].next_note(START + PER_JOB * count)
    return (count + 1) / (last - first)


def idle_costs(
    library: Library, kind: WorkerKind, store: Store, seconds: float, inbox: Inbox
) -> tuple[float, float]:
    """Of a worker that has run a job and waits as it does by default: megabytes, and commands per second."""
    library.clear()
    with running(kind.idle, library.env, inbox) as worker:
        _delay(library, worker, START)
        time.sleep(min(seconds, kind.rest))
        earlier, before = _trips(store), _trips(store)
        time.sleep(seconds)
        # Asking costs commands, too.
        commands = _trips(store) - before - (before - earlier)
        megabytes = share(family(worker.process.pid))
    return megabytes, max(0.0, commands) / seconds


def memory_after(library: Library, kind: WorkerKind, counts: Sequence[int], inbox: Inbox) -> Sequence[float]:
    """Megabytes (PSS) of one worker and all its processes, when it has run so many jobs, and so many more."""
    library.clear()
    found: list[float] = []
    done = 0
    with running(kind.idle, library.env, inbox) as worker:
        for count in counts:
            library.enqueue_many([*[NOTHING] * (count - done - 1), NOTE])
            worker.next_note(START + PER_JOB * (count - done))
            time.sleep(SETTLED)
            found.append(share(family(worker.process.pid)))
            done = count
    return found


def _warm(library: Library) -> None:
    """Nothing is enqueued, and the library has done what it does once: connected, and loaded scripts."""
    library.clear()
    library.enqueue(NOTHING[0])
    library.clear()


def _trips(store: Store) -> float:
    return store.commands().get(ROUND_TRIPS, 0.0)


def _delay(library: Library, worker: Running, patience: float) -> float:
    library.enqueue("note_delay", time.monotonic())
    return worker.next_note(patience)
