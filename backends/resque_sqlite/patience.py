"""Waits for other processes' writes, in short steps.

SQLite's own wait sleeps up to 100 ms between two tries, so among busy writers it can miss its turn
for seconds, and a heartbeat with it; and it lets no signal handler run meanwhile.
"""

import os
import sqlite3
import time
from collections.abc import Callable
from typing import TypeVar

from resque_sqlite.errors import is_busy

_SHORTEST, _LONGEST = 0.0005, 0.005

Answer = TypeVar("Answer")


def patiently(act: Callable[[], Answer], seconds: float) -> Answer:
    """Try `act` again for so many seconds while the store is locked."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            return act()
        except sqlite3.OperationalError as error:
            if not is_busy(error) or time.monotonic() >= deadline:
                raise
        time.sleep(_some_time())


def give_way() -> None:
    """Let those who wait have a turn, before this process writes again: each of them tries meanwhile."""
    time.sleep(2 * _LONGEST)


def _some_time() -> float:
    """Seconds, by chance, so that those who wait do not all come back at once.

    Not from `random`: its module reseeds itself in each process that is forked, at the cost of each job.
    """
    return _SHORTEST + os.urandom(1)[0] / 255 * (_LONGEST - _SHORTEST)
