"""The transitions of a job: enqueue, reserve, complete, fail, release."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from resque_core.claim import Claim
from resque_core.clock import due_at
from resque_core.errors import WorkerBusyError
from resque_core.failure import Failure
from resque_core.job import Entry
from resque_core.keeping import KEEP_ALL, Keeping
from resque_core.limit import Limit
from resque_core.records import Idle, Lost, Reservation, Spell, Stale, When
from resque_core.sequel import Sequel
from resque_sqlite import bundles, claims, failures, leaving, limits, notes, schedule, stats, timings
from resque_sqlite.bundles import Times
from resque_sqlite.columns import read_moment
from resque_sqlite.connection import Connection
from resque_sqlite.queries import load
from resque_sqlite.queues import know, names
from resque_sqlite.session import Row, Session

SQL = load("jobs")


class SqliteJobs:
    """`Jobs` on SQLite. A running job is its own in-flight record: the row has worker and token."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def enqueue(self, entries: Sequence[Entry], *, at_front: bool = False, run_at: When | None = None) -> int:
        """Append all entries, or none, or delay them; those whose id is taken are skipped."""
        if not entries:
            return 0
        with self._connection.writing() as session:
            if (due := _due(session, run_at)) is not None:
                return schedule.delay(session, entries, due)
            fresh = _first_of_each_id(entries)
            if at_front:
                return _store(session, SQL["enqueue_at_front"], reversed(fresh))
            return _store(session, SQL["enqueue"], fresh)

    def enqueue_unique(
        self,
        entries: Sequence[Entry],
        held: Sequence[Claim | None],
        *,
        at_front: bool = False,
        run_at: When | None = None,
    ) -> Mapping[str, str]:
        """As `enqueue`, without the entries whose claim another job holds; who that is."""
        with self._connection.writing() as session:
            due = _due(session, run_at)
            chosen, refused = claims.choose(session, entries, held)
            for entry, claim in reversed(chosen) if at_front else chosen:
                statement = SQL["enqueue_at_front" if at_front else "enqueue"]
                is_stored = (
                    _store(session, statement, [entry])
                    if due is None
                    else schedule.delay(session, [entry], due)
                )
                if is_stored and claim:
                    claims.hold(session, entry.id, claim)
            return refused

    def reserve(
        self, queues: Sequence[str], worker: str, token: str, *, discover: bool = False, most: int = 1
    ) -> Reservation | Idle | Lost:
        """Take the head of the first queue that has a job and is not paused, and some behind it."""
        # Looked at first without the write lock: workers that wait must not hold up those who write.
        with self._connection.reading() as session:
            if not any(session.rows(SQL["ready"], queue=queue) for queue in queues):
                return _without_job(session, worker, token, discover)
        with self._connection.writing() as session:
            return _claim(session, queues, worker, token, discover, most)

    def complete(self, reservation: Reservation, sequel: Sequel | None = None) -> bool:
        """Drop the job as done and count it processed, if the token is not stale."""
        with self._connection.writing() as session:
            return _complete(session, reservation, sequel)

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
        """Drop what is done, and take the next: one transaction, so one write to the disk."""
        with self._connection.writing() as session:
            if not _complete(session, done, sequel, spells):
                return Stale()
            return _claim(session, queues, done.worker, token, discover, most)

    def narrow(
        self, held: Reservation, spells: Sequence[Spell], job_id: str, token: str
    ) -> Reservation | Stale:
        """Drop what is done of a bundle, and hold one job alone."""
        with self._connection.writing() as session:
            for _, *row in session.rows(SQL["standing"], worker=held.worker):
                if row[0] == token:
                    return reservation_of(tuple(row))
                if row[0] == held.token:
                    return _narrow(session, held, spells, job_id, token)
            return Stale()

    def fail(
        self,
        reservation: Reservation,
        failure: Failure,
        keeping: Keeping = KEEP_ALL,
        sequel: Sequel | None = None,
    ) -> bool:
        """Move the job to the failed store and count it, if the token is not stale."""
        with self._connection.writing() as session:
            bundles.put_back(session, reservation)
            times = finish(session, reservation)
            if times is None:
                return _settled_last(session, reservation)
            _settle(session, reservation, processed=1, failed=1)
            timings.count(session, reservation.entry.queue, [times])
            keep_failure(session, failure, keeping)
            carry_out(session, reservation, sequel)
            return True

    def reschedule(
        self, reservation: Reservation, again: Entry, run_at: When, sequel: Sequel | None = None
    ) -> bool:
        """Let the job wait once more, from `run_at` on, if the token is not stale."""
        with self._connection.writing() as session:
            now = schedule.clock(session)
            due = due_at(run_at, now)
            values: dict[str, object] = {"worker": reservation.worker, "token": reservation.token}
            values |= {"queue": again.queue, "payload": again.payload, "run_at": due if due > now else None}
            times = _held_for(session, reservation)
            if times is None:
                return _settled_last(session, reservation)
            bundles.put_back(session, reservation)
            session.change(SQL["reschedule"], **values)
            if due <= now:
                know(session, again.queue)
            _settle(session, reservation, processed=1)
            timings.count(session, reservation.entry.queue, [times])
            stats.increment(session, "processed")
            stats.increment(session, "retried")
            carry_out(session, reservation, sequel)
            return True

    def release(self, reservation: Reservation) -> bool:
        """Put the job back at the head of its queue, if the token is not stale."""
        with self._connection.writing() as session:
            if not put_back(session, reservation, rescued=0):
                return _settled_last(session, reservation)
            _settle(session, reservation)
            return True

    def cancel(self, job_id: str) -> bool:
        """Delete the job, if it waits or is delayed."""
        with self._connection.writing() as session:
            return session.change(SQL["cancel"], id=job_id) == 1

    def admit(self, reservation: Reservation, limit: Limit, seconds: float) -> bool:
        """Give the held job a slot; or delay it, if none is free."""
        with self._connection.writing() as session:
            if limits.admit(session, reservation, limit, seconds):
                return True
            bundles.put_back(session, reservation)
            return False

    def wake(self, key: str) -> bool:
        """Let the job that waits longest for a slot wait at the head of its queue."""
        with self._connection.writing() as session:
            return limits.wake(session, key)


