"""`Upkeep`: retires workers that are too old or too large, and replaces those whose loop stands still."""

import logging
import signal

from resque_core.display import one_line
from resque_core.pool.group import Group, Groups
from resque_core.pool.settings import PoolSettings
from resque_core.process.pool.crew import Crew
from resque_core.process.pool.seat import Seat

log = logging.getLogger("resque.pool")

#: Seconds. A loop that stands still for less may wait for its store.
SHORTEST_SILENCE = 10.0


class Upkeep:
    """Looks at each worker of a crew."""

    def __init__(self, settings: PoolSettings) -> None:
        self._settings = settings

    def look(self, crew: Crew, groups: Groups) -> None:
        """End each worker that is hung."""
        for seat in crew:
            group = groups.get(seat.group) or Group(seat.group, 0)
            self._end_if_hung(seat, group)

    def _end_if_hung(self, seat: Seat, group: Group) -> None:
        lease = self._settings.options(group.options).lease
        if seat.silent > max(lease, SHORTEST_SILENCE) and seat.told != signal.SIGKILL:
            log.error(
                "Worker %d on %s has stood still for %.0f s: it is killed; a sweep returns its job.",
                seat.pid,
                one_line(seat.group),
                seat.silent,
            )
            seat.tell(signal.SIGKILL)
