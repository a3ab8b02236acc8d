"""`LeaseKeeper`: when a worker beats next, whether it may have lost its lease, and whether it may sweep."""

import math
import time
from collections.abc import Callable

from resque_core.records import Beat
from resque_core.timers import Every


class LeaseKeeper:
    """Keeps a worker's lease by beating three times in each.

    After an outage of the store, or this machine's sleep, every lease has lapsed though nobody
    died. So a worker may sweep only once its own beats succeeded without a gap for one full
    lease of store time (ruling 2).
    """

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.timer = Every(seconds / 3)
        self._steady_since: float | None = None
        self._last: float | None = None
        #: When the lease ends at the earliest, by this process's monotonic clock.
        self._until = -math.inf

    def renew(self, beat: Callable[[], Beat]) -> Beat:
        """Ask the store by `beat` for another lease, and take down its answer. Raises what `beat` raises."""
        # Before the answer, which may take its time: the store may begin to count as early as that.
        asked = time.monotonic()
        answer = self.note(beat())
        self._until = asked + self.seconds
        return answer

    @property
    def doubtful(self) -> bool:
        """Whether the lease may be over: this process slept, or nobody answered, for the length of one."""
        return time.monotonic() >= self._until

    def note(self, beat: Beat) -> Beat:
        """Take down the store's answer to a beat; the next is due in a third of the lease."""
        gap = self._last is None or not 0 <= beat.now - self._last <= self.seconds
        if not beat.alive or gap:
            self._steady_since = beat.now
        self._last = beat.now
        self.timer.restart()
        return beat

    def broken(self) -> None:
        """A beat failed: nothing is known about the time until the next."""
        self._steady_since = self._last = None

    @property
    def steady(self) -> bool:
        """Whether beats have succeeded without a gap for a full lease of the store's time."""
        if self._steady_since is None or self._last is None:
            return False
        return self._last - self._steady_since >= self.seconds
