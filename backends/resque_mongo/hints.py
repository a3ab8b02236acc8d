"""`Hints`: which of the workers on this machine is woken when a job comes to wait. It does nothing else.

A hint is a number: that of a queue where a job may wait, or `NEW`, a queue that nobody knew. It goes to one
worker, that which has waited longest. One that nobody waits for is kept: there is a moment between a
worker's look that finds nothing and its wait. Kept ones have a bound, and so has their time.
"""

import time
from collections.abc import Callable, Iterable
from typing import Generic, TypeVar
from zlib import crc32

Who = TypeVar("Who")
Wake = Callable[[Who], None]

#: Somebody made a queue known.
NEW = -1
#: Hints that are kept at most, and for so many seconds.
MOST_KEPT, LONGEST_KEPT = 1000, 60.0


def hint_of(queue: str) -> int:
    """The number of a queue: short, however long its name is. Two queues may share one."""
    return crc32(queue.encode("utf-8", "surrogatepass"))


class Hints(Generic[Who]):
    """Who waits for what, and what waits for somebody. `wake` is called with who is to look."""

    def __init__(self, wake: Wake[Who]) -> None:
        self._wake = wake
        self._waiting: dict[Who, frozenset[int]] = {}
        self._woken: dict[Who, int] = {}
        self._kept: dict[int, float] = {}

    @property
    def anybody_waits(self) -> bool:
        """Whether a hint is of use to anybody now."""
        return bool(self._waiting)

    def wait(self, who: Who, wish: Iterable[int]) -> None:
        """Wake it with the next of these hints. Whatever woke it before has been looked after."""
        self._woken.pop(who, None)
        self._waiting.pop(who, None)
        self._waiting[who] = wanted = frozenset(wish)
        for hint in self._fresh() & wanted:
            del self._kept[hint]
            self._rouse_with(who, hint)
            return

    def leave(self, who: Who) -> None:
        """It waits no more. A hint that it may not have heard is for somebody else."""
        self._waiting.pop(who, None)
        hint = self._woken.pop(who, None)
        if hint is not None:
            self.give(hint)

    def give(self, hint: int) -> None:
        """Wake one worker; or keep the hint for the next that would be."""
        for who, wish in self._waiting.items():
            if hint in wish:
                self._rouse_with(who, hint)
                return
        self._keep(hint)

    def give_all(self, hint: int | None = None) -> None:
        """Wake all that wait for this; without a hint, all: nobody knows what came meanwhile."""
        for who, wish in list(self._waiting.items()):
            if hint is None or hint in wish:
                self.rouse(who)
        if hint is not None:
            self._keep(hint)

    def rouse(self, who: Who) -> None:
        """Wake this one, if it waits, whatever it waits for."""
        if self._waiting.pop(who, None) is not None:
            self._wake(who)

    def _rouse_with(self, who: Who, hint: int) -> None:
        self._woken[who] = hint
        self.rouse(who)

    def _keep(self, hint: int) -> None:
        self._kept.pop(hint, None)
        self._kept[hint] = time.monotonic()
        if len(self._kept) > MOST_KEPT:
            del self._kept[next(iter(self._kept))]

    def _fresh(self) -> set[int]:
        oldest = time.monotonic() - LONGEST_KEPT
        return {hint for hint, since in self._kept.items() if since >= oldest}
