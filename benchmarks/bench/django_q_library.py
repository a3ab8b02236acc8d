"""django-q2, on MongoDB: a cluster with one worker process. It never forks for a job."""

import os
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from bench.library import NO_FORK, Call, WorkerKind

SETTINGS = "django_q_settings"


class DjangoQLibrary:
    """A cluster in a database of its own of the MongoDB at this URL. It keeps no results."""

    name = "django-q2"
    bulk = False

    def __init__(self, url: str, _interval: float | None) -> None:
        self.env: Mapping[str, str] = {"BENCH_DJANGO_Q": url, "DJANGO_SETTINGS_MODULE": SETTINGS}
        self._tasks, brokers = _modules_of(self.env)
        self._broker = brokers.get_broker()
        work = [sys.executable, "-m", "django", "qcluster"]
        self.workers: Sequence[WorkerKind] = [
            WorkerKind(NO_FORK, work, work, "polls every 0.2 s", "a cluster of one")
        ]

    def enqueue(self, job: str, *arguments: object) -> None:
        """Enqueue one job."""
        self._tasks.async_task(f"rq_jobs.{job}", *arguments, broker=self._broker)

    def enqueue_many(self, calls: Sequence[Call]) -> None:
        """Enqueue all of these, one by one."""
        for job, arguments in calls:
            self.enqueue(job, *arguments)

    def clear(self) -> None:
        """Forget what is enqueued."""
        self._broker.delete_queue()

    def close(self) -> None:
        """Let the store go."""
        self._broker.connection.close()


def _modules_of(env: Mapping[str, str]) -> tuple[Any, Any]:
    """django-q2's tasks and brokers. They read Django's settings when they are imported."""
    os.environ.update(env)
    import django

    django.setup()
    from django_q import brokers, conf, tasks

    # They may have been imported for another store of this run.
    conf.Conf.MONGO = {"host": env["BENCH_DJANGO_Q"]}
    return tasks, brokers
