"""Where enqueued jobs go: to the store, to be performed at once, or into a list (for tests)."""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Protocol

from resque_core.codec import decode_job
from resque_core.errors import StorageError
from resque_core.following import followers
from resque_core.job import Job
from resque_core.noting import opening_notes
from resque_core.performer import Performer
from resque_core.records import When
from resque_core.registry import Registry
from resque_core.sequel import Note
from resque_core.storage import Storage
from resque_core.texts import with_text
from resque_core.tracker import Tracker

log = logging.getLogger("resque")


class Outbox(Protocol):
    """Takes jobs that were accepted."""

    def put(
        self, jobs: Sequence[Job], *, at_front: bool = False, run_at: When | None = None
    ) -> Mapping[str, str]:
        """Take all jobs, in order, but those whose claim another one holds: which, by their ids.

        With `run_at` in the future, they are delayed.
        """
        ...

    def put_batch(self, batch: str, jobs: Sequence[Job], callback: Job | None) -> None:
        """Take all jobs as those of a batch, and the one that is to wait for the end of all of them."""
        ...


class StoreOutbox:
    """Puts jobs on their queues."""

    def __init__(self, storage: Callable[[], Storage]) -> None:
        self._storage = storage

    def put(
        self, jobs: Sequence[Job], *, at_front: bool = False, run_at: When | None = None
    ) -> Mapping[str, str]:
        """Store all jobs, or none, in one step; but not those whose claim another one holds."""
        entries, claims = [job.entry for job in jobs], [job.claim for job in jobs]
        refused: Mapping[str, str] = {}
        if any(claims):
            refused = self._storage().jobs.enqueue_unique(entries, claims, at_front=at_front, run_at=run_at)
        else:
            self._storage().jobs.enqueue(entries, at_front=at_front, run_at=run_at)
        noted = [job for job in jobs if (job.track or job.then) and job.id not in refused]
        self._open_notes(opening_notes(noted))
        return refused

    def put_batch(self, batch: str, jobs: Sequence[Job], callback: Job | None) -> None:
        """Store all, or none, in one step."""
        entries = [job.entry for job in jobs]
        if callback and callback.expires_after:
            # The store says by when, once it is enqueued.
            text = with_text(replace(callback, expires_after=0.0)).entry
            self._storage().batches.begin(batch, entries, text, callback.expires_after)
        else:
            self._storage().batches.begin(batch, entries, callback.entry if callback else None)
        self._open_notes(opening_notes(jobs) | opening_notes([callback] if callback else (), (batch,)))

    def _open_notes(self, notes: Mapping[str, Note]) -> None:
        """Note which jobs these are. They are stored, so nothing that goes wrong here may say otherwise."""
        try:
            if notes:
                self._storage().records.open(notes)
        except StorageError as error:
            log.warning("Jobs are stored, but which ones could not be noted: %s", error)


class InlineOutbox:
    """Performs jobs at once, in this process; what they raise goes to the enqueuer. Nothing is stored."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry

    def put(
        self,
        jobs: Sequence[Job],
        *,
        at_front: bool = False,  # noqa: ARG002
        run_at: When | None = None,  # noqa: ARG002
    ) -> Mapping[str, str]:
        """Perform the jobs in order, delayed ones too, as a worker would that had read them from a store."""
        entries = [job.entry for job in jobs]
        for entry in entries:
            job = decode_job(entry)
            tracker = Tracker(job)
            Performer(self._registry).perform(job, tracker)
            # Those that follow come behind all that were there; the list grows while it is gone through.
            entries += followers(job, tracker.result) if tracker.result else ()
        return {}

    def put_batch(self, batch: str, jobs: Sequence[Job], callback: Job | None) -> None:  # noqa: ARG002
        """Perform the jobs in order, then the one that waits for them."""
        self.put([*jobs, *([callback] if callback else [])])


class CaptureOutbox:
    """Keeps jobs in a list."""

    def __init__(self) -> None:
        self.jobs: list[Job] = []
        #: When those that were delayed are due, by their ids.
        self.run_at: dict[str, When] = {}

    def put(
        self, jobs: Sequence[Job], *, at_front: bool = False, run_at: When | None = None
    ) -> Mapping[str, str]:
        """Append the jobs, or put them first."""
        place = 0 if at_front else len(self.jobs)
        self.jobs[place:place] = jobs
        if run_at is not None:
            self.run_at |= {job.id: run_at for job in jobs}
        return {}

    def put_batch(self, batch: str, jobs: Sequence[Job], callback: Job | None) -> None:  # noqa: ARG002
        """Append the jobs, and the one that waits for them."""
        self.jobs += [*jobs, *([callback] if callback else [])]
