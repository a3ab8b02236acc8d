"""Where enqueued jobs go: to the store, to be performed at once, or into a list (for tests)."""

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from resque_core.codec import decode_job
from resque_core.job import Job
from resque_core.performer import Performer
from resque_core.registry import Registry
from resque_core.storage import Storage


class Outbox(Protocol):
    """Takes jobs that were accepted."""

    def put(self, jobs: Sequence[Job], *, at_front: bool = False) -> Mapping[str, str]:
        """Take all jobs, in order, but those whose claim another one holds: which, by their ids."""
        ...


class StoreOutbox:
    """Puts jobs on their queues."""

    def __init__(self, storage: Callable[[], Storage]) -> None:
        self._storage = storage

    def put(self, jobs: Sequence[Job], *, at_front: bool = False) -> Mapping[str, str]:
        """Store all jobs, or none, in one step; but not those whose claim another one holds."""
        entries, claims = [job.entry for job in jobs], [job.claim for job in jobs]
        if any(claims):
            return self._storage().jobs.enqueue_unique(entries, claims, at_front=at_front)
        self._storage().jobs.enqueue(entries, at_front=at_front)
        return {}


class InlineOutbox:
    """Performs jobs at once, in this process; what they raise goes to the enqueuer. Nothing is stored."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry

    def put(self, jobs: Sequence[Job], *, at_front: bool = False) -> Mapping[str, str]:  # noqa: ARG002
        """Perform the jobs in order, as a worker would that had read them from a store."""
        for job in jobs:
            Performer(self._registry).perform(decode_job(job.entry))
        return {}


class CaptureOutbox:
    """Keeps jobs in a list."""

    def __init__(self) -> None:
        self.jobs: list[Job] = []

    def put(self, jobs: Sequence[Job], *, at_front: bool = False) -> Mapping[str, str]:
        """Append the jobs, or put them first."""
        place = 0 if at_front else len(self.jobs)
        self.jobs[place:place] = jobs
        return {}
