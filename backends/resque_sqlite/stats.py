"""Named counters and their history by minute and day."""

from collections.abc import Mapping, Sequence

from resque_core.clock import from_epoch
from resque_core.records import Bucket
from resque_core.storage import Grain
from resque_sqlite.columns import read_number
from resque_sqlite.connection import Connection
from resque_sqlite.queries import load
from resque_sqlite.session import Session

SQL = load("stats")
_SECONDS: dict[Grain, int] = {"minute": 60, "day": 86_400}


class SqliteStats:
    """`Stats` on SQLite."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def increment(self, name: str, by: int = 1) -> None:
        """Add to a counter and to its current minute and day."""
        with self._connection.writing() as session:
            increment(session, name, by)

    def all(self) -> Mapping[str, int]:
        """Every counter that was ever incremented and not cleared."""
        with self._connection.reading() as session:
            return {name: read_number(value) for name, value in session.rows(SQL["all"])}

    def clear(self, name: str) -> None:
        """Set a counter back; its history stays."""
        with self._connection.writing() as session:
            session.change(SQL["clear"], name=name)

    def history(self, name: str, grain: Grain, count: int) -> Sequence[Bucket]:
        """The last `count` minutes or days up to now, oldest first, zeros included."""
        seconds = _SECONDS[grain]
        with self._connection.reading() as session:
            rows = session.rows(SQL["history"], name=name, grain=grain, seconds=seconds, count=count)
        values = {start: read_number(value) for _, start, value in rows}
        latest = int(rows[0][0]) // seconds * seconds
        starts = range(latest - (count - 1) * seconds, latest + 1, seconds)
        return [Bucket(from_epoch(start), values.get(start, 0)) for start in starts]


def increment(session: Session, name: str, by: int = 1) -> None:
    """Add to a counter within the transaction of what it counts."""
    session.change(SQL["increment"], name=name, by=by)


def trim(session: Session) -> None:
    """Drop the buckets that are too old."""
    session.change(SQL["trim"])
