"""`Sweeper`: takes back the jobs of dead workers. It needs no job code, and never judges by age."""

import logging
from collections.abc import Iterator, Sequence, Sized
from dataclasses import dataclass

from resque_core.clock import utc_now
from resque_core.codec import decode_leniently
from resque_core.display import one_line
from resque_core.errors import StorageError
from resque_core.failure import Failure
from resque_core.ids import new_id
from resque_core.job import Job
from resque_core.keeping import KEEP_ALL, Keeping
from resque_core.limiting import limit_in
from resque_core.noting import sequel_of_death
from resque_core.records import Lapsed, Reservation, Verdict
from resque_core.storage import Storage
from resque_core.timers import Every

log = logging.getLogger("resque")

#: Ruby's name for the end of a job whose worker vanished.
PRUNED = "PruneDeadWorkerDirtyExit"
#: How many dead workers are looked at together.
PAGE = 100
#: Seconds. A store that refuses a job does so at once. One that is away makes each call wait, and a
#: sweep that went on would cost the sweeping worker its own lease.
PATIENCE = 1.0


@dataclass(frozen=True, slots=True)
class SweepReport:
    """What one sweep did: how many workers it forgot, and where their jobs went."""

    workers: int = 0
    requeued: int = 0
    failed: int = 0
    failures: tuple[Failure, ...] = ()


class Sweeper:
    """Sends a dead worker's job back to its queue, or to the failed store when that is its policy."""

    def __init__(
        self,
        storage: Storage,
        max_rescues: int = 3,
        on_worker_death: str = "requeue",
        *,
        keeping: Keeping = KEEP_ALL,
    ) -> None:
        self.storage = storage
        self.keeping = keeping
        self.max_rescues = max_rescues
        self.on_worker_death = on_worker_death

    def sweep_all(self) -> SweepReport:
        """Sweep every worker whose lease is over by the store's clock.

        Any number of sweepers may run at once: the store carries out each verdict at most once.
        A job that the store refuses to take back is logged, and stops no other's rescue.

        :raises StorageError: the store carried out nothing at all; the first of its errors.
        """
        swept, refused = self._try_each()
        if refused and not swept:
            raise refused[0][1]
        for lapsed, error in refused:
            log.error("Dead worker %s could not be swept: %s", one_line(lapsed.worker), error)
        return _total(swept)

    def _try_each(self) -> tuple[list[SweepReport], list[tuple[Lapsed, StorageError]]]:
        swept, refused = list[SweepReport](), list[tuple[Lapsed, StorageError]]()
        patience = Every(PATIENCE)
        patience.restart()
        for lapsed in self._lapsed(refused):
            try:
                swept.append(self._sweep(lapsed))
            except StorageError as error:
                refused.append((lapsed, error))
                if patience.due():
                    break
        return swept, refused

    def _lapsed(self, refused: Sized) -> Iterator[Lapsed]:
        """A page of them; for each that was refused, and so stays at the front, one more from behind it."""
        seen, limit = set[str](), 0
        while limit < PAGE + len(refused):
            limit = PAGE + len(refused)
            for lapsed in self.storage.workers.lapsed(limit):
                if lapsed.worker not in seen:
                    seen.add(lapsed.worker)
                    yield lapsed

    def _sweep(self, lapsed: Lapsed) -> SweepReport:
        verdict = self.verdict(lapsed)
        if not self.storage.workers.sweep(lapsed, verdict):
            return SweepReport()
        if lapsed.reservation and (limit := limit_in(lapsed.reservation.entry)):
            self.storage.jobs.wake(limit.key)
        if verdict.failure:
            return SweepReport(workers=1, failed=1, failures=(verdict.failure,))
        held = lapsed.reservation
        return SweepReport(workers=1, requeued=1 + len(held.bundle) if held else 0)

    def verdict(self, lapsed: Lapsed) -> Verdict:
        """Back to its queue, unless its policy says fail or it was rescued too often already.

        Nobody knows which jobs of a bundle were done, begun, or not begun yet: all go back, and then come
        one by one, so that whichever kills its workers is known the next time.
        """
        held = lapsed.reservation
        if held is None or held.bundle:
            return Verdict()
        job = decode_leniently(held.entry)
        if (job.on_worker_death or self.on_worker_death) == "fail":
            return self._given_up(lapsed.worker, held, job, "its policy is on_worker_death=fail")
        if held.rescues >= self.max_rescues:
            reason = f"it was taken back from dead workers {held.rescues} times before"
            return self._given_up(lapsed.worker, held, job, reason)
        return Verdict()

    def _given_up(self, worker: str, held: Reservation, job: Job, reason: str) -> Verdict:
        doing = job.name or "<Unknown Job>"
        failure = Failure(
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
        return Verdict(failure, self.keeping, sequel_of_death(held, failure.exception, failure.error))


def _total(parts: Sequence[SweepReport]) -> SweepReport:
    return SweepReport(
        workers=sum(part.workers for part in parts),
        requeued=sum(part.requeued for part in parts),
        failed=sum(part.failed for part in parts),
        failures=tuple(failure for part in parts for failure in part.failures),
    )
