"""`examine`: looks for what endangers jobs: in the store, among the workers, on the queues."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from resque_core.client import Resque
from resque_core.display import one_line
from resque_core.errors import StorageError
from resque_core.findings import Finding
from resque_core.queue_list import QueueList
from resque_core.records import ALL_QUEUES, WorkerInfo

#: Seconds after the end of a lease by which a sweep should have come by, with the default settings.
OVERDUE = 30.0


def examine(resque: Resque) -> list[Finding]:
    """What was looked at, and what is wrong with it. A store that cannot be reached is a finding, too."""
    try:
        workers = resque.workers()
        return [*resque.storage.examine(), _leases(workers), *_queues(resque, workers)]
    except StorageError as error:
        return [Finding("store", "danger", str(error), "Bring the store back, or give the URL of one.")]


def _leases(workers: Sequence[WorkerInfo]) -> Finding:
    dead = [worker for worker in workers if worker.state == "lapsed"]
    alive = len(workers) - len(dead)
    if not dead:
        living = _counted(alive, "worker is", "workers are")
        return Finding("leases", "ok", f"No lease is over; {living} alive.")
    held = sum(worker.reservation is not None for worker in dead)
    who = f"{_counted(len(dead), 'dead worker', 'dead workers')} ({_names([worker.id for worker in dead])})"
    says = f"{who} {'holds' if len(dead) == 1 else 'hold'} {_counted(held, 'job', 'jobs')}."
    if alive and min(worker.lease_left for worker in dead) > -OVERDUE:
        return Finding("leases", "warning", says, "The next sweep takes their jobs back. Look again.")
    return Finding(
        "leases",
        "danger",
        f"{says} No sweep has come by.",
        "Start a worker, which takes their jobs back after its first lease; or `resque workers prune`.",
    )


def _queues(resque: Resque, workers: Sequence[WorkerInfo]) -> Iterator[Finding]:
    sizes = {name: size for name, size in resque.queue_sizes().items() if size}
    paused = resque.paused()
    stopped = [name for name in sizes if name in paused or ALL_QUEUES in paused]
    alive = [QueueList(worker.queues) for worker in workers if worker.state != "lapsed"]
    served = {name for queues in alive for name in queues.resolve(list(sizes))}
    unserved = [name for name in sizes if name not in served and name not in stopped]
    if unserved:
        says = f"Nobody works {_names(unserved)}, where {_waiting(sizes, unserved)}."
        advice = f"Start a worker: resque work --queues {one_line(unserved[0])} --require MODULE"
        yield Finding("queues", "danger", says, advice)
    else:
        used = _counted(len(sizes), "queue has", "queues have")
        yield Finding("queues", "ok", f"{used} jobs; nobody is missing.")
    if stopped:
        says = f"{_names(stopped)} paused, where {_waiting(sizes, stopped)}."
        yield Finding("pauses", "warning", says, "If that is no longer meant: `resque resume`.")


def _waiting(sizes: Mapping[str, int], names: Iterable[str]) -> str:
    return _counted(sum(sizes[name] for name in names), "job waits", "jobs wait")


def _counted(count: int, one: str, many: str) -> str:
    return f"{count} {one if count == 1 else many}"


def _names(names: Sequence[str], most: int = 5) -> str:
    shown = [one_line(name) for name in names]
    more = f" and {len(shown) - most} more" if len(shown) > most else ""
    return ", ".join(shown[:most]) + more
