"""`Promoter`: lets delayed jobs wait on their queues once they are due. It runs no code of anybody's."""

import logging

from resque_core.client import Resque
from resque_core.display import one_line
from resque_core.records import Promotion
from resque_core.timers import Every
from resque_core.worker_options import WorkerOptions

log = logging.getLogger("resque")

#: Seconds between two looks, at least: an impatient worker may look at its queues more often.
SHORTEST = 1.0
#: What is moved in one call: a store is not held up by it for longer than some milliseconds.
AT_ONCE = 500


class Promoter:
    """Promotes as often as its worker looks around, and whenever it knows that a job is due."""

    def __init__(self, resque: Resque, options: WorkerOptions) -> None:
        self._resque = resque
        self._wanted = options.promote
        self._period = min(options.sweep, max(options.interval or options.sweep, SHORTEST))
        self._timer = Every(self._period)
        self._holder: str | None = None

    def promote(self) -> int:
        """Promote what is due, if it is time to look; return how many."""
        if not self._wanted or not self._timer.due():
            return 0
        said = self._resque.storage.schedule.promote(AT_ONCE)
        self._note(said)
        return said.count

    def left(self) -> float:
        """Seconds until it is time to look."""
        return self._timer.left() if self._wanted else float("inf")

    def _note(self, said: Promotion) -> None:
        more = said.count and said.left == 0
        self._timer.restart(0.0 if more else min(self._period, said.left or self._period))
        if said.count:
            log.debug("Promoted %d delayed jobs.", said.count)
        if said.held_by != self._holder:
            self._holder = said.held_by
            if said.held_by:
                log.info("Delayed jobs are left to resque-scheduler %s.", one_line(said.held_by))
