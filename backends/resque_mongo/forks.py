"""Lets go of the parent's client in a forked child: sockets and locks of another process are nobody's.

The child opens a client of its own with its next call. The parent's is not even closed there: that
would say goodbye to the server over the parent's sockets.
"""

import os
from typing import Protocol
from weakref import WeakSet


class Forkable(Protocol):
    """What must not cross a fork."""

    def forget(self) -> None:
        """Begin anew, as if nothing had been opened. Called in the child, by its only thread."""
        ...


_live: WeakSet[Forkable] = WeakSet()
#: Clients of parents, kept so that nothing collects, and so closes, them.
_inherited: list[object] = []


def watch(connection: Forkable) -> None:
    """Have `connection` forget what it opened in each forked child."""
    _live.add(connection)


def abandon(client: object) -> None:
    """Keep a parent's client from being closed here."""
    _inherited.append(client)


def _in_child() -> None:
    for connection in list(_live):
        connection.forget()


os.register_at_fork(after_in_child=_in_child)
