"""`run_workers`: what `resque work` does, from checked settings to an exit code."""

import logging
from dataclasses import asdict, fields

from resque_core.client import Resque
from resque_core.errors import ResqueError
from resque_core.loading import opener_of
from resque_core.process.daemon import be_silent, become_daemon
from resque_core.process.logs import set_up_logs
from resque_core.process.pidfile import pidfile
from resque_core.process.supervisor import RETIRED, Supervisor
from resque_core.process.worker import Worker
from resque_core.settings import StoreChoice
from resque_core.work_settings import WorkSettings
from resque_core.worker_options import WorkerOptions

log = logging.getLogger("resque")


def run_workers(settings: WorkSettings) -> int:
    """Work as the settings say until there is nothing left to do, or we are told to stop.

    :raises ResqueError: a single worker could not begin (each of several tells its own log).
    """
    set_up_logs(settings.log_level, settings.log_file, settings.log_format)
    if settings.background:
        become_daemon()
        be_silent()
    with pidfile(settings.pidfile):
        if settings.count == 1:
            return _work(settings)
        drain = _options(settings).drain
        return Supervisor(settings.count, lambda: _work_or_tell(settings), replace=not drain).run()


def _work(settings: WorkSettings) -> int:
    opener = opener_of(settings.backend, settings.url)
    choice = StoreChoice(settings.url, settings.source, opener=opener)
    resque = Resque(choice, namespace=settings.namespace, ruby=settings.ruby)
    worker = Worker(resque, settings.queues, **asdict(_options(settings)))
    code = worker.work()
    return RETIRED if worker.retired and settings.count > 1 else code


def _options(settings: WorkSettings) -> WorkerOptions:
    return WorkerOptions(**{field.name: getattr(settings, field.name) for field in fields(WorkerOptions)})


def _work_or_tell(settings: WorkSettings) -> int:
    try:
        return _work(settings)
    except ResqueError as error:
        log.error("%s", error)  # noqa: TRY400 - the message says what to do, a traceback would bury it
        return 1
