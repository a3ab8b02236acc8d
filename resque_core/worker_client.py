"""`WorkerClient`: who works on what, and what workers can be told from here."""

from resque_core.cancelling import Cancelled, cancel
from resque_core.failures.telling import tell_in_thread
from resque_core.job import Entry
from resque_core.job_status import JobStatus, comes_after, status_of
from resque_core.keeping import KEEP_ALL, Keeping
from resque_core.queue_client import QueueClient
from resque_core.records import Standing, WorkerInfo
from resque_core.removal import remove_worker


class WorkerClient(QueueClient):
    """Knows the workers of a store. They hear of a command with their next beat."""

    #: How failures are kept.
    keeping: Keeping = KEEP_ALL

    def workers(self) -> list[WorkerInfo]:
        """Every registered worker, by id."""
        return list(self.storage.workers.all())

    def working(self) -> list[WorkerInfo]:
        """The workers that hold a job."""
        return [worker for worker in self.workers() if worker.reservation]

    def job(self, job_id: str) -> JobStatus | None:
        """Where the job is; of one that is tracked (`@job(track=True)`), how far, and how it ended.

        None if nobody knows of it any more. One that was deleted before it was begun is `cancelled`; one
        that comes after others which have not ended (`then=`, the callback of a batch) is `waiting`. Of one
        that waits on a queue and is not tracked, its call is not known: `name` is empty.
        """
        standing = self.storage.records.read(job_id)
        if standing is None:
            return None
        waits = any(map(self._is_open, comes_after(standing)))
        return status_of(job_id, standing, waits=waits, entry=self._delayed_entry(job_id, standing))

    def _delayed_entry(self, job_id: str, standing: Standing) -> Entry | None:
        """What is stored of a delayed job that has no note. On its queue, it could not be found by its id."""
        if standing.place != "delayed" or (standing.note and standing.note.about):
            return None
        delayed = self.storage.schedule.get(job_id)
        return delayed.entry if delayed else None

    def _is_open(self, job_or_batch: str) -> bool:
        """Whether this is a job that has not ended, or a batch of which one has not."""
        standing = self.storage.records.read(job_or_batch)
        if standing is not None and standing.place != "gone":
            return True
        batch = self.storage.batches.read(job_or_batch)
        return batch is not None and not batch.ended

    def cancel(self, job_id: str, *, hard: bool = False) -> Cancelled | None:
        """Delete the job if it waits or is delayed: `cancelled`. A running one is asked to end: `told`.

        Its worker hears of that with its next beat. From then on `current_job().cancelled` is true and
        `progress` raises `JobCancelled`. With `hard` that is raised wherever the job is, and its processes
        are killed `term_timeout` seconds later. None: it does neither wait nor run.
        """
        return cancel(self.storage, job_id, hard=hard)

    def remove_worker(self, worker_id: str, *, requeue: bool = False) -> bool:
        """Forget a worker, alive or not, Ruby's too; False when there is none.

        Its job fails as `DirtyExit`, as in Ruby, or with `requeue` goes back to the head of its queue. A
        worker of ours that lives hears of it with its next beat, and ends the job.
        """
        removed = remove_worker(self.storage.workers, worker_id, requeue=requeue, keeping=self.keeping)
        if removed and (failure := removed[1].failure):
            tell_in_thread(failure)
        return removed is not None

    def quiet_worker(self, worker_id: str) -> bool:
        """Have it finish its job and take no more; it stays. False when there is no such worker."""
        return self.storage.workers.command(worker_id, "quiet")

    def stop_worker(self, worker_id: str) -> bool:
        """End it as TERM does. False when there is no such worker."""
        return self.storage.workers.command(worker_id, "stop")

    def kill_job(self, worker_id: str) -> bool:
        """End the job that it runs now, which fails; as USR1 does. False when there is no such worker."""
        return self.storage.workers.command(worker_id, "kill-job")
