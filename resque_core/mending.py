"""`BatchMender`: now and then, lets jobs leave their batches that went without a word."""

from resque_core.storage import NO_CURSOR, Storage
from resque_core.timers import Every

#: Seconds between two walks through all jobs of all batches.
PAUSE = 30.0


class BatchMender:
    """One walk after the other, a step with each call: a step looks at a thousand jobs, so it is short."""

    def __init__(self) -> None:
        self._after = NO_CURSOR
        self._walk = Every(PAUSE)
        self._walk.restart()

    def mend(self, storage: Storage) -> None:
        """Take the next step, if it is time."""
        if self._after == NO_CURSOR:
            if not self._walk.due():
                return
            self._walk.restart()
        self._after = storage.batches.mend(self._after)
