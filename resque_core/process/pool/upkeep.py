"""`Upkeep`: retires workers that are too old or too large, and replaces those whose loop stands still."""

import logging
import signal
import time

from resque_core.display import one_line
from resque_core.pool.group import Group, Groups
from resque_core.pool.settings import PoolSettings
from resque_core.process.memory import family, share
from resque_core.process.pool.crew import Crew
from resque_core.process.pool.seat import Seat
from resque_core.timers import Every
from resque_core.worker_options import WorkerOptions

log = logging.getLogger("resque.pool")

#: Seconds. A loop that stands still for less may wait for its store.
SHORTEST_SILENCE = 10.0
#: Seconds between two looks at ages and sizes.
PERIOD = 2.0


class Upkeep:
    """Looks at each worker of a crew."""

    def __init__(self, settings: PoolSettings) -> None:
        self._settings = settings
        self._period = Every(PERIOD)

    def look(self, crew: Crew, groups: Groups) -> None:
        """End each worker that is hung, and see to it that those beyond their limits end."""
        measure = self._period.due()
        if measure:
            self._period.restart()
        for seat in crew:
            group = groups.get(seat.group) or Group(seat.group, 0)
            options = self._settings.options(group.options)
            _end_if_hung(seat, options)
            if measure:
                _retire(seat, options)


def _end_if_hung(seat: Seat, options: WorkerOptions) -> None:
    if seat.silent > max(options.lease, SHORTEST_SILENCE) and seat.told != signal.SIGKILL:
        log.error(
            "Worker %d on %s has stood still for %.0f s: it is killed; a sweep returns its job.",
            seat.pid,
            one_line(seat.group),
            seat.silent,
        )
        seat.tell(signal.SIGKILL)


def _retire(seat: Seat, options: WorkerOptions) -> None:
    """Gently first. A worker looks at its limits between jobs; this is for the job that does not end."""
    if seat.told is None and seat.registered and (reason := _excess(seat, options)):
        log.warning("Worker %d on %s is to end: %s.", seat.pid, one_line(seat.group), reason)
        seat.retiring = True
        seat.tell(signal.SIGQUIT)
    elif seat.retiring and time.monotonic() - seat.told_at > options.grace:
        # TERM gives the job its grace once more before it is handed back; then there is only KILL.
        seat.tell(signal.SIGTERM if seat.told == signal.SIGQUIT else signal.SIGKILL)
        log.warning("Worker %d has not ended in time: it is sent %s.", seat.pid, seat.told)


def _excess(seat: Seat, options: WorkerOptions) -> str | None:
    if options.max_age is not None and seat.lived > options.max_age:
        return f"it is {seat.lived:.0f} s old"
    if options.max_rss is not None and (used := share(family(seat.pid))) > options.max_rss:
        return f"it uses {used:.0f} MB"
    return None
