"""`Spares`: connections of a pool that stay at hand between two calls; borrowing costs as much as a call."""

import select
from typing import Any

import redis

#: From this version on, a pool's `get_connection` wants no command's name.
_NAMELESS = (5, 3)
_VERSION = tuple(int(part) for part in redis.__version__.split(".")[:2])


class Spares:
    """Takes connections out of a pool, and gives back to it those that are not as they should be.

    `keeps`: only where the pool may have any number of connections. Otherwise others wait for what lies here.
    """

    def __init__(self, pool: redis.ConnectionPool, *, keeps: bool) -> None:
        self.pool = pool
        # Other kinds of pools count their connections, or look for another server.
        self._keeps = keeps and type(pool) is redis.ConnectionPool
        self._spare: list[Any] = []

    def take(self) -> Any:
        """A connection for one call."""
        try:
            connection = self._spare.pop()
        except IndexError:
            return borrow(self.pool)
        if not _silent(connection):
            self.pool.release(connection)
            return borrow(self.pool)
        return connection

    def give(self, connection: Any, *, answered: bool) -> None:
        """Put it back. One whose answer was not read is hung up, or it would be taken for the next one's."""
        if not answered:
            connection.disconnect()
        if answered and self._keeps:
            self._spare.append(connection)
        else:
            self.pool.release(connection)


def borrow(pool: redis.ConnectionPool) -> Any:
    """A connection of a pool, ready for a command."""
    return pool.get_connection() if _VERSION >= _NAMELESS else pool.get_connection("_")


def _silent(connection: Any) -> bool:
    """Whether it is open, and there is nothing to read, as it must be when nothing was asked."""
    # The driver has no public name for it, in any version.
    socket = getattr(connection, "_sock", None)
    if socket is None:
        return False
    poll = select.poll()
    poll.register(socket, select.POLLIN)
    return not poll.poll(0)
