"""Jobs that wait for their time. A delayed job is a row of `jobs` like any other, in a state of its own."""

from collections.abc import Callable, Iterable, Iterator, Sequence

from resque_core.clock import from_epoch
from resque_core.job import Entry
from resque_core.records import Delayed, Promotion
from resque_sqlite.connection import Connection
from resque_sqlite.emptying import delete_all
from resque_sqlite.paging import window
from resque_sqlite.queries import load
from resque_sqlite.queues import know
from resque_sqlite.session import Session

SQL = load("schedule")
_WINDOW = 1000
#: Before every time and every row.
_BEFORE_ALL = (float("-inf"), 0)


class SqliteSchedule:
    """`Schedule` on SQLite."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def promote(self, limit: int = 500) -> Promotion:
        """Let up to `limit` delayed jobs that are due wait at the tails of their queues."""
        # Looked at first without the write lock: nearly always, nothing is due.
        with self._connection.reading() as session:
            left = _left(session)
        if left is None or left > 0:
            return Promotion(0, left)
        with self._connection.writing() as session:
            due = [job for (job,) in session.rows(SQL["due"], limit=max(limit, 0))]
            count = _promote(session, due)
            return Promotion(count, _left(session))

    def promote_now(self, ids: Sequence[str]) -> int:
        """Let these delayed jobs wait now, in this order."""
        with self._connection.writing() as session:
            return _promote(session, ids)

    def size(self) -> int:
        """How many jobs are delayed."""
        with self._connection.reading() as session:
            return int(session.rows(SQL["size"])[0][0])

    def overdue(self) -> int:
        """How many of them are due."""
        with self._connection.reading() as session:
            return int(session.rows(SQL["overdue"])[0][0])

    def retrying(self) -> int:
        """How many of them wait for another attempt."""
        with self._connection.reading() as session:
            return int(session.rows(SQL["retrying"])[0][0])

    def peek(self, start: int = 0, count: int = 1) -> Sequence[Delayed]:
        """Up to `count` delayed jobs from index `start`, earliest first."""
        with self._connection.reading() as session:
            return [_delayed(*row) for row in session.rows(SQL["peek"], **window(start, count))]

    def get(self, job_id: str) -> Delayed | None:
        """The delayed job with this id."""
        with self._connection.reading() as session:
            for row in session.rows(SQL["get"], id=job_id):
                return _delayed(*row)
        return None

    def find(self, matches: Callable[[Entry], bool]) -> Sequence[Delayed]:
        """Every delayed job that matches, earliest first.

        `matches` is the caller's code, so it runs outside of any transaction.
        """
        return [delayed for delayed in self._all() if matches(delayed.entry)]

    def remove(self, ids: Sequence[str]) -> int:
        """Delete these delayed jobs."""
        with self._connection.writing() as session:
            return sum(session.change(SQL["remove"], id=job) for job in ids)

    def clear(self) -> int:
        """Delete every job that is delayed now, in steps."""
        return delete_all(
            self._connection,
            "jobs",
            lambda session, limits: session.change(SQL["clear"], **limits),
        )

    def _all(self) -> Iterator[Delayed]:
        """All of them, a window at a time: there may be more than memory has room for."""
        run_at, number = _BEFORE_ALL
        while True:
            with self._connection.reading() as session:
                rows = session.rows(SQL["window"], run_at=run_at, number=number, count=_WINDOW)
            yield from (_delayed(job, queue, payload, due) for due, _, job, queue, payload in rows)
            if len(rows) < _WINDOW:
                return
            run_at, number = rows[-1][:2]


def delay(session: Session, entries: Iterable[Entry], run_at: float) -> int:
    """Keep entries until `run_at`, in seconds since 1970; how many had a free id."""
    return sum(
        session.change(SQL["delay"], id=entry.id, queue=entry.queue, payload=entry.payload, run_at=run_at)
        for entry in entries
    )


def clock(session: Session) -> float:
    """The clock that everything compares, in seconds since 1970."""
    return float(session.rows(SQL["now"])[0][0])


def _promote(session: Session, ids: Iterable[str]) -> int:
    queues = [queue for job in ids for (queue,) in session.rows(SQL["promote"], id=job)]
    for queue in set(queues):
        know(session, queue)
    return len(queues)


def _left(session: Session) -> float | None:
    """Seconds until the earliest is due, 0.0 if it is; None if there is none."""
    ((left,),) = session.rows(SQL["next"])
    return None if left is None else max(0.0, float(left))


def _delayed(job: str, queue: str, payload: bytes, run_at: float) -> Delayed:
    return Delayed(Entry(job, queue, payload), from_epoch(run_at))
