"""`holding`: what a pool has while it runs: a lock, a place in the background, a pidfile, log files."""

import contextlib
import fcntl
import os
from collections.abc import Callable, Iterator
from pathlib import Path

from resque_core.errors import SettingsError
from resque_core.pool.settings import PoolSettings
from resque_core.process.daemon import daemon
from resque_core.process.pidfile import pidfile
from resque_core.process.pool.output import Output


@contextlib.contextmanager
def holding(settings: PoolSettings, output: Output) -> Iterator[Callable[[], None]]:
    """Hold what the settings name, for the length of the block. Call what it gives once the start is sure.

    :raises SettingsError: a file cannot be used, or another process holds the pidfile.
    """
    with _held_lock(settings.lock), _in_place(settings) as be_sure:
        _make_folder(settings.pidfile)
        with pidfile(settings.pidfile):
            output.redirect()
            yield be_sure


def _in_place(settings: PoolSettings) -> contextlib.AbstractContextManager[Callable[[], None]]:
    return daemon(settings.stderr) if settings.daemon else contextlib.nullcontext(lambda: None)


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
