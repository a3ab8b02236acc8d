"""`Held`: a job that a program reserved for itself, without a worker."""

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import TracebackType
from typing import Any, Self

from resque_core.cancelling import CANCEL, CANCEL_HARD, cancel
from resque_core.codec import decode_job
from resque_core.errors import BadPayload, JobCancelled, StorageError, WorkerError
from resque_core.expiry import EXPIRED, expired
from resque_core.failing import describe, failure_of
from resque_core.failures.telling import tell_in_thread
from resque_core.identity import new_identity
from resque_core.ids import new_id
from resque_core.job import Job
from resque_core.keeping import KEEP_ALL, Keeping
from resque_core.limiting import ASKS_AGAIN, limit_in
from resque_core.noting import said, sequel_of
from resque_core.outcome import Ended
from resque_core.performer import Performer
from resque_core.queue_list import QueueList
from resque_core.records import Idle, Lost, Reservation
from resque_core.registry import registry
from resque_core.settling import InHand
from resque_core.storage import Storage, Workers
from resque_core.tracker import Tracker

log = logging.getLogger("resque")


class Held:
    """A reserved job. Settle it once: each way answers False if the store had taken it back meanwhile."""

    def __init__(
        self, storage: Storage, reservation: Reservation, job: Job, keeping: Keeping = KEEP_ALL
    ) -> None:
        self.job = job
        self.reservation = reservation
        self.settled = False
        self._storage = storage
        self._in_hand = InHand(reservation, keeping=keeping)
        self._performer = Performer(registry)

    @property
    def cancelled(self) -> bool:
        """Whether somebody cancelled it, as far as the last heartbeat said. It is not run again, then."""
        return self._in_hand.unwanted

    def complete(self, result: object = None) -> bool:
        """The job is done, and has returned this.

        :raises InvalidArguments: this is for the job that follows, and is not JSON.
        """
        tracker = Tracker(self.job)
        tracker.finish(result)
        return self._settle(result=tracker.result)

    def fail(self, error: BaseException) -> bool:
        """The job failed: run its `on_failure` hooks, and move it to the failed store with the reason.

        No retry policy is asked: `perform` does that.
        """
        try:
            self._performer.run_failure_hooks(self.job, error)
        except RuntimeError as broken:
            error = broken
        return self._settle(problem=describe(error))

    def release(self) -> bool:
        """Hand the job back: it is at the head of its queue again, and nothing is counted."""
        return self._settle(refused="its holder has handed it back")

    def perform(self) -> bool:
        """Run the registered job here, and settle it by how that ends, as a worker does.

        Its retry policy is asked, its progress is kept, and it hears that it was cancelled. But nothing here
        could end it: neither its time limit nor `cancel(…, hard=True)` does. Only ctrl-c is passed on.
        """
        tracker = Tracker(self.job, self._write, lambda: self.cancelled)
        try:
            self._performer.perform(self.job, tracker)
        except KeyboardInterrupt:
            raise
        except JobCancelled:
            return self._settle(cancelled=True)
        except BaseException as error:
            problem, again = self._performer.verdict(self.job, error, wanted=not self.cancelled)
            return self._settle(problem=problem, again=again)
        return self._settle(result=tracker.result)

    def obey(self, verb: str) -> None:
        """Take note of a command that came with a heartbeat: the job is cancelled. Others are for workers."""
        if verb.startswith((CANCEL, CANCEL_HARD)):
            job_id = verb.partition(" ")[2]
            if job_id == self.reservation.entry.id:
                self._in_hand.be_unwanted()
            else:
                cancel(self._storage, job_id, hard=verb.startswith(CANCEL_HARD))

    def _write(self, word: str) -> None:
        self._in_hand.word = word
        try:
            self._storage.records.write(self.reservation, said(word))
        except StorageError as error:
            log.warning("How far the job is could not be written: %s", error)

    def _settle(self, **how: Any) -> bool:
        """Tell the store; and another one may wait for the slot of a job that is out of our hands."""
        self.settled = True
        self._in_hand.note(Ended(self.reservation.token, name=self.job.name, **how))
        heard = self._in_hand.tell(self._storage.jobs)
        if heard and (failure := self._in_hand.failure):
            tell_in_thread(failure)
        if self.job.limit:
            self._storage.jobs.wake(self.job.limit.key)
        return heard


@contextmanager
def hold(
    storage: Storage, queues: QueueList, lease: float, keeping: Keeping = KEEP_ALL
) -> Iterator[Held | None]:
    """The next job of the queues, kept by heartbeats while the block runs; left unsettled, released."""
    identity = new_identity(queues.patterns)
    storage.workers.register(identity, lease)
    try:
        held = _take(storage, queues, identity.id, keeping)
        if held is None:
            yield None
        else:
            with _Heartbeat(storage.workers, identity.id, lease, held.obey), _released(held):
                yield held
    finally:
        # The block's own error matters more; a worker that stays behind is swept.
        with suppress(StorageError):
            storage.workers.unregister(identity.id)


@contextmanager
def _released(held: Held) -> Iterator[None]:
    try:
        yield
    finally:
        if not held.settled:
            held.release()


def _take(storage: Storage, queues: QueueList, worker: str, keeping: Keeping) -> Held | None:
    known = [queue.name for queue in storage.queues.all()] if queues.dynamic else []
    while True:
        answer = storage.jobs.reserve(queues.resolve(known), worker, new_id())
        if isinstance(answer, Idle):
            return None
        if isinstance(answer, Lost):
            raise WorkerError("The store gave this reservation up before it began. Give it a longer lease.")
        if held := _begun(storage, answer, keeping):
            return held


def _begun(storage: Storage, reservation: Reservation, keeping: Keeping) -> Held | None:
    """The job; None if it was put aside, because it is late, waits for a slot, or is no job."""
    if (late := expired(reservation)) and late.problem and late.again:
        failure = failure_of(reservation, late.problem, late.again.payload)
        if storage.jobs.fail(reservation, failure, keeping, sequel_of(reservation, late, "")):
            storage.stats.increment(EXPIRED)
        return None
    limit = limit_in(reservation.entry)
    if limit and not storage.jobs.admit(reservation, limit, ASKS_AGAIN):
        return None
    try:
        return Held(storage, reservation, decode_job(reservation.entry), keeping)
    except BadPayload as error:
        storage.jobs.fail(reservation, failure_of(reservation, describe(error)), keeping)
        return None


class _Heartbeat:
    """Renews a lease from a thread while a block runs."""

    def __init__(self, workers: Workers, worker: str, lease: float, obey: Callable[[str], None]) -> None:
        self._workers = workers
        self._obey = obey
        self._worker = worker
        self._lease = lease
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._beat, name="resque-heartbeat", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._thread.join()

    def _beat(self) -> None:
        while not self._over.wait(self._lease / 3):
            # A store that is away for a moment may be back for the next beat.
            with suppress(StorageError):
                beat = self._workers.beat(self._worker, self._lease)
                if not beat.alive:
                    return
                for verb in beat.commands:
                    self._obey(verb)
