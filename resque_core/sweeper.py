"""`Sweeper`: takes back the jobs of dead workers. It needs no job code, and never judges by age."""

from dataclasses import dataclass

from resque_core.clock import utc_now
from resque_core.codec import decode_leniently
from resque_core.failure import Failure
from resque_core.ids import new_id
from resque_core.job import Job
from resque_core.records import Lapsed, Reservation, Verdict
from resque_core.storage import Storage

#: Ruby's name for the end of a job whose worker vanished.
PRUNED = "PruneDeadWorkerDirtyExit"


@dataclass(frozen=True, slots=True)
class SweepReport:
    """What one sweep did: how many workers it forgot, and where their jobs went."""

    workers: int = 0
    requeued: int = 0
    failed: int = 0


class Sweeper:
    """Sends a dead worker's job back to its queue, or to the failed store when that is its policy."""

    def __init__(self, storage: Storage, max_rescues: int = 3, on_worker_death: str = "requeue") -> None:
        self.storage = storage
        self.max_rescues = max_rescues
        self.on_worker_death = on_worker_death

    def sweep_all(self) -> SweepReport:
        """Sweep every worker whose lease is over by the store's clock.

        Any number of sweepers may run at once: the store carries out each verdict at most once.
        """
        workers = requeued = failed = 0
        for lapsed in self.storage.workers.lapsed():
            verdict = self.verdict(lapsed)
            if self.storage.workers.sweep(lapsed, verdict):
                workers += 1
                failed += verdict.failure is not None
                requeued += lapsed.reservation is not None and verdict.failure is None
        return SweepReport(workers, requeued, failed)

    def verdict(self, lapsed: Lapsed) -> Verdict:
        """Back to its queue, unless its policy says fail or it was rescued too often already."""
        held = lapsed.reservation
        if held is None:
            return Verdict()
        job = decode_leniently(held.entry)
        if (job.on_worker_death or self.on_worker_death) == "fail":
            return Verdict(_failure(lapsed.worker, held, job, "its policy is on_worker_death=fail"))
        if held.rescues >= self.max_rescues:
            reason = f"it was taken back from dead workers {held.rescues} times before"
            return Verdict(_failure(lapsed.worker, held, job, reason))
        return Verdict()


def _failure(worker: str, held: Reservation, job: Job, reason: str) -> Failure:
    doing = job.name or "<Unknown Job>"
    return Failure(
        id=new_id(),
        job_id=held.entry.id,
        queue=held.entry.queue,
        name=job.name,
        payload=held.entry.payload,
        exception=PRUNED,
        error=f"Worker {worker} did not gracefully exit while processing {doing}; {reason}",
        worker=worker,
        failed_at=utc_now(),
    )
