"""`Stopping`: whether a worker takes more jobs, and how long the one in hand may still run."""

import math
import time


class Stopping:
    """The three ways to go: *quiet* (take no more), *finish* (… and end), *stop* (… by a deadline)."""

    def __init__(self) -> None:
        self.quieted = False
        self.ending = False
        self._deadline = math.inf

    def quiet(self) -> None:
        """Take no more jobs, but stay."""
        self.quieted = True

    def finish(self) -> None:
        """End once the job in hand has, however long it takes."""
        self.ending = True

    def stop(self, grace: float) -> None:
        """End once the job in hand has; after so many seconds hand it back. The earliest deadline counts."""
        self.ending = True
        self._deadline = min(self._deadline, time.monotonic() + grace)

    @property
    def taking(self) -> bool:
        """Whether to take another job."""
        return not (self.quieted or self.ending)

    def left(self) -> float:
        """Seconds until the deadline; infinite without one."""
        return max(0.0, self._deadline - time.monotonic())
