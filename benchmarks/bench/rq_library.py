"""RQ, on Redis: its default worker, which forks for each job, and its SimpleWorker, which does not."""

import sys
from collections.abc import Mapping, Sequence

import rq_jobs
from redis import Redis
from rq import Queue

from bench.library import FORK, NO_FORK, Call, WorkerKind

BLOCKS = "blocks in the server"


class RqLibrary:
    """A queue of RQ with its defaults, in a database of its own of the Redis at this URL."""

    name = "RQ"
    bulk = True

    def __init__(self, url: str, _interval: float | None) -> None:
        url = f"{url.rpartition('/')[0]}/1"
        self.env: Mapping[str, str] = {}
        self.workers: Sequence[WorkerKind] = [
            _worker(FORK, "Worker", url, 0.2),
            _worker(NO_FORK, "SimpleWorker", url, 0.5),
        ]
        self._redis = Redis.from_url(url)
        self._queue = Queue("bench", connection=self._redis)

    def enqueue(self, job: str, *arguments: object) -> None:
        """Enqueue one job."""
        self._queue.enqueue(getattr(rq_jobs, job), *arguments)

    def enqueue_many(self, calls: Sequence[Call]) -> None:
        """Enqueue all of these in one pipeline."""
        self._queue.enqueue_many(
            [Queue.prepare_data(getattr(rq_jobs, job), args=tuple(arguments)) for job, arguments in calls]
        )

    def clear(self) -> None:
        """Forget what is enqueued, and the results of what was."""
        self._redis.flushdb()

    def close(self) -> None:
        """Let the store go."""
        self._redis.close()


def _worker(drain: str, kind: str, url: str, part: float) -> WorkerKind:
    work = [sys.executable, "-m", "rq.cli", "worker", "--url", url, "--quiet"]
    # A "configuration" that is loaded before any fork: our children have their jobs' module, too.
    work += ["--worker-class", f"rq.worker.{kind}", "--config", "rq_jobs"]
    return WorkerKind(drain, [*work, "--burst", "bench"], [*work, "bench"], BLOCKS, kind, part)
