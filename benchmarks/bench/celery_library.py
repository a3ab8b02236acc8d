"""Celery, on Redis: its default pool with one process, which is forked once, and not for each job."""

import sys
from collections.abc import Mapping, Sequence

from celery_app import app, tasks

from bench.library import NO_FORK, Call, WorkerKind


class CeleryLibrary:
    """An application with Celery's defaults, in a database of its own of the Redis at this URL."""

    name = "Celery"
    # There are groups, which enqueue task by task.
    bulk = False

    def __init__(self, url: str, _interval: float | None) -> None:
        url = f"{url.rpartition('/')[0]}/4"
        self.env: Mapping[str, str] = {"BENCH_CELERY": url}
        app.conf.broker_url = url
        work = [sys.executable, "-m", "celery", "--app", "celery_app", "--quiet", "worker"]
        work += ["--concurrency", "1", "--loglevel", "error"]
        self.workers: Sequence[WorkerKind] = [
            WorkerKind(NO_FORK, work, work, "blocks in the server", "prefork, one process")
        ]

    def enqueue(self, job: str, *arguments: object) -> None:
        """Enqueue one job."""
        tasks[job].delay(*arguments)

    def enqueue_many(self, calls: Sequence[Call]) -> None:
        """Enqueue all of these, one by one."""
        for job, arguments in calls:
            tasks[job].delay(*arguments)

    def clear(self) -> None:
        """Forget what is enqueued, and what a worker that was ended had not confirmed."""
        with app.connection_for_write() as connection:
            connection.default_channel.client.flushdb()

    def close(self) -> None:
        """Let the store go."""
        app.close()