def store(session: Session, entries: Iterable[Entry]) -> None:
    """Append entries to their queues, but those whose id is taken."""
    _store(session, SQL["enqueue"], _first_of_each_id(entries))


def enqueue_one(session: Session, entry: Entry, claim: Claim | None) -> str | None:
    """Append one entry, unless another job holds its claim: which one."""
    chosen, refused = claims.choose(session, [entry], [claim])
    for _ in chosen:
        if _store(session, SQL["enqueue"], [entry]) and claim:
            claims.hold(session, entry.id, claim)
    return refused.get(entry.id)


def reservation_of(row: Row, known: tuple[str, ...] = (), bundle: tuple[Entry, ...] = ()) -> Reservation:
    """The reservation in a row of token, worker, id, queue, payload, rescues, reserved_at."""
    token, worker, job, queue, payload, rescues, reserved_at = row
    entry = Entry(job, queue, payload)
    return Reservation(token, worker, entry, rescues, read_moment(reserved_at), known, bundle)


def held(session: Session, row: Row) -> Reservation | None:
    """The same for the right side of a LEFT JOIN, with its bundle: None when the worker holds nothing."""
    if row[0] is None:
        return None
    return replace(reservation_of(row), bundle=bundles.of(session, row[1], row[0]))


def finish(session: Session, reservation: Reservation) -> Times | None:
    """Delete the job, if it is still held under this token. How long it waited and took."""
    rows = session.rows(SQL["finish"], worker=reservation.worker, token=reservation.token)
    return rows[0] if rows else None


def put_back(session: Session, reservation: Reservation, *, rescued: int) -> bool:
    """Send the job to the head of its queue, and its bundle, if it is still held under this token."""
    bundles.put_back(session, reservation, rescued=rescued)
    return _put_back_head(session, reservation, rescued=rescued)


def _put_back_head(session: Session, reservation: Reservation, *, rescued: int) -> bool:
    rows = session.rows(SQL["put_back"], worker=reservation.worker, token=reservation.token, rescued=rescued)
    for (queue,) in rows:
        # The queue may have been removed while the job ran: unknown, nobody would look for it.
        know(session, queue)
    return bool(rows)


def keep_failure(session: Session, failure: Failure, keeping: Keeping) -> None:
    """Store the failure of a job that was just finished, and count both."""
    failures.store(session, failure)
    failures.trim(session, keeping)
    stats.increment(session, "processed")
    stats.increment(session, "failed")


def _due(session: Session, run_at: When | None) -> float | None:
    """When entries are due, in seconds since 1970; None if they wait at once."""
    if run_at is None:
        return None
    now = schedule.clock(session)
    due = due_at(run_at, now)
    return due if due > now else None


