"""Closes every open connection before a fork, so that no child ever inherits one.

A SQLite file that is open in the parent leaves the child without kernel locks: POSIX locks belong
to a process, and SQLite in the child believes that it holds the parent's. Committed rows were lost
that way. Both sides open anew with their next call.
"""

import os
from threading import RLock
from typing import Protocol
from weakref import ref


class Forkable(Protocol):
    """What has to stand still while this process forks."""

    def before_fork(self) -> None:
        """Wait for running calls, let go of the file, and let nobody in."""
        ...

    def after_fork(self) -> None:
        """Go on. Called in the parent and in the child, by the thread that forked."""
        ...


_lock = RLock()
#: Not a `WeakSet`: to find that nothing is in it takes ten calls, which each child of a worker would make.
_live: set[ref[Forkable]] = set()
_stopped: list[Forkable] = []


def watch(connection: Forkable) -> None:
    """Have `connection` stopped at each fork for as long as it is alive."""
    with _lock:
        _live.add(ref(connection, _live.discard))


def _before() -> None:
    _lock.acquire()
    if _live:
        _stop()


def _stop() -> None:
    for held in list(_live):
        connection = held()
        if connection is not None:
            connection.before_fork()
            _stopped.append(connection)


def _after() -> None:
    while _stopped:
        _stopped.pop().after_fork()
    _lock.release()


os.register_at_fork(before=_before, after_in_parent=_after, after_in_child=_after)
