"""`live_in_pool`: what a forked process of a pool does with its life: it works, or schedules."""

import logging
import os

from resque_core.client import Resque
from resque_core.errors import ResqueError
from resque_core.pool.group import Group
from resque_core.pool.settings import PoolSettings
from resque_core.process.pool.member import work_in_pool
from resque_core.process.pool.scheduling import schedule_in_pool
from resque_core.process.pool.tie import Tie
from resque_core.process.scheduler import SchedulerOptions
from resque_core.settings import environment_name

log = logging.getLogger("resque.pool")


def live_in_pool(resque: Resque, group: Group, settings: PoolSettings, pulses: int, *, paused: bool) -> int:
    """Be one of this group's processes until told to stop; the exit code. `pulses` leads to the manager."""
    tie = Tie(pulses)
    try:
        if group.schedules:
            return schedule_in_pool(resque, _scheduler_options(settings), tie, paused=paused)
        return work_in_pool(resque, group.queues, settings.as_stopped(group.options), tie, paused=paused)
    except ResqueError as error:
        log.error("%s", error)  # noqa: TRY400 - the message says what to do
    except BaseException:
        log.exception("A process of the pool cannot go on")
    return 1


def _scheduler_options(settings: PoolSettings) -> SchedulerOptions:
    return SchedulerOptions(
        schedule=settings.schedule,
        environment=settings.environment or environment_name(os.environ),
        interval=settings.scheduler_interval,
    )
