"""Ours, through its public API and its command."""

import sys
from collections.abc import Mapping, Sequence

import bench_jobs

from bench.library import FORK, NO_FORK, WorkerKind
from resque_core import Resque

NAME = "resque"
NAMESPACE = "bench"


class ResqueLibrary:
    """A `Resque` on this URL; its idle workers poll every `interval` seconds."""

    name = NAME
    bulk = True

    def __init__(self, url: str, interval: float) -> None:
        self.env: Mapping[str, str] = {}
        self.workers: Sequence[WorkerKind] = [
            _worker(FORK, "--fork", url, interval),
            _worker(NO_FORK, "--no-fork", url, interval),
        ]
        self._resque = Resque(url, namespace=NAMESPACE)

    def enqueue(self, job: str, *arguments: float) -> None:
        """Enqueue one job."""
        self._resque.enqueue(getattr(bench_jobs, job), *arguments)

    def enqueue_many(self, jobs: Sequence[str]) -> None:
        """Enqueue all of these in one call."""
        self._resque.enqueue_many([(getattr(bench_jobs, job),) for job in jobs])

    def clear(self) -> None:
        """Forget what is enqueued."""
        self._resque.remove_queue("bench")

    def close(self) -> None:
        """Let the store go."""
        self._resque.close()


def _worker(drain: str, flag: str, url: str, interval: float) -> WorkerKind:
    work = [sys.executable, "-m", "resque_core.cli.main", "work", "--url", url, "--namespace", NAMESPACE]
    work += ["--queues", "bench", "--require", "bench_jobs", "--count", "1", "--log-level", "warning"]
    work += ["--interval", str(interval), flag]
    return WorkerKind(drain, [*work, "--burst"], [*work, "--no-burst"], f"polls every {interval:g} s")
