"""How the jobs of a queue are claimed: `strict`, the first one; or `window`, any of the first few.

Many workers that claim the first one meet on one document: the server lets one of them win and starts the
others anew. With a window each reads a few at the head of the queue, and claims one of these at random. So a
job may be overtaken while it is among these few, and no sooner.
"""

import math
import time
from collections.abc import Callable, Mapping

from resque_core.errors import SettingsError

STRICT, WINDOW = "strict", "window"
#: The window has so many jobs for each registered worker, and at most.
FOR_EACH, MOST = 3, 64
#: Seconds for which the number of workers is taken to be the same.
SAME = 10.0

#: How the jobs of each queue are claimed; under None those of all that are not named.
Claims = Mapping[str | None, str]


class Windows:
    """How wide the window of each queue is now."""

    def __init__(self, claims: Claims) -> None:
        self._claims = claims
        self._width = 1
        self._count_at = -math.inf

    def width(self, queue: str, count_workers: Callable[[], int]) -> int:
        """From how many jobs at its head to choose; 1: take the first, also where one worker is alone.

        The workers are counted now and then.
        """
        if self._claims.get(queue, self._claims.get(None)) != WINDOW:
            return 1
        if time.monotonic() >= self._count_at:
            self._count_at = time.monotonic() + SAME
            workers = count_workers()
            self._width = min(MOST, FOR_EACH * workers) if workers > 1 else 1
        return self._width


def parse_claims(text: str) -> Claims:
    """What `window,critical:strict` means: so for the queue `critical`, and so for all others.

    :raises SettingsError: it says something else, or something twice.
    """
    claims: dict[str | None, str] = {}
    for part in text.split(",") if text else ():
        queue, colon, way = part.rpartition(":")
        name = queue if colon else None
        if way not in (STRICT, WINDOW) or name == "" or name in claims:
            raise SettingsError(
                f"claim={text} of a MongoDB store: {part!r} cannot be used. Write {WINDOW} for all queues, "
                f"or QUEUE:{WINDOW},QUEUE:{STRICT}, each once; what is not named is claimed strictly."
            )
        claims[name] = way
    return claims
