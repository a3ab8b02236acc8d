"""`SqliteWaker`: looks often, and cheaply, whether anybody else has committed anything to the file."""

import math
import time
from collections.abc import Sequence

from resque_sqlite.connection import Connection
from resque_sqlite.files import Identity

#: Seconds between two looks at the counter: after something was heard, and at most; and by how much it grows.
#: A look takes microseconds, but it takes its worker out of its sleep.
SHORTEST, LONGEST, GROWTH = 0.02, 0.1, 1.05


class SqliteWaker:
    """`Waker` on SQLite. It hears every commit of others, of whatever: the worker's look will tell."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._seen: tuple[Identity | None, int] | None = None
        self._period = SHORTEST
        self._next = math.inf

    def listen(self, queues: Sequence[str], seconds: float, *, discover: bool = False) -> None:  # noqa: ARG002
        """Begin to look. A commit since the last time counts: it may be later than the worker's look."""
        self._next = time.monotonic() + self._period

    def fileno(self) -> int:
        """There is none."""
        return -1

    def left(self) -> float:
        """Seconds until the next look."""
        return max(0.0, self._next - time.monotonic())

    def heard(self) -> bool:
        """Whether others have committed anything, if it is time to look."""
        if self.left():
            return False
        before, self._seen = self._seen, self._connection.seen()
        if self._seen != before:
            self._period, self._next = SHORTEST, math.inf
            return True
        self._period = min(LONGEST, self._period * GROWTH)
        self._next = time.monotonic() + self._period
        return False

    def stop(self) -> None:
        """Look no more."""
        self._next = math.inf

    def close(self) -> None:
        """Look no more. The connection is the storage's own."""
        self.stop()
