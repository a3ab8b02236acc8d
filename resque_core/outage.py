"""`Outage`: how long to leave a store alone that did not answer."""

import logging
import os

from resque_core.errors import StorageError
from resque_core.timers import Every

log = logging.getLogger("resque")

FIRST_PAUSE = 0.1
LONGEST_PAUSE = 5.0


class Outage:
    """Backs off from 0.1 s to 5 s with jitter, for ever, and tells the log once each way."""

    def __init__(self) -> None:
        self._pause = 0.0
        self._timer = Every(0)

    def __bool__(self) -> bool:
        """Whether the store did not answer last time."""
        return self._pause > 0

    def left(self) -> float:
        """Seconds until the next try; 0.0 when there is no outage."""
        return self._timer.left() if self else 0.0

    def begin(self, error: StorageError) -> None:
        """The store did not answer: try again after a while."""
        if not self:
            log.error("The store does not answer, trying again until it does: %s", error)
        self._pause = min(LONGEST_PAUSE, self._pause * 2 or FIRST_PAUSE)
        self._timer.restart(self._pause * _jitter())

    def over(self) -> None:
        """The store answered."""
        if self:
            log.warning("The store answers again.")
        self._pause = 0.0


def _jitter() -> float:
    """From 0.5 to 1.0, so that a fleet of workers does not come back in one wave.

    Not from `random`: its module reseeds itself in each forked child, at every job's cost.
    """
    return 0.5 + os.urandom(1)[0] / 510
