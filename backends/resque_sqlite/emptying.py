"""Deletes any number of rows: in steps, because while one process writes, no other does."""

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

from resque_sqlite.connection import Connection
from resque_sqlite.patience import give_way
from resque_sqlite.queries import load
from resque_sqlite.session import Session

SQL = load("emptying")
#: How many rows go in one transaction: a fraction of a second.
WINDOW = 20_000

Chosen = TypeVar("Chosen")

#: Deletes up to `most` rows with numbers up to `last`; how many that were.
Delete = Callable[[Session, dict[str, int]], int]


def delete_all(connection: Connection, table: str, delete: Delete) -> int:
    """Delete what is meant of what the table has now, a transaction for each step; return how many rows.

    What others add between two steps stays, so that they cannot keep this from ending. Interrupted, it
    goes on when it is called again.
    """
    with connection.reading() as session:
        limits = {"last": session.rows(SQL[table])[0][0], "most": WINDOW}
    deleted = some = _step(connection, delete, limits)
    while some == WINDOW:
        give_way()
        some = _step(connection, delete, limits)
        deleted += some
    return deleted


def in_steps(chosen: Sequence[Chosen]) -> Iterator[Sequence[Chosen]]:
    """What is to be deleted, a step's worth at a time; others have a turn in between."""
    for first in range(0, len(chosen), WINDOW):
        if first:
            give_way()
        yield chosen[first : first + WINDOW]


def _step(connection: Connection, delete: Delete, limits: dict[str, int]) -> int:
    with connection.writing() as session:
        return delete(session, limits)
