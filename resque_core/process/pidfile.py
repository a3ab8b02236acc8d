"""`pidfile`: a file that says which process works here, owned by that process alone."""

import contextlib
import fcntl
import os
import stat
from collections.abc import Iterator

from resque_core.errors import SettingsError


@contextlib.contextmanager
def pidfile(path: str | None) -> Iterator[None]:
    """Hold `path`, with our pid in it, for as long as we run; it goes when we do. None does nothing.

    A lock, and not the pid that a file happens to hold, tells whether another process is alive: a
    stale file is taken over, a symbolic link is refused (B17).

    :raises SettingsError: another process holds it, or it cannot be written.
    """
    if path is None:
        yield
        return
    descriptor = _open(path)
    while not _is_at(path, descriptor):
        # Its holder removed it between our opening and our locking it: what we hold has no name any more.
        os.close(descriptor)
        descriptor = _open(path)
    try:
        os.ftruncate(descriptor, 0)
        os.write(descriptor, f"{os.getpid()}".encode())
        yield
    finally:
        _remove(path, descriptor)
        os.close(descriptor)


def _open(path: str) -> int:
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK, 0o644)
    except OSError as error:
        raise SettingsError(f"The pidfile {path!a} cannot be written: {error.strerror}.") from error
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise SettingsError(f"The pidfile {path!a} is not a regular file. Name another.")
    try:
        # Not flock: its lock would live on in whatever a job leaves running.
        fcntl.lockf(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        holder = os.read(descriptor, 20).decode(errors="replace").strip()
        os.close(descriptor)
        raise SettingsError(
            f"The pidfile {path!a} is held by a running process ({holder or 'unknown pid'}). "
            f"Stop that one first, or name another file."
        ) from None
    return descriptor


def _remove(path: str, descriptor: int) -> None:
    if _is_at(path, descriptor):
        with contextlib.suppress(OSError):
            os.unlink(path)  # noqa: PTH108 - beside lstat of the same text


def _is_at(path: str, descriptor: int) -> bool:
    try:
        return os.path.samestat(os.lstat(path), os.fstat(descriptor))
    except OSError:
        return False
