"""`Ending`: when a job that is to end is interrupted, when it is killed, and whether it fails then."""

import math
import time
from typing import NamedTuple


class Patience(NamedTuple):
    """How long a job that is to end may still run."""

    #: Seconds until its process is killed.
    kill: float
    #: Seconds until a TermException is raised in it; None: it is not told.
    interrupt: float | None = None
    #: What becomes of a job that this ended: it fails, or goes back to its queue.
    fails: bool = False


class Ending:
    """What was asked for about one job. The earliest time counts, and one wish that it fail is enough."""

    def __init__(self) -> None:
        self.fails = False
        self._interrupt = self._kill = math.inf

    def ask(self, patience: Patience) -> None:
        """Let it end within this patience."""
        now = time.monotonic()
        self.fails = self.fails or patience.fails
        self._kill = min(self._kill, now + patience.kill)
        if patience.interrupt is not None:
            self._interrupt = min(self._interrupt, now + patience.interrupt)

    def left(self) -> float:
        """Seconds until the next of the two is due; infinite for never."""
        left = min(self._interrupt, self._kill) - time.monotonic()
        return left if left > 0 else 0.0

    def interrupts(self) -> bool:
        """Whether it is to be interrupted now. True once."""
        due = self._interrupt <= time.monotonic()
        if due:
            self._interrupt = math.inf
        return due

    def kills(self) -> bool:
        """Whether it is to be killed now. True once."""
        due = self._kill <= time.monotonic()
        if due:
            self._kill = self._interrupt = math.inf
        return due
