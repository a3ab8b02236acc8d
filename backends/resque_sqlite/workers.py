"""Registered workers, their leases, the sweep, and commands."""

import json
from collections.abc import Sequence

from resque_core.records import Beat, Lapsed, Reservation, Verdict, WorkerInfo
from resque_sqlite import bundles, claims, jobs, leaving, notes, stats
from resque_sqlite.columns import read_moment, read_number, read_text, read_texts
from resque_sqlite.connection import Connection
from resque_sqlite.paging import window
from resque_sqlite.queries import load
from resque_sqlite.session import Row, Session

SQL = load("workers")


class SqliteWorkers:
    """`Workers` on SQLite."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def register(self, worker: WorkerInfo, lease: float) -> None:
        """Make the worker known, with a lease of so many seconds."""
        with self._connection.writing() as session:
            # Here because it must happen somewhere, and a start is rare.
            stats.trim(session)
            claims.trim(session)
            notes.trim(session)
            leaving.trim(session)
            session.change(
                SQL["register"],
                worker=worker.id,
                host=worker.host,
                pid=worker.pid,
                queues=json.dumps(worker.queues),
                started_at=worker.started_at.timestamp(),
                lease=lease,
            )

    def beat(self, worker: str, lease: float) -> Beat:
        """Renew the lease, if the worker is registered, and hand over its commands."""
        with self._connection.writing() as session:
            ((now,),) = session.rows(SQL["now"])
            if not session.change(SQL["beat"], worker=worker, lease=lease):
                return Beat(False, now)
            commands = session.rows(SQL["take_commands"], worker=worker)
            return Beat(True, now, tuple(verb for _, verb in sorted(commands)))

    def unregister(self, worker: str) -> bool:
        """Forget the worker, unless it holds a job."""
        with self._connection.writing() as session:
            if session.rows(SQL["holds"], worker=worker):
                return False
            _forget(session, worker)
            return True

    def all(self) -> Sequence[WorkerInfo]:
        """Every registered worker, by id."""
        with self._connection.reading() as session:
            return [_worker(session, row) for row in session.rows(SQL["all"])]

    def lapsed(self, limit: int = 100) -> Sequence[Lapsed]:
        """Up to `limit` workers whose lease is over, longest first."""
        with self._connection.reading() as session:
            rows = session.rows(SQL["lapsed"], limit=window(0, limit)["count"])
            return [Lapsed(worker, jobs.held(session, tuple(row))) for worker, *row in rows]

    def sweep(self, lapsed: Lapsed, verdict: Verdict, *, forced: bool = False) -> bool:
        """Carry out the verdict and forget the worker, if it is still as `lapsed` says."""
        held = lapsed.reservation
        token = held.token if held else None
        with self._connection.writing() as session:
            if not session.rows(SQL["still_lapsed"], worker=lapsed.worker, token=token, forced=forced):
                return False
            if held:
                _carry_out(session, held, verdict)
            _forget(session, lapsed.worker)
            return True

    def command(self, worker: str, verb: str) -> bool:
        """Leave a verb for the worker's next beat; False when it is not registered."""
        with self._connection.writing() as session:
            return session.change(SQL["command"], worker=worker, verb=verb) == 1


def _carry_out(session: Session, held: Reservation, verdict: Verdict) -> None:
    if verdict.failure is None:
        jobs.put_back(session, held, rescued=1)
    else:
        bundles.put_back(session, held, rescued=1)
        jobs.finish(session, held)
        jobs.keep_failure(session, verdict.failure, verdict.keeping)
        jobs.carry_out(session, held, verdict.sequel)


def _forget(session: Session, worker: str) -> None:
    session.change(SQL["forget"], worker=worker)
    session.change(SQL["forget_commands"], worker=worker)


def _worker(session: Session, row: Row) -> WorkerInfo:
    worker, host, pid, queues, started_at, heartbeat_at, lease_left, processed, failed, *job = row
    return WorkerInfo(
        id=worker,
        host=read_text(host),
        pid=read_number(pid),
        queues=read_texts(queues),
        started_at=read_moment(started_at),
        heartbeat_at=None if heartbeat_at is None else read_moment(heartbeat_at),
        lease_left=lease_left,
        reservation=jobs.held(session, tuple(job)),
        processed=read_number(processed),
        failed=read_number(failed),
    )
