"""Managers of pools: what they say of themselves, and what they are told."""

from collections.abc import Sequence

from resque_core.records import PoolCommand, PoolReport
from resque_sqlite.connection import Connection
from resque_sqlite.queries import load

SQL = load("pools")


class SqlitePools:
    """`Pools` on SQLite."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def report(self, pool: str, about: str, lease: float, heard: int = 0) -> Sequence[PoolCommand]:
        """Note what the pool says of itself, and hand over what it has not heard."""
        with self._connection.writing() as session:
            session.change(SQL["forget_lapsed"])
            session.change(SQL["report"], pool=pool, about=about, lease=lease, heard=heard)
            session.change(SQL["drop_heard"], pool=pool, heard=heard)
            return [PoolCommand(*row) for row in session.rows(SQL["commands"], pool=pool)]

    def withdraw(self, pool: str) -> None:
        """Forget the pool, and what it was told."""
        with self._connection.writing() as session:
            session.change(SQL["withdraw"], pool=pool)

    def all(self) -> Sequence[PoolReport]:
        """What each pool said last whose lease runs, by id."""
        with self._connection.reading() as session:
            return [PoolReport(*row) for row in session.rows(SQL["all"])]

    def command(self, pool: str, text: str) -> bool:
        """Leave something for the pool's next report; False when there is none."""
        with self._connection.writing() as session:
            told = session.change(SQL["count_command"], pool=pool) == 1
            if told:
                session.change(SQL["command"], pool=pool, text=text)
            return told
