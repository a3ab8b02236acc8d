"""`Every`: when a thing that is done again and again is due next, by this process's monotonic clock."""

import time


class Every:
    """A period that starts over each time it is told to."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._next = time.monotonic()

    def left(self) -> float:
        """Seconds until it is due; 0.0 when it is."""
        left = self._next - time.monotonic()
        return left if left > 0 else 0.0

    def due(self) -> bool:
        """Whether it is due now."""
        return time.monotonic() >= self._next

    def restart(self, seconds: float | None = None) -> None:
        """Be due again in one period, or in so many seconds this time."""
        self._next = time.monotonic() + (self.seconds if seconds is None else seconds)

    def now(self) -> None:
        """Be due at once."""
        self._next = time.monotonic()
