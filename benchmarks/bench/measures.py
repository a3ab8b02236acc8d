"""What is measured of each library on each store."""

import random
import time
from collections.abc import Sequence

from bench.inbox import Inbox
from bench.library import Library, WorkerKind
from bench.rate import rate
from bench.running import Running, running

#: Seconds for a worker to start, and the most that a job may take.
START, PER_JOB = 60.0, 0.5
#: Seconds after which a worker whose job has noted its time is idle again.
SETTLED = 0.05
#: `enqueue_many` is so fast that it gets so many times the jobs.
MANY = 10


def enqueue_rate(library: Library, count: int) -> float:
    """Jobs per second, each enqueued by a call of its own."""
    library.clear()
    return rate(count, lambda: library.enqueue("nothing"))


def enqueue_many_rate(library: Library, count: int) -> float:
    """Jobs per second, `MANY * count` in one call."""
    library.clear()
    jobs = ["nothing"] * count * MANY
    return rate(1, lambda: library.enqueue_many(jobs)) * len(jobs)


def fill(library: Library, count: int) -> int:
    """Enqueue what `drain_rate` drains: so many jobs between a first and a last that note the time.

    Returns how many that are together.
    """
    jobs = ["note_time", *["nothing"] * count, "note_time"]
    library.clear()
    library.enqueue_many(jobs)
    return len(jobs)


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


def _delay(library: Library, worker: Running, patience: float) -> float:
    library.enqueue("note_delay", time.monotonic())
    return worker.next_note(patience)
