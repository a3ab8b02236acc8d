"""Where enqueued jobs go: to the store, to be performed at once, or into a list (for tests)."""

from collections.abc import Callable, Sequence
from typing import Protocol

from resque_core.codec import decode_job
from resque_core.job import Job
from resque_core.performer import Performer
from resque_core.registry import Registry
from resque_core.storage import Storage


class Outbox(Protocol):
    """Takes jobs that were accepted."""

    def put(self, jobs: Sequence[Job], *, at_front: bool = False) -> None:
        """Take all jobs, in order."""
        ...


class StoreOutbox:
    """Puts jobs on their queues."""

    def __init__(self, storage: Callable[[], Storage]) -> None:
        self._storage = storage

    def put(self, jobs: Sequence[Job], *, at_front: bool = False) -> None:
        """Store all jobs, or none, in one step."""
        self._storage().jobs.enqueue([job.entry for job in jobs], at_front=at_front)


class InlineOutbox:
    """Performs jobs at once, in this process; what they raise goes to the enqueuer. Nothing is stored."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry

    def put(self, jobs: Sequence[Job], *, at_front: bool = False) -> None:  # noqa: ARG002
        """Perform the jobs in order, as a worker would that had read them from a store."""
        for job in jobs:
            Performer(self._registry).perform(decode_job(job.entry))


class CaptureOutbox:
    """Keeps jobs in a list."""

    def __init__(self) -> None:
        self.jobs: list[Job] = []

    def put(self, jobs: Sequence[Job], *, at_front: bool = False) -> None:
        """Append the jobs, or put them first."""
        place = 0 if at_front else len(self.jobs)
        self.jobs[place:place] = jobs
