"""`run_workers`: what `resque work` does, from checked settings to an exit code."""

import logging
import sys
from dataclasses import asdict, fields

from resque_core.client import Resque
from resque_core.errors import ResqueError
from resque_core.loading import opener_of
from resque_core.process.pidfile import pidfile
from resque_core.process.supervisor import Supervisor
from resque_core.process.worker import Worker
from resque_core.settings import StoreChoice
from resque_core.work_settings import WorkSettings
from resque_core.worker_options import WorkerOptions

log = logging.getLogger("resque")


def run_workers(settings: WorkSettings) -> int:
    """Work as the settings say until there is nothing left to do, or we are told to stop.

    :raises ResqueError: a single worker could not begin (each of several tells its own log).
    """
    _log_to_stderr(settings.log_level)
    with pidfile(settings.pidfile):
        if settings.count == 1:
            return _work(settings)
        drain = _options(settings).drain
        return Supervisor(settings.count, lambda: _work_or_tell(settings), replace=not drain).run()


def _work(settings: WorkSettings) -> int:
    opener = opener_of(settings.backend, settings.url)
    choice = StoreChoice(settings.url, settings.source, opener=opener)
    resque = Resque(choice, namespace=settings.namespace, ruby=settings.ruby)
    return Worker(resque, settings.queues, **asdict(_options(settings))).work()


def _options(settings: WorkSettings) -> WorkerOptions:
    return WorkerOptions(**{field.name: getattr(settings, field.name) for field in fields(WorkerOptions)})


def _work_or_tell(settings: WorkSettings) -> int:
    try:
        return _work(settings)
    except ResqueError as error:
        log.error("%s", error)  # noqa: TRY400 - the message says what to do, a traceback would bury it
        return 1


def _log_to_stderr(level: str) -> None:
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("%(asctime)s %(process)d %(levelname)s %(message)s"))
    log.handlers = [handler]
    log.setLevel(level.upper())
    log.propagate = False
