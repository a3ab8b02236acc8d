"""Recurring entries, one row each; a tick and its job are one transaction."""

from resque_core.claim import Claim
from resque_core.clock import from_epoch
from resque_core.job import Entry
from resque_core.records import Advance, Agenda, Recurrence
from resque_sqlite import jobs
from resque_sqlite.connection import Connection
from resque_sqlite.queries import load
from resque_sqlite.schedule import clock
from resque_sqlite.session import Row, Session

SQL = load("recurring")


class SqliteRecurring:
    """`Recurring` on SQLite."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def all(self) -> Agenda:
        """Every entry, sorted by name, and the clock that everything compares."""
        with self._connection.reading() as session:
            # The clock first: what is due by it is due by the next statement's, too.
            now = clock(session)
            return Agenda(tuple(map(_recurrence, session.rows(SQL["all"]))), from_epoch(now))

    def put(self, entry: Recurrence, seen: str) -> bool:
        """Write an entry in place of the one that was seen, or as a new one."""
        with self._connection.writing() as session:
            written = session.change(SQL["put" if seen else "put_new"], **_values(entry), seen=seen)
            return bool(written) or _is_at(session, entry)

    def advance(self, entry: Recurrence, seen: str, job: Entry | None, claim: Claim | None = None) -> Advance:
        """Write an entry in place of the one that was seen, once its tick has come; and enqueue the job."""
        with self._connection.writing() as session:
            if not session.change(SQL["advance"], **_values(entry), seen=seen):
                return Advance(_is_at(session, entry))
            holder = jobs.enqueue_one(session, job, claim) if job else None
            return Advance(True, holder)

    def remove(self, name: str) -> bool:
        """Delete an entry."""
        with self._connection.writing() as session:
            return session.change(SQL["remove"], name=name) == 1


def _is_at(session: Session, entry: Recurrence) -> bool:
    """Whether this very write was carried out before: then the reply was lost."""
    return bool(session.rows(SQL["is_at"], name=entry.name, revision=entry.revision))


def _values(entry: Recurrence) -> dict[str, object]:
    return {
        "name": entry.name,
        "text": entry.text,
        "revision": entry.revision,
        "next_at": entry.next_at and entry.next_at.timestamp(),
        "last_job": entry.last_job,
    }


def _recurrence(row: Row) -> Recurrence:
    name, text, revision, next_at, last_job, live = row
    due = None if next_at is None else from_epoch(next_at)
    return Recurrence(name, text, revision, due, last_job, bool(live))
