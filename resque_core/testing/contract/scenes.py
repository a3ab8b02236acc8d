"""Steps that many tests begin with, and the few ways in which they look at a store."""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TypeVar
from uuid import uuid4

from resque_core.failure import Failure
from resque_core.job import Entry
from resque_core.records import Delayed, Lapsed, Reservation, WorkerInfo
from resque_core.storage import Storage
from resque_core.testing.contract.factories import a_failure, a_worker, an_entry

T = TypeVar("T")

#: Seconds after which something that should have happened is taken never to happen.
PATIENCE = 30.0
#: Seconds of lease that no test outlives.
LONG = 600.0


def until(what: Callable[[], T | None]) -> T:
    """Ask again and again until the answer is true, and give it back."""
    deadline = time.monotonic() + PATIENCE
    while not (answer := what()):
        assert time.monotonic() < deadline, f"not within {PATIENCE:.0f} seconds: {what}"
        time.sleep(0.001)
    return answer


def join(storage: Storage, lease: float = LONG) -> str:
    """Register a new worker; its id."""
    worker = a_worker()
    storage.workers.register(worker, lease)
    return worker.id


def take(storage: Storage, worker: str, *queues: str) -> Reservation:
    """Reserve for `worker` what must be there."""
    answer = storage.jobs.reserve(queues or ("mail",), worker, uuid4().hex)
    assert isinstance(answer, Reservation)
    return answer


def hold(storage: Storage, entry: Entry | None = None) -> Reservation:
    """A job in the hands of a new worker."""
    entry = entry or an_entry()
    storage.jobs.enqueue([entry], at_front=True)
    return take(storage, join(storage), entry.queue)


def bury(storage: Storage, entry: Entry | None = None, **changes: object) -> Failure:
    """A job in the failed store, by the way of a worker that is gone again."""
    held = hold(storage, entry)
    failure = a_failure(held, **changes)
    assert storage.jobs.fail(held, failure)
    assert storage.workers.unregister(held.worker)
    return failure


def let_lapse(storage: Storage, worker: str) -> Lapsed:
    """End the worker's lease; what a sweep sees of it. At its very end, lists do not say so yet."""
    storage.workers.beat(worker, 0)
    until(lambda: (info := find_worker(storage, worker)) and info.state == "lapsed")
    return until(lambda: find_lapsed(storage, worker))


def find_lapsed(storage: Storage, worker: str) -> Lapsed | None:
    """What `lapsed` says of one worker."""
    return next((seen for seen in storage.workers.lapsed() if seen.worker == worker), None)


def find_worker(storage: Storage, worker: str) -> WorkerInfo | None:
    """What `all` says of one worker."""
    return next((info for info in storage.workers.all() if info.id == worker), None)


def ids(storage: Storage, queue: str = "mail") -> list[str]:
    """The ids of the jobs that wait on a queue, head first."""
    return [entry.id for entry in storage.queues.peek(queue, 0, 100_000)]


def delayed_ids(storage: Storage) -> list[str]:
    """The ids of the delayed jobs, earliest first."""
    return [delayed.entry.id for delayed in storage.schedule.peek(0, 100_000)]


def counted(storage: Storage) -> tuple[int, int]:
    """The counters `processed` and `failed`."""
    stats = storage.stats.all()
    return stats.get("processed", 0), stats.get("failed", 0)


def every_failure(storage: Storage) -> list[Failure]:
    """The whole failed store, newest first."""
    return list(storage.failures.peek(0, 100_000))


@dataclass(frozen=True)
class Snapshot:
    """All that a store says, except what time alone changes."""

    waiting: dict[str, list[Entry]]
    delayed: list[Delayed]
    paused: frozenset[str]
    failures: list[Failure]
    workers: list[WorkerInfo]
    stats: dict[str, int]


def snapshot(storage: Storage) -> Snapshot:
    """What the store says now, to compare with what it says later."""
    return Snapshot(
        waiting={
            info.name: list(storage.queues.peek(info.name, 0, 100_000)) for info in storage.queues.all()
        },
        delayed=sorted(storage.schedule.peek(0, 100_000), key=lambda it: (it.run_at, it.entry.id)),
        paused=storage.queues.paused(),
        failures=every_failure(storage),
        workers=[replace(info, lease_left=0, heartbeat_at=None) for info in storage.workers.all()],
        stats={name: value for name, value in storage.stats.all().items() if value},
    )
