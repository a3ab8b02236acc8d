"""`Retirement`: when a worker has worked enough, and makes room for a fresh one."""

import time
from collections.abc import Callable

from resque_core.timers import Every
from resque_core.worker_options import WorkerOptions


class Retirement:
    """After so many jobs, so much memory, or so long a time."""

    def __init__(self, options: WorkerOptions, memory: Callable[[], float]) -> None:
        self._max_jobs = options.max_jobs
        self._max_rss = options.max_rss
        self._memory = memory
        self._jobs = 0
        self._age = Every(options.max_age) if options.max_age is not None else None
        self._born = time.monotonic()
        if self._age:
            self._age.restart()

    @property
    def after_jobs(self) -> bool:
        """Whether to look after each job, before the next is reserved."""
        return self._max_jobs is not None or self._max_rss is not None

    def note_job(self) -> None:
        """A job has ended."""
        self._jobs += 1

    def left(self) -> float:
        """Seconds until the worker is too old; infinite for never."""
        return self._age.left() if self._age else float("inf")

    def reason(self) -> str | None:
        """Why the worker is to end once it has no job in hand; None while it is not."""
        if self._max_jobs is not None and self._jobs >= self._max_jobs:
            return f"it has worked {self._jobs} jobs"
        if self._age and self._age.due():
            return f"it is {time.monotonic() - self._born:.0f} s old"
        if self._max_rss is not None and self._jobs and (used := self._memory()) > self._max_rss:
            return f"it uses {used:.0f} MB"
        return None
