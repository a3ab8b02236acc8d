"""`run_scheduler`: what `resque scheduler` does, from checked settings to an exit code."""

import os

from resque_core.client import Resque
from resque_core.loading import load_modules, load_setup, opener_of
from resque_core.process.daemon import be_silent, become_daemon
from resque_core.process.logs import set_up_logs, share_with_root
from resque_core.process.pidfile import pidfile
from resque_core.process.scheduler import SchedulerOptions, SchedulerProcess
from resque_core.schedule_file import load_schedule
from resque_core.settings import StoreChoice, environment_name
from resque_core.work_settings import WorkSettings


def run_scheduler(settings: WorkSettings) -> int:
    """Schedule as the settings say until told to stop.

    :raises ResqueError: the jobs or the schedule cannot be loaded, or the store cannot be reached.
    """
    set_up_logs(settings.log_level, settings.log_file, settings.log_format)
    if settings.schedule is not None:
        # A mistake is told where the command was typed, and not into a daemon's log.
        load_schedule(settings.schedule)
    if settings.background:
        become_daemon()
        be_silent()
    with pidfile(settings.pidfile):
        return schedule(settings)


def schedule(settings: WorkSettings) -> int:
    """The same, in a process that is set up already."""
    load_modules(settings.require)
    if settings.setup:
        load_setup(settings.setup)()
    share_with_root()
    opener = opener_of(settings.backend, settings.url)
    choice = StoreChoice(settings.url, settings.source, opener=opener)
    resque = Resque(choice, namespace=settings.namespace, ruby=settings.ruby)
    options = SchedulerOptions(
        schedule=settings.schedule,
        environment=settings.environment or environment_name(os.environ),
        interval=settings.scheduler_interval,
    )
    return SchedulerProcess(resque, options).run()
