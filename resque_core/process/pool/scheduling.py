"""`PoolScheduler`: the scheduler of a group in a pool: its manager watches it as it does workers."""

import logging

from resque_core.client import Resque
from resque_core.process.logs import share_with_root
from resque_core.process.pool.seat import PULSE, REGISTERED
from resque_core.process.pool.tie import LOOK, Tie
from resque_core.process.scheduler import SchedulerOptions, SchedulerProcess

log = logging.getLogger("resque.pool")


def schedule_in_pool(resque: Resque, options: SchedulerOptions, tie: Tie, *, paused: bool) -> int:
    """Be the scheduler of a group in this process until it is told to stop; the exit code.

    :raises ResqueError: it cannot begin.
    """
    log.info("Starting scheduler")
    share_with_root()
    scheduler = PoolScheduler(resque, options, tie)
    if paused:
        scheduler.pause()
    return scheduler.run()


class PoolScheduler(SchedulerProcess):
    """A `SchedulerProcess` with a manager, and which ends without one."""

    def __init__(self, resque: Resque, options: SchedulerOptions, tie: Tie) -> None:
        super().__init__(resque, options)
        self._tie = tie

    def begin(self) -> None:
        """Once this is done, signals are heeded and the store is there."""
        super().begin()
        self._tie.show(REGISTERED, at_once=True)

    def wait(self, seconds: float) -> None:
        """As a scheduler waits, but never for longer than a look at the manager takes."""
        super().wait(min(seconds, LOOK))
        if not self._tie.show(PULSE):
            self.end()
