"""`Backoff`: how long a group waits before it replaces workers that die as soon as they are there."""

import time
from collections.abc import Callable

#: So many early ends in a row are replaced at once: one may be killed by hand, or by a deploy. In a larger
#: group, one of each worker: until then, nobody can know that the next one fails too.
FREE = 3
#: Seconds that the first wait takes; each further early end doubles it, up to the longest.
FIRST, LONGEST = 1.0, 60.0
#: The same after somebody killed one, which says little of the next.
LONGEST_AFTER_KILL = 0.5
#: A registered worker that lived for so many seconds got to work: the group is healthy.
HEALTHY = 10.0


class Backoff:
    """Counts the early ends of a group's workers. resque-pool had none: 3,939 forks in 5 s (spec pool §3)."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self.early_ends = 0
        #: How many workers the group has.
        self.workers = 1
        self._until = 0.0

    def left(self) -> float:
        """Seconds until the next worker may be forked."""
        return max(0.0, self._until - self._clock())

    def note_end(
        self, *, lived: float, registered: bool, killed: bool = False, in_order: bool = False
    ) -> None:
        """A worker ended by itself or was killed (SIGKILL).

        One in the store's register that lived long, was killed, or left in order (as after `max_jobs`)
        had got to work. One that never came so far is an early end, however long it took.
        """
        if registered and (lived >= HEALTHY or killed or in_order):
            self.note_health()
        else:
            self.early_ends += 1
            longest = LONGEST_AFTER_KILL if killed else LONGEST
            if not self.left():
                # Those who end while a wait runs do not prolong it: somebody may kill one after the other.
                self._until = self._clock() + min(longest, self._delay())

    def note_health(self) -> None:
        """A worker of the group got to work and stayed."""
        self.early_ends = 0
        self._until = 0.0

    def _delay(self) -> float:
        beyond = self.early_ends - max(FREE, self.workers)
        return FIRST * 2.0 ** min(beyond - 1, 16) if beyond > 0 else 0.0
