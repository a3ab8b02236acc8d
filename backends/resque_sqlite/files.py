"""Which file is behind a path, and what is left beside it when that file was replaced.

A database that is put in the place of another one finds the old one's write-ahead log there.
SQLite would take it for its own, and mix the two.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

Identity = tuple[int, int]


def identify(path: Path) -> Identity:
    """Device and inode: another file under the same name has another identity.

    :raises OSError: there is no such file.
    """
    status = path.stat()
    return status.st_dev, status.st_ino


def log_of(path: Path) -> Path:
    """The write-ahead log of the database at `path`."""
    return Path(f"{path}-wal")


def identify_log(path: Path) -> Identity | None:
    """The identity of the write-ahead log of the database at `path`; None if it has none."""
    try:
        return identify(log_of(path))
    except FileNotFoundError:
        return None


def discard_log(path: Path, log: Identity | None) -> None:
    """Remove the write-ahead log at `path`, and its index, if it is still this one, that of the old file.

    To be called while the old file is open: so no new log can have got the identity of the old one.
    """
    with _alone_in(path.parent):
        if log is not None and identify_log(path) == log:
            Path(f"{path}-shm").unlink(missing_ok=True)
            log_of(path).unlink()


@contextmanager
def _alone_in(folder: Path) -> Iterator[None]:
    # All processes notice at once. The second must not remove the log that the first has begun.
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
