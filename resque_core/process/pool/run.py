"""`run_pool`: what `resque pool` does, from checked settings to an exit code."""

import contextlib
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path

from resque_core.client import Resque
from resque_core.errors import SettingsError
from resque_core.pool.settings import PoolSettings
from resque_core.process.daemon import become_daemon
from resque_core.process.pidfile import pidfile
from resque_core.process.pool.logs import PoolLogs, set_up_pool_logs
from resque_core.process.pool.manager import Pool
from resque_core.process.pool.output import Output


def run_pool(settings: PoolSettings, config: str | None, resque: Resque, logs: PoolLogs) -> int:
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
            set_up_pool_logs(settings.app_name, logs)
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
