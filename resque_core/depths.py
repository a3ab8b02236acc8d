"""`Depths`: how many jobs waited on the queues in one minute, as somebody noted it then."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from resque_core.records import QueueInfo

#: Seconds: depths are noted once in each.
MINUTE = 60
#: So many of the last minutes are kept: a day.
KEPT_DEPTHS = 1440
#: So many queues are noted by name, the deepest first: a store may have thousands.
NAMED = 20


@dataclass(frozen=True, slots=True)
class Depths:
    """What waited in one minute."""

    #: Start of the minute, UTC.
    start: datetime
    #: Jobs that waited on all queues together.
    total: int
    #: Jobs that waited on each of the deepest queues, at most `NAMED` of them; none that was empty.
    queues: Mapping[str, int]

    def of(self, queue: str) -> int | None:
        """How many waited on this queue; None if it was not among those that were noted."""
        complete = sum(self.queues.values()) == self.total
        return self.queues.get(queue, 0 if complete else None)


def depths_of(start: datetime, queues: Iterable[QueueInfo]) -> Depths:
    """The depths of these queues, as they are kept."""
    waiting = sorted((it for it in queues if it.size > 0), key=lambda it: (-it.size, it.name))
    named = {queue.name: queue.size for queue in waiting[:NAMED]}
    return Depths(start, sum(queue.size for queue in waiting), named)
