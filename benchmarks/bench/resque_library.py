"""Ours, through its public API and its command."""

import sys
from collections.abc import Mapping, Sequence

import bench_jobs

from bench.library import BATCH, FORK, FORK_ALONE, NO_FORK, Call, WorkerKind
from resque_core import Resque

NAME = "resque"
NAMESPACE = "bench"
#: Seconds: with its beat, a third of a lease, a worker on MongoDB has counted what it did.
REST = 11.0


class ResqueLibrary:
    """A `Resque` on this URL; its idle workers poll every `interval` seconds, or wait as by default."""

    name = NAME
    bulk = True

    def __init__(self, url: str, interval: float | None) -> None:
        self.env: Mapping[str, str] = {}
        self.workers: Sequence[WorkerKind] = [
            _worker(FORK, ["--fork"], url, interval),
            _worker(FORK_ALONE, ["--fork", "--bundle", "1"], url, interval),
            _worker(BATCH, ["--jobs-per-fork", "100"], url, interval),
            _worker(NO_FORK, ["--no-fork"], url, interval),
        ]
        self._resque = Resque(url, namespace=NAMESPACE)

    def enqueue(self, job: str, *arguments: object) -> None:
        """Enqueue one job."""
        self._resque.enqueue(getattr(bench_jobs, job), *arguments)

    def enqueue_many(self, calls: Sequence[Call]) -> None:
        """Enqueue all of these in one call."""
        self._resque.enqueue_many([(getattr(bench_jobs, job), *arguments) for job, arguments in calls])

    def clear(self) -> None:
        """Forget what is enqueued."""
        self._resque.remove_queue("bench")

    def close(self) -> None:
        """Let the store go."""
        self._resque.close()


def _worker(drain: str, flags: Sequence[str], url: str, interval: float | None) -> WorkerKind:
    work = [sys.executable, "-m", "resque_core.cli.main", "work", "--url", url, "--namespace", NAMESPACE]
    work += ["--queues", "bench", "--require", "bench_jobs", "--count", "1", "--log-level", "warning"]
    work += flags if interval is None else [*flags, "--interval", str(interval)]
    waits = "as by default" if interval is None else f"--interval {interval:g}"
    return WorkerKind(drain, [*work, "--burst"], [*work, "--no-burst"], waits, rest=REST)
