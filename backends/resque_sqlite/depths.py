"""The depths of queues, minute by minute."""

import json
from collections.abc import Sequence

from resque_core.clock import from_epoch
from resque_core.depths import KEPT_DEPTHS, MINUTE, Depths, depths_of
from resque_core.records import QueueInfo
from resque_sqlite.columns import read_number, read_text
from resque_sqlite.connection import Connection
from resque_sqlite.queries import load

SQL = load("depths")


def note(connection: Connection, queues: Sequence[QueueInfo], start: float) -> None:
    """Note these queues for the minute that begins at `start`, unless it has been; the oldest go."""
    seen = depths_of(from_epoch(start), queues)
    with connection.writing() as session:
        session.change(SQL["trim"], start=start, kept=KEPT_DEPTHS)
        session.change(SQL["note"], start=start, total=seen.total, queues=json.dumps(dict(seen.queues)))


def minute_of(connection: Connection) -> tuple[float, float, bool]:
    """When this minute began, the seconds that are left of it, and whether it has been noted."""
    with connection.reading() as session:
        ((now, noted),) = session.rows(SQL["now"])
    start = now // MINUTE * MINUTE
    return start, start + MINUTE - now, bool(noted)


def read(connection: Connection, count: int) -> Sequence[Depths]:
    """What was noted in the last `count` minutes, oldest first."""
    with connection.reading() as session:
        rows = session.rows(SQL["last"], count=min(max(count, 0), KEPT_DEPTHS))
    return [
        Depths(from_epoch(read_number(start)), read_number(total), _sizes(said))
        for start, total, said in rows
    ]


def _depths(start: object, total: object, said: object) -> Depths:
    return Depths(from_epoch(read_number(start)), read_number(total), _sizes(said))


def _sizes(said: object) -> dict[str, int]:
    """The queues of a note; none where somebody wrote something else."""
    try:
        found = json.loads(read_text(said))
    except (ValueError, RecursionError):
        return {}
    return {name: read_number(size) for name, size in found.items()} if isinstance(found, dict) else {}
