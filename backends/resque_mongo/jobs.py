"""The transitions of a job: enqueue, reserve, complete, fail, release. Each is one update of its document.

A settled job's document is its own receipt: it keeps worker and token, and `uncounted` until the
counters know of it (`ledger.py`). So settling, counting, and the answer to whoever asks again
because the reply was lost, are one step.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial

from resque_core.claim import Claim
from resque_core.failure import Failure
from resque_core.job import Entry
from resque_core.keeping import KEEP_ALL, Keeping
from resque_core.limit import Limit
from resque_core.records import Idle, Lost, Reservation, Spell, Stale, When
from resque_core.sequel import Sequel
from resque_mongo import bundles, ledger, limits, schedule, timings, uniques
from resque_mongo.claims import reservation_of, reserve
from resque_mongo.connection import Connection
from resque_mongo.ending import carry_out, end, held_under, leave
from resque_mongo.failures import trim
from resque_mongo.going_on import finish, go_on
from resque_mongo.queues import know
from resque_mongo.receipts import (
    FAILED,
    count_retry,
    keep_failure,
    note_settled,
    settled_last,
)
from resque_mongo.session import Document, Session
from resque_mongo.storing import first_of_each_id, store
from resque_mongo.texts import stored


class MongoJobs:
    """`Jobs` on MongoDB. A running job is its own in-flight record: the document has worker and token."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._pace = ledger.Pace()

    def enqueue(self, entries: Sequence[Entry], *, at_front: bool = False, run_at: When | None = None) -> int:
        """Append all entries, or delay them; those whose id is taken are skipped.

        :raises PayloadTooLarge: the server could not store an entry; none was stored.
        """
        fresh = first_of_each_id(entries)
        if not fresh:
            return 0
        with self._connection.calling() as session:
            return len(fresh) - len(store(session, fresh, {}, at_front=at_front, run_at=run_at))

    def enqueue_unique(
        self,
        entries: Sequence[Entry],
        claims: Sequence[Claim | None],
        *,
        at_front: bool = False,
        run_at: When | None = None,
    ) -> Mapping[str, str]:
        """As `enqueue`, without the entries whose claim another job holds; who that is."""
        given = zip(entries, claims, strict=True)
        held = {entry.id: claim for entry, claim in reversed(list(given)) if claim}
        refused = uniques.first_of_each_claim(
            {entry.id: held[entry.id] for entry in entries if entry.id in held}
        )
        left = [entry for entry in first_of_each_id(entries) if entry.id not in refused]
        with self._connection.calling() as session:
            while left:
                others = store(session, left, held, at_front=at_front, run_at=run_at)
                kept_out = [entry for entry in others if entry.id in held]
                holders = {entry.id: uniques.holder(session, entry.id, held[entry.id]) for entry in kept_out}
                refused |= {job: holder for job, holder in holders.items() if holder and holder != job}
                # Whoever held the others does not any more: again.
                left = [entry for entry in kept_out if holders[entry.id] is None]
        return refused

    def reserve(
        self,
        queues: Sequence[str],
        worker: str,
        token: str,
        *,
        discover: bool = False,
        most: int = 1,
    ) -> Reservation | Idle | Lost:
        """Take the head of the first queue that has a job and is not paused, then some behind it."""
        with self._connection.calling() as session:
            return reserve(session, queues, worker, token, discover=discover, most=most)

    def complete(self, reservation: Reservation, sequel: Sequel | None = None) -> bool:
        """Drop the job as done and count it processed, if the token is not stale."""
        return self._complete(reservation, sequel)

    def complete_and_reserve(
        self,
        done: Reservation,
        queues: Sequence[str],
        token: str,
        *,
        discover: bool = False,
        sequel: Sequel | None = None,
        spells: Sequence[Spell] = (),
        most: int = 1,
    ) -> Reservation | Idle | Lost | Stale:
        """Drop what is done, then take the next: these are several documents, so several steps."""
        with self._connection.calling() as session:
            answer = go_on(
                session, done, queues, token, discover=discover, sequel=sequel, spells=spells, most=most
            )
            if answer is not None:
                self._fold_at_times(session, len(spells))
                return answer
        if not self._complete(done, sequel, spells):
            return Stale()
        return self.reserve(queues, done.worker, token, discover=discover, most=most)

    def narrow(
        self,
        held: Reservation,
        spells: Sequence[Spell],
        job_id: str,
        token: str,
    ) -> Reservation | Stale:
        """Drop what is done, put back the others of the bundle, and hold one alone; see whether it is so."""
        with self._connection.calling() as session:
            bundles.narrow(session, held, spells, job_id, token)
            job = session.jobs.find_one(held_under(session, replace(held, token=token)))
            if spells:
                self._fold_at_times(session, len(spells))
            return Stale() if job is None else reservation_of(job)

    def fail(
        self,
        reservation: Reservation,
        failure: Failure,
        keeping: Keeping = KEEP_ALL,
        sequel: Sequel | None = None,
    ) -> bool:
        """Move the job to the failed store and count it, if the token is not stale; then trim that store."""
        if not self._settle(reservation, sequel, partial(_fail, failure=failure)):
            return False
        if keeping.trims:
            with self._connection.calling() as session:
                trim(session, keeping)
        return True

    def reschedule(
        self, reservation: Reservation, again: Entry, run_at: When, sequel: Sequel | None = None
    ) -> bool:
        """Let the job wait once more, from `run_at` on, if the token is not stale; then count that."""
        with self._connection.calling() as session:
            bundles.put_back(session, reservation)
            carry_out(session, reservation, sequel)
            now = session.now()
            job = session.jobs.find_one_and_update(
                held_under(session, reservation),
                _again(again, schedule.due(run_at, now), now),
                projection=dict.fromkeys(("since", *timings.FIELDS), True),
            )
            if job is None:
                return settled_last(session, reservation)
            count_retry(session, reservation, job)
            know(session, [again.queue])
            return True

    def release(self, reservation: Reservation) -> bool:
        """Put the job back at the head of its queue, if the token is not stale."""
        with self._connection.calling() as session:
            bundles.put_back(session, reservation)
            job = session.jobs.find_one_and_update(
                held_under(session, reservation),
                {
                    "$set": {"state": "waiting"},
                    "$currentDate": {"head": {"$type": "timestamp"}},
                    # Worker, token and time stay, for whoever asks again, until the next claim.
                    "$unset": dict.fromkeys(("slot", *limits.OVER_AT_END), True),
                },
                projection={"since": True},
            )
            if job is None:
                return settled_last(session, reservation)
            note_settled(session, reservation.worker, job.get("since"), stored(reservation.token))
            # It may have been removed while the job ran: unknown, few would look for it.
            know(session, [reservation.entry.queue])
            return True

    def cancel(self, job_id: str) -> bool:
        """Delete the job, if it waits or is delayed."""
        meant = {"id": stored(job_id), "live": True, "state": {"$in": ["waiting", "delayed"]}}
        with self._connection.calling() as session:
            return session.jobs.delete_one({"ns": session.ns, **meant}).deleted_count == 1

    def admit(self, reservation: Reservation, limit: Limit, seconds: float) -> bool:
        """Give the held job a slot; or delay it, if none is free."""
        with self._connection.calling() as session:
            if limits.admit(session, held_under(session, reservation), limit, seconds):
                return True
            bundles.put_back(session, reservation)
            return False

    def wake(self, key: str) -> bool:
        """Let the job that waits longest for a slot wait at the head of its queue."""
        with self._connection.calling() as session:
            return limits.wake(session, key)

    def _complete(
        self, reservation: Reservation, sequel: Sequel | None, spells: Sequence[Spell] = ()
    ) -> bool:
        return self._settle(reservation, sequel, partial(finish, spells=spells), len(spells))

    def _settle(
        self,
        reservation: Reservation,
        sequel: Sequel | None,
        end_it: Callable[[Session, Reservation], bool],
        jobs: int = 1,
    ) -> bool:
        with self._connection.calling() as session:
            carry_out(session, reservation, sequel)
            if not end_it(session, reservation):
                return settled_last(session, reservation) and leave(session, reservation, sequel)
            leave(session, reservation, sequel)
            self._fold_at_times(session, jobs)
            return True

    def _fold_at_times(self, session: Session, jobs: int = 1) -> None:
        if self._pace.is_due(jobs):
            self._connection.chores.run(ledger.fold, session)


def _fail(session: Session, reservation: Reservation, failure: Failure) -> bool:
    bundles.put_back(session, reservation)
    return end(session, reservation, keep_failure(failure, FAILED))


def _again(entry: Entry, due: datetime, now: datetime) -> Document:
    """What makes a running job wait once more: for its time, or on its queue."""
    delayed = due > now
    return {
        "$set": {
            "state": "delayed" if delayed else "waiting",
            "queue": stored(entry.queue),
            "payload": entry.payload,
            "rescues": 0,
            **({"run_at": due, "retrying": True} if delayed else {}),
        },
        "$currentDate": {"enqueued_at": True, "seq": {"$type": "timestamp"}},
        # Worker, token and time stay, for whoever asks again, until the next claim.
        "$unset": dict.fromkeys(("slot", "head", *limits.OVER_AT_END), True),
    }
