"""Jobs that were enqueued together, and the job that waits for the end of all of them."""

from collections.abc import Sequence

from resque_core.batch import Batch
from resque_core.job import Entry
from resque_core.sequel import Leaving
from resque_core.storage import NO_CURSOR, Cursor
from resque_sqlite.connection import Connection
from resque_sqlite.jobs import store
from resque_sqlite.leaving import SQL, end, leave
from resque_sqlite.paging import window
from resque_sqlite.session import Session


class SqliteBatches:
    """`Batches` on SQLite."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def begin(self, batch: str, entries: Sequence[Entry], callback: Entry | None, lasts: float = 0.0) -> None:
        """Enqueue all entries as jobs of a batch, unless it is there."""
        waits: dict[str, object] = {"callback": None, "queue": None, "payload": None}
        if callback:
            waits = {"callback": callback.id, "queue": callback.queue, "payload": callback.payload}
        with self._connection.writing() as session:
            if session.change(SQL["begin"], batch=batch, total=len(entries), lasts=lasts, **waits):
                for entry in entries:
                    session.change(SQL["add"], batch=batch, job=entry.id)
                store(session, entries)
                _call(session, end(session, batch))

    def read(self, batch: str) -> Batch | None:
        """How many there were, are left, and failed."""
        with self._connection.reading() as session:
            for total, pending, failed, callback in session.rows(SQL["read"], batch=batch):
                return Batch(batch, total, pending, failed, callback)
        return None

    def count(self) -> int:
        """How many there are."""
        with self._connection.reading() as session:
            return int(session.rows(SQL["count"])[0][0])

    def all(self, start: int = 0, count: int = 1) -> Sequence[Batch]:
        """Up to `count` of them, the one begun last first."""
        with self._connection.reading() as session:
            return [Batch(*row) for row in session.rows(SQL["all"], **window(start, count))]

    def mend(self, after: Cursor = NO_CURSOR, limit: int = 1000) -> Cursor:
        """Let those leave that are nowhere any more."""
        batch, job = after
        with self._connection.reading() as session:
            rows = session.rows(SQL["window"], batch=batch, job=job, limit=limit)
        gone = [(batch, job) for batch, job, there in rows if not there]
        if gone:
            with self._connection.writing() as session:
                for batch, job in gone:
                    _call(session, leave(session, job, Leaving(batch)))
        return NO_CURSOR if len(rows) < limit else (rows[-1][0], rows[-1][1])


def _call(session: Session, callback: Entry | None) -> None:
    if callback:
        store(session, [callback])
