"""`run_workers`: what `resque work` does, from checked settings to an exit code."""

import logging
from collections.abc import Callable
from dataclasses import asdict, fields
from functools import partial

from resque_core.client import Resque
from resque_core.errors import ResqueError, SettingsError
from resque_core.loading import opener_of
from resque_core.process.daemon import be_silent, become_daemon
from resque_core.process.logs import set_up_logs
from resque_core.process.pidfile import pidfile
from resque_core.process.run_scheduler import schedule
from resque_core.process.supervisor import RETIRED, Supervisor
from resque_core.process.worker import Worker
from resque_core.schedule_file import load_schedule
from resque_core.settings import StoreChoice
from resque_core.work_settings import WorkSettings
from resque_core.worker_options import WorkerOptions

log = logging.getLogger("resque")


def run_workers(settings: WorkSettings) -> int:
    """Work as the settings say until there is nothing left to do, or we are told to stop.

    :raises ResqueError: a single worker could not begin (each of several tells its own log).
    """
    set_up_logs(settings.log_level, settings.log_file, settings.log_format)
    if settings.scheduler and settings.schedule is not None:
        # A mistake is told where the command was typed, and not by a scheduler that ends again and again.
        load_schedule(settings.schedule)
    if settings.background:
        become_daemon()
        be_silent()
    with pidfile(settings.pidfile):
        if settings.count == 1 and not settings.scheduler:
            return _work(settings)
        drain = _options(settings).drain
        beside = partial(_told, schedule, settings) if settings.scheduler else None
        work = partial(_told, _work, settings)
        return Supervisor(settings.count, work, replace=not drain, beside=beside).run()


def _work(settings: WorkSettings) -> int:
    opener = opener_of(settings.backend, settings.url)
    choice = StoreChoice(settings.url, settings.source, opener=opener)
    resque = Resque(choice, namespace=settings.namespace, ruby=settings.ruby)
    worker = Worker(resque, settings.queues, **asdict(_options(settings)))
    code = worker.work()
    return RETIRED if worker.retired and (settings.count > 1 or settings.scheduler) else code


def _options(settings: WorkSettings) -> WorkerOptions:
    return WorkerOptions(**{field.name: getattr(settings, field.name) for field in fields(WorkerOptions)})


def _told(run: Callable[[WorkSettings], int], settings: WorkSettings) -> int:
    """Run it, and tell the log why if it cannot begin."""
    try:
        return run(settings)
    except ResqueError as error:
        log.error("%s", error)  # noqa: TRY400 - the message says what to do, a traceback would bury it
        return 2 if isinstance(error, SettingsError) else 1