def _store(session: Session, statement: str, entries: Iterable[Entry]) -> int:
    """Store entries that all have ids of their own; how many were not there. A queue's go in by one call."""
    by_queue: dict[str, list[dict[str, object]]] = {}
    for entry in entries:
        row: dict[str, object] = {"id": entry.id, "queue": entry.queue, "payload": entry.payload}
        by_queue.setdefault(entry.queue, []).append(row)
    stored = {queue: session.change_each(statement, rows) for queue, rows in by_queue.items()}
    for queue, count in stored.items():
        if count:
            know(session, queue)
    return sum(stored.values())


def _first_of_each_id(entries: Iterable[Entry]) -> list[Entry]:
    """Of several entries with one id the first counts, even if it is stored last."""
    first: dict[str, Entry] = {}
    for entry in entries:
        first.setdefault(entry.id, entry)
    return list(first.values())


def _claim(
    session: Session, queues: Sequence[str], worker: str, token: str, discover: bool, most: int
) -> Reservation | Idle | Lost:
    for queue in queues:
        claimed = session.rows(SQL["claim"], queue=queue, worker=worker, token=token)
        if claimed:
            bundle = bundles.take(session, claimed[0], most - 1)
            return reservation_of(claimed[0], _known(session, discover), bundle)
    return _without_job(session, worker, token, discover)


def _complete(
    session: Session, reservation: Reservation, sequel: Sequel | None, spells: Sequence[Spell] = ()
) -> bool:
    times = _finish_bundle(session, reservation, spells)
    bundles.put_back(session, reservation)
    if not times:
        return _settled_last(session, reservation)
    _count(session, reservation, times)
    carry_out(session, reservation, sequel)
    return True


def _finish_bundle(session: Session, held: Reservation, spells: Sequence[Spell]) -> list[Times]:
    """Delete the job that is held, and of those that came along the ones with a spell. The times of each."""
    along = bundles.finish(session, held, spells[1:])
    times = finish(session, held)
    if times is None:
        return []
    return [bundles.times_of(spells[0], times[0]) if spells else times, *along]


def _count(session: Session, held: Reservation, times: Sequence[Times]) -> None:
    """Count jobs of one reservation that are done."""
    _settle(session, held, processed=len(times))
    timings.count(session, held.entry.queue, times)
    stats.increment(session, "processed", len(times))


def _narrow(
    session: Session, held: Reservation, spells: Sequence[Spell], job_id: str, token: str
) -> Reservation | Stale:
    times = _finish_bundle(session, held, spells) if spells else []
    bundles.put_back(session, held, but=job_id)
    if times:
        _count(session, held, times)
    else:
        _settle(session, held)
        if job_id != held.entry.id:
            _put_back_head(session, held, rescued=0)
    began = max((spell.ended for spell in spells), default=0.0)
    row = bundles.hold(session, held, job_id, token, began)
    return reservation_of(row) if row else Stale()


def _held_for(session: Session, reservation: Reservation) -> Times | None:
    """How long a job that goes on waited and took, if it is still held under this token."""
    rows = session.rows(SQL["times"], worker=reservation.worker, token=reservation.token)
    return rows[0] if rows else None


def carry_out(session: Session, reservation: Reservation, sequel: Sequel | None) -> None:
    """Do what happens with the end of the job."""
    if sequel is None:
        return
    if sequel.note:
        notes.keep(session, reservation.entry.id, sequel.note)
    last = leaving.leave(session, reservation.entry.id, sequel.leaving) if sequel.leaving else None
    store(session, (*sequel.then, *([last] if last else [])))


def _without_job(session: Session, worker: str, token: str, discover: bool) -> Reservation | Idle | Lost:
    """The answer to a worker that could not take a job: why not."""
    for paused, *row in session.rows(SQL["standing"], worker=worker):
        known = _known(session, discover)
        if row[0] is None:
            return Idle(known, bool(paused))
        if row[0] == token:
            return reservation_of(tuple(row), known, bundles.of(session, worker, token))
        raise WorkerBusyError(
            f"Worker {worker} asked for a job while it holds job {row[2]} of queue {row[3]}. "
            f"It must complete, fail or release that one first."
        )
    return Lost()


def _known(session: Session, discover: bool) -> tuple[str, ...]:
    return names(session) if discover else ()


def _settle(session: Session, reservation: Reservation, *, processed: int = 0, failed: int = 0) -> None:
    session.change(
        SQL["settled"],
        worker=reservation.worker,
        token=reservation.token,
        processed=processed,
        failed=failed,
    )


def _settled_last(session: Session, reservation: Reservation) -> bool:
    """Whether this token is the one that the worker settled last: then the reply was lost, not the job."""
    return bool(session.rows(SQL["settled_last"], worker=reservation.worker, token=reservation.token))
