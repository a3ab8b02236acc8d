"""Dramatiq, on Redis: one process with one thread. It never forks for a job."""

import sys
from collections.abc import Mapping, Sequence

from dramatiq_jobs import actors_of, open_broker

from bench.library import NO_FORK, Call, WorkerKind


class DramatiqLibrary:
    """A broker with its defaults, in a database of its own of the Redis at this URL."""

    name = "Dramatiq"
    # A message is enqueued by a call of its own.
    bulk = False

    def __init__(self, url: str, _interval: float | None) -> None:
        url = f"{url.rpartition('/')[0]}/3"
        self.env: Mapping[str, str] = {"BENCH_DRAMATIQ": url}
        self._broker = open_broker(url)
        self._actors = actors_of(self._broker)
        work = [sys.executable, "-m", "dramatiq", "dramatiq_app", "--processes", "1", "--threads", "1"]
        self.workers: Sequence[WorkerKind] = [
            WorkerKind(NO_FORK, work, work, "polls, and less often the longer it finds nothing", "one thread")
        ]

    def enqueue(self, job: str, *arguments: object) -> None:
        """Enqueue one job."""
        self._actors[job].send(*arguments)

    def enqueue_many(self, calls: Sequence[Call]) -> None:
        """Enqueue all of these, one by one."""
        for job, arguments in calls:
            self._actors[job].send(*arguments)

    def clear(self) -> None:
        """Forget what is enqueued."""
        self._broker.client.flushdb()

    def close(self) -> None:
        """Let the store go."""
        self._broker.close()
        self._broker.client.close()
