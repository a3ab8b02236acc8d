"""`RedisWaker`: waits in the server for the token of a queue, on a connection of its own."""

import math
import time
from collections.abc import Callable, Sequence

from resque_core.errors import StorageError
from resque_redis.lines import MARGIN
from resque_redis.link import Line
from resque_redis.packing import Argument
from resque_redis.text import to_bytes

#: Seconds that one command waits in the server at most; who vanishes can take a token along for as long.
LONGEST = 8.0
#: Seconds under which it does not pay to wait, since the worker looks by itself soon.
SHORTEST = 1.0
#: Seconds by which the wait ends before the worker looks: then nothing has to be hung up.
EARLY = 0.1
#: Queues that are waited for at most. Further ones are found by looking.
MOST_QUEUES = 1000
#: Stands for queues that nobody knew.
_NEW = b"*"


class RedisWaker:
    """`Waker` on Redis. A token is taken by one worker: that which has waited longest."""

    def __init__(self, line: Line, key_of: Callable[[bytes], bytes], location: str) -> None:
        self._line = line
        self._key_of = key_of
        self._location = location
        self._keys: Sequence[Argument] = ()
        self._until = 0.0
        #: When the answer is overdue; None: nothing was asked.
        self._due: float | None = None

    def listen(self, queues: Sequence[str], seconds: float, *, discover: bool = False) -> None:
        """Begin to wait in the server."""
        names = [*map(to_bytes, queues[:MOST_QUEUES]), *([_NEW] if discover else [])]
        self.stop()
        self._keys = [self._key_of(name) for name in names]
        self._until = time.monotonic() + seconds
        self._ask()

    def fileno(self) -> int:
        """The connection's, while it waits."""
        return -1 if self._due is None else self._line.fileno()

    def left(self) -> float:
        """Seconds until the answer is overdue."""
        return math.inf if self._due is None else max(0.0, self._due - time.monotonic())

    def heard(self) -> bool:
        """Whether there was a token. An answer without one begins the next wait, if there is time for it."""
        if self._due is None:
            return False
        if not self._line.answered():
            self._refuse_silence(self._due)
            return False
        token = self._line.answer()
        self._due = None
        if token is None:
            self._ask()
        return token is not None

    def stop(self) -> None:
        """Wait no more: while the answer is still to come, only hanging up ends a wait in the server."""
        if self._due is not None:
            self.close()

    def close(self) -> None:
        """Hang up."""
        self._due = None
        self._line.close()

    def _ask(self) -> None:
        seconds = min(LONGEST, self._until - time.monotonic() - EARLY)
        if self._keys and seconds >= SHORTEST:
            self._line.send(b"BLPOP", *self._keys, b"%.2f" % seconds)
            self._due = time.monotonic() + seconds + MARGIN

    def _refuse_silence(self, due: float) -> None:
        if time.monotonic() >= due:
            raise StorageError(f"{self._location}: the answer to a wait of {LONGEST:g} s is overdue.")
