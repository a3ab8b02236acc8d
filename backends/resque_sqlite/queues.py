"""Waiting jobs, by queue, and the pauses."""

from collections.abc import Callable, Iterator, Mapping, Sequence

from resque_core.depths import Depths
from resque_core.job import Entry
from resque_core.records import QueueInfo
from resque_core.timing import Timings
from resque_sqlite import depths, timings
from resque_sqlite.connection import Connection
from resque_sqlite.emptying import delete_all, in_steps
from resque_sqlite.paging import window
from resque_sqlite.queries import load
from resque_sqlite.session import Session

SQL = load("queues")
_WINDOW = 1000
_BEFORE_ALL = -(2**63)


class SqliteQueues:
    """`Queues` on SQLite."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def all(self) -> Sequence[QueueInfo]:
        """Every known queue, sorted by name."""
        with self._connection.reading() as session:
            return [QueueInfo(name, size, bool(paused)) for name, size, paused in session.rows(SQL["all"])]

    def size(self, queue: str) -> int:
        """How many jobs wait on it."""
        with self._connection.reading() as session:
            return int(session.rows(SQL["size"], queue=queue)[0][0])

    def peek(self, queue: str, start: int = 0, count: int = 1) -> Sequence[Entry]:
        """Up to `count` waiting entries from index `start`, head first."""
        with self._connection.reading() as session:
            return [Entry(*row) for row in session.rows(SQL["peek"], queue=queue, **window(start, count))]

    def pop(self, queue: str) -> Entry | None:
        """Remove and return the head."""
        with self._connection.writing() as session:
            for row in session.rows(SQL["pop"], queue=queue):
                return Entry(*row)
        return None

    def dequeue(self, queue: str, matches: Callable[[bytes], bool]) -> int:
        """Delete each waiting entry whose payload matches; return how many.

        `matches` is the caller's code, so it runs outside of any transaction; all that it chose
        and that still wait then go, in steps.
        """
        chosen = [entry for entry in self._waiting(queue) if matches(entry.payload)]
        return sum(self._delete(queue, some) for some in in_steps(chosen))

    def move(self, queue: str, to: str, ids: Sequence[str]) -> int:
        """Let these jobs wait at the tail of another queue; return how many did."""
        if queue == to:
            return 0
        with self._connection.writing() as session:
            places = {job: session.rows(SQL["place"], id=job, queue=queue) for job in ids}
            waiting = {job: place for job, place in places.items() if place}
            for job in sorted(waiting, key=waiting.__getitem__):
                session.change(SQL["move"], id=job, queue=queue, to=to)
            if waiting:
                know(session, to)
            return len(waiting)

    def clear(self, queue: str) -> int:
        """Delete every entry that waits now, in steps; the queue stays known."""
        return delete_all(
            self._connection,
            "jobs",
            lambda session, limits: session.change(SQL["clear"], queue=queue, **limits),
        )

    def remove(self, queue: str) -> int:
        """Delete every entry that waits now, in steps; with the last of them the queue's pause and name.

        Its name stays if more jobs wait by then: a queue that nobody knows is worked by nobody.
        """

        def delete(session: Session, limits: dict[str, int]) -> int:
            deleted = session.change(SQL["clear"], queue=queue, **limits)
            if deleted < limits["most"]:
                session.change(SQL["resume"], queue=queue)
                session.change(SQL["forget"], queue=queue)
            return deleted

        return delete_all(self._connection, "jobs", delete)

    def pause(self, queue: str) -> None:
        """Let nobody reserve from this queue, or from any with `ALL_QUEUES`."""
        with self._connection.writing() as session:
            session.change(SQL["pause"], queue=queue)

    def resume(self, queue: str) -> None:
        """Undo the pause of this name."""
        with self._connection.writing() as session:
            session.change(SQL["resume"], queue=queue)

    def paused(self) -> frozenset[str]:
        """Every name that is paused."""
        with self._connection.reading() as session:
            return frozenset(name for (name,) in session.rows(SQL["paused"]))

    def latencies(self, queues: Sequence[str]) -> Mapping[str, float]:
        """Seconds that the oldest waiting job of each has waited."""
        with self._connection.reading() as session:
            found = {queue: session.rows(SQL["latency"], queue=queue)[0][0] for queue in queues}
        return {queue: float(seconds or 0.0) for queue, seconds in found.items()}

    def timings(self, queues: Sequence[str]) -> Mapping[str, Timings]:
        """How long the jobs of these queues waited and took."""
        with self._connection.reading() as session:
            return timings.read(session, queues)

    def sample(self) -> float:
        """Note how many jobs wait on the queues, once a minute. They are counted outside the write lock."""
        start, left, noted = depths.minute_of(self._connection)
        if not noted:
            depths.note(self._connection, self.all(), start)
        return left

    def samples(self, count: int) -> Sequence[Depths]:
        """What was noted in the last `count` minutes, oldest first."""
        return depths.read(self._connection, count)

    def _delete(self, queue: str, chosen: Sequence[Entry]) -> int:
        with self._connection.writing() as session:
            return sum(
                session.change(SQL["dequeue"], id=entry.id, queue=queue, payload=entry.payload)
                for entry in chosen
            )

    def _waiting(self, queue: str) -> Iterator[Entry]:
        """All entries, a window at a time: a queue may be longer than memory is."""
        after = _BEFORE_ALL
        while True:
            with self._connection.reading() as session:
                rows = session.rows(SQL["window"], queue=queue, after=after, count=_WINDOW)
            yield from (Entry(job, queue, payload) for _, job, payload in rows)
            if len(rows) < _WINDOW:
                return
            after = rows[-1][0]


def know(session: Session, queue: str) -> None:
    """Make the queue known."""
    session.change(SQL["know"], queue=queue)


def names(session: Session) -> tuple[str, ...]:
    """Every known queue, sorted."""
    return tuple(name for (name,) in session.rows(SQL["names"]))
