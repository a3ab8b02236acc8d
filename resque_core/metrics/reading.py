"""`Metrics`: the state of a store in numbers, read from it alone: whoever reads them, they agree."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from resque_core.records import QueueInfo
from resque_core.storage import Storage
from resque_core.timing import Timings

#: So many queues, the first by name, have numbers of their own: some forty each, which somebody has to keep.
MOST_QUEUES = 1000
#: Of how many queues a store is asked in one call.
_AT_ONCE = 50
#: The states of a worker: see `WorkerInfo.state`.
_STATES = ("idle", "working", "lapsed")


@dataclass(frozen=True, slots=True)
class QueueMetrics:
    """One queue."""

    name: str
    #: How many jobs wait.
    size: int
    #: Seconds that the oldest of them has waited.
    oldest_age: float
    #: Whether it is paused by its own name.
    paused: bool
    timings: Timings


@dataclass(frozen=True, slots=True)
class Metrics:
    """The state of a store in numbers."""

    #: Attempts that ended, those of them that left a failure, and those that are followed by another one.
    processed: int
    failed: int
    retried: int
    #: How many failures are kept.
    failures: int
    #: Up to `MOST_QUEUES` of them, by name.
    queues: tuple[QueueMetrics, ...]
    #: How many queues there are in all.
    queue_count: int
    #: How many workers are in each state.
    workers: Mapping[str, int]
    #: How many jobs are delayed; how many of them are due, and how many wait for another attempt.
    delayed: int
    overdue: int
    retrying: int


def read_metrics(storage: Storage) -> Metrics:
    """The metrics of a store: eight calls, and one or two for every fifty queues.

    :raises StorageError: the store cannot be reached.
    """
    counters, queues, delayed = storage.stats.all(), storage.queues.all(), storage.schedule.size()
    states = Counter(worker.state for worker in storage.workers.all())
    return Metrics(
        processed=counters.get("processed", 0),
        failed=counters.get("failed", 0),
        retried=counters.get("retried", 0),
        failures=storage.failures.count(),
        queues=tuple(_read_queues(storage, queues[:MOST_QUEUES])),
        queue_count=len(queues),
        workers={state: states[state] for state in _STATES},
        delayed=delayed,
        overdue=storage.schedule.overdue() if delayed else 0,
        retrying=storage.schedule.retrying() if delayed else 0,
    )


def _read_queues(storage: Storage, queues: Sequence[QueueInfo]) -> Iterator[QueueMetrics]:
    for start in range(0, len(queues), _AT_ONCE):
        some = queues[start : start + _AT_ONCE]
        filled = [queue.name for queue in some if queue.size]
        ages = storage.queues.latencies(filled) if filled else {}
        timings = storage.queues.timings([queue.name for queue in some])
        for queue in some:
            yield QueueMetrics(
                queue.name,
                queue.size,
                ages.get(queue.name, 0.0),
                queue.paused,
                timings.get(queue.name, Timings()),
            )
