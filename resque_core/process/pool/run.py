"""`run_pool`: what `resque pool` does, from checked settings to an exit code."""

import contextlib
import fcntl
import logging
import os
import sys
from collections.abc import Iterator
from pathlib import Path

from resque_core.client import Resque
from resque_core.errors import SettingsError
from resque_core.pool.settings import PoolSettings
from resque_core.process.daemon import become_daemon
from resque_core.process.pidfile import pidfile
from resque_core.process.pool.manager import Pool
from resque_core.process.pool.output import Output


def run_pool(settings: PoolSettings, config: str | None, resque: Resque, log_level: str = "info") -> int:
    """Manage a pool as the settings say until told to stop; return the exit code.

    :raises ResqueError: the settings, the configuration or the application cannot be used.
    """
    output = Output(settings.stdout, settings.stderr, sync=settings.sync)
    pool = Pool(config, resque=resque, settings=settings, output=output)
    # A mistake is told where the command was typed, and not into a daemon's log.
    pool.read()
    with _held_lock(settings.lock):
        if settings.daemon:
            _make_folder(settings.pidfile)
            become_daemon()
        with pidfile(settings.pidfile):
            output.redirect()
            _log(settings.app_name, log_level)
            return pool.run()


@contextlib.contextmanager
def _held_lock(path: str | None) -> Iterator[None]:
    """Share the lock with the pools before and after us: `flock -x` on it waits until all are gone.

    Workers inherit it, so that it is held until the last of them has finished its job.
    """
    if path is None:
        yield
        return
    _make_folder(path)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT, 0o644)
    except OSError as error:
        raise SettingsError(f"The lock {path!a} cannot be opened: {error.strerror}.") from None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH)
        yield
    finally:
        os.close(descriptor)


def _make_folder(path: str | None) -> None:
    if path is not None:
        with contextlib.suppress(OSError):
            Path(path).parent.mkdir(parents=True, exist_ok=True)


class _Line(logging.Formatter):
    """Lines as resque-pool's: who speaks for which application, and from which process (spec pool §7)."""

    def __init__(self, app_name: str) -> None:
        super().__init__()
        self._app_name = app_name
        self._manager = os.getpid()

    def format(self, record: logging.LogRecord) -> str:
        """`resque-pool-manager[shop][123]: started manager`."""
        who = "manager" if record.process == self._manager else "worker"
        return f"resque-pool-{who}[{self._app_name}][{record.process}]: {super().format(record)}"


def _log(app_name: str, level: str) -> None:
    """What the pool does goes to standard output, what its workers do to standard error."""
    for name, stream in (("resque", sys.stderr), ("resque.pool", sys.stdout)):
        handler = logging.StreamHandler(stream)
        handler.setFormatter(_Line(app_name))
        log = logging.getLogger(name)
        log.handlers = [handler]
        log.setLevel(level.upper())
        log.propagate = False
