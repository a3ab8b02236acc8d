"""`IdleWait`: the time between two looks of a worker that has nothing to do, in which its store may wake it.

Being woken is a hint, and it never takes the place of a look: a worker whose store has no waker, whose
waker is out of order, or who was woken in vain looks when it would have looked anyway.
"""

import logging
from collections.abc import Callable, Sequence

from resque_core.errors import StorageError
from resque_core.storage import Waker
from resque_core.timers import Every

log = logging.getLogger("resque")

#: Seconds for which who was woken in vain does not listen: the first time, and at most. What wakes without a
#: job (others were faster, the queue is paused) must not have a worker ask its store again and again.
FIRST_IN_VAIN, LONGEST_IN_VAIN = 0.1, 2.0
#: The same for a waker that is out of order.
FIRST_BROKEN, LONGEST_BROKEN = 1.0, 60.0


class IdleWait:
    """Has a waker listen while its worker waits, and only then: who is busy must not take others' hints."""

    def __init__(self, open_waker: Callable[[], Waker | None]) -> None:
        self._open_waker = open_waker
        self._waker: Waker | None = None
        self._queues: Sequence[str] | None = None
        self._discover = False
        self._until = Every(0)
        self._listening = self._woken = self._broken = False
        self._pause = 0.0
        self._again = Every(0)

    @property
    def wakes(self) -> bool:
        """Whether the store has a waker, in order as far as is known; else the worker may look more often."""
        self._waker = self._waker or self._open_waker()
        return self._waker is not None and not self._broken

    def begin(self, queues: Sequence[str], seconds: float, *, discover: bool) -> None:
        """A look at these queues found nothing, and the next one is in so many seconds."""
        if self._woken:
            self._hold_off(FIRST_IN_VAIN, LONGEST_IN_VAIN)
        self._queues, self._discover, self._woken = queues, discover, False
        self._until.restart(seconds)
        self._listen()

    def woken(self) -> bool:
        """Whether to look at once. True ends the wait."""
        if not self._listening:
            self._listen()
            return False
        try:
            self._woken = self._waker is not None and self._waker.heard()
        except StorageError as error:
            self._break(error)
        if self._woken:
            self._queues, self._listening, self._broken = None, False, False
        return self._woken

    def end(self) -> None:
        """There is a look, or other work: listen no more. That we were woken is known until the next wait."""
        self._queues = None
        if self._listening and self._waker:
            self._listening = False
            self._waker.stop()

    def worked(self) -> None:
        """There was a job: no wake-up was in vain."""
        self._woken, self._pause = False, 0.0

    def fileno(self) -> int:
        """What is readable once there is something to hear; -1: nothing."""
        return self._waker.fileno() if self._listening and self._waker else -1

    def left(self) -> float:
        """Seconds until `woken` wants to be asked; infinite when a descriptor, or nobody, tells."""
        if self._listening and self._waker:
            return self._waker.left()
        return self._again.left() if self._queues is not None else float("inf")

    def close(self) -> None:
        """Let go of the waker; the next wait opens another."""
        self.end()
        if self._waker:
            self._waker.close()
            self._waker = None

    def _listen(self) -> None:
        if self._queues is None or not self._again.due():
            return
        try:
            self._waker = self._waker or self._open_waker()
            if self._waker is None:
                self._queues = None
                return
            self._waker.listen(self._queues, self._until.left(), discover=self._discover)
        except StorageError as error:
            self._break(error)
        else:
            self._listening = True

    def _break(self, error: StorageError) -> None:
        """Do without for a while."""
        if not self._broken:
            log.warning("The store cannot wake this worker, which goes on to poll: %s", error)
        self._broken, self._listening = True, False
        if self._waker:
            self._waker.close()
        self._hold_off(FIRST_BROKEN, LONGEST_BROKEN)

    def _hold_off(self, first: float, longest: float) -> None:
        self._pause = min(longest, max(first, self._pause * 2))
        self._again.restart(self._pause)
