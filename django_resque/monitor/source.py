"""What the pages show: read from the `Resque` of the settings, in a few bounded calls."""

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass

from django_resque.stores import resque
from resque_core.records import ALL_QUEUES, QueueInfo, WorkerInfo

#: A snapshot is shared for so many seconds: many open pages cost a store as much as one.
FRESH_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Everything at a glance, of one moment."""

    taken: float
    url: str
    queues: tuple[QueueInfo, ...]
    workers: tuple[WorkerInfo, ...]
    counters: Mapping[str, int]
    failed: int
    delayed: int
    #: How many of the delayed jobs wait for another attempt.
    retrying: int
    paused: bool

    @property
    def pending(self) -> int:
        """Jobs that wait."""
        return sum(queue.size for queue in self.queues)

    @property
    def working(self) -> tuple[WorkerInfo, ...]:
        """The workers that hold a job, the one that holds it longest first."""
        busy = [worker for worker in self.workers if worker.reservation]
        return tuple(sorted(busy, key=_since))


_lock = threading.Lock()
_last: Snapshot | None = None


def snapshot(*, fresh: bool = False) -> Snapshot:
    """The state of the store, at most a second old; `fresh` after something was changed.

    :raises StorageError: the store cannot be reached.
    """
    global _last
    found = _last
    if fresh or found is None or found.url != resque.url or time.monotonic() - found.taken > FRESH_SECONDS:
        found = _take()
        with _lock:
            _last = found
    return found


def forget_snapshot() -> None:
    """Have the next page read the store anew."""
    global _last
    with _lock:
        _last = None


def _take() -> Snapshot:
    storage = resque.storage
    delayed = storage.schedule.size()
    return Snapshot(
        time.monotonic(),
        resque.url,
        tuple(storage.queues.all()),
        tuple(storage.workers.all()),
        storage.stats.all(),
        storage.failures.count(),
        delayed,
        storage.schedule.retrying() if delayed else 0,
        ALL_QUEUES in storage.queues.paused(),
    )


def _since(worker: WorkerInfo) -> float:
    begun = worker.reservation.reserved_at if worker.reservation else None
    return begun.timestamp() if begun else 0.0
