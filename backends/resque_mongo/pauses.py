"""`Pauses`: what is paused, as a worker that goes on from job to job remembers it for a moment.

To look before each job was a fifth of what a short job costs. So a look holds for `HOLDS` seconds, and who
pauses waits that long before saying that it is done: from then on nobody relies on an older look.
"""

import time
from collections.abc import Callable, Sequence
from typing import Any

#: Seconds for which a look holds, from its beginning on; and for which a pause waits.
HOLDS = 0.05

#: Documents of queues: those that are paused, or all.
Look = Sequence[dict[str, Any]]


class Pauses:
    """The memory of one process. Threads that look at once remember one look or the other, both are true."""

    def __init__(self) -> None:
        self._seen: tuple[float, bool, Look] | None = None

    def seen(self, look: Callable[[], Look], *, all_queues: bool) -> Look:
        """What `look` finds, or found some moments ago: what is paused, or (`all_queues`) every queue."""
        now, seen = time.monotonic(), self._seen
        if seen is None or now >= seen[0] + HOLDS or seen[1] != all_queues:
            seen = self._seen = now, all_queues, look()
        return seen[2]


def wait_for_others() -> None:
    """Let everybody look again who may have looked before this."""
    time.sleep(HOLDS)
