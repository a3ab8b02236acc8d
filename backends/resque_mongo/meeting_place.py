"""`MeetingPlace`: where the workers of one user, on one machine and one store, find each other.

It is a Unix socket in a folder that is the user's alone. Who holds the lock beside it may open it; the kernel
takes the lock back from who dies.
"""

import fcntl
import os
import socket
import stat
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from tempfile import gettempdir

from resque_core.errors import StorageError

#: What is said there, in its present form: workers of versions that say it otherwise meet elsewhere.
_FORM = "mongo1"
_BACKLOG = 512


class MeetingPlace:
    """The one for a store and a namespace."""

    def __init__(self, location: str, namespace: str) -> None:
        self.location = location
        name = sha256(f"{location}\0{namespace}".encode("utf-8", "surrogatepass")).hexdigest()[:16]
        self._folder = _folder()
        self._socket = self._folder / f"{_FORM}-{name}.socket"
        self._lock_file = self._folder / f"{_FORM}-{name}.lock"
        self._lock = -1

    def visit(self) -> socket.socket | None:
        """A connection to who opened it; None: nobody has.

        :raises OSError: they are there, and do not answer.
        """
        visitor = socket.socket(socket.AF_UNIX)
        try:
            # Where too many stand in line, it would wait.
            visitor.setblocking(False)
            visitor.connect(str(self._socket))
        except (FileNotFoundError, ConnectionRefusedError):
            visitor.close()
            return None
        except OSError:
            visitor.close()
            raise
        return visitor

    def open(self) -> socket.socket | None:
        """Open it; None: another one has, or is about to.

        :raises OSError: nobody can, here.
        :raises StorageError: the folder is not ours alone.
        """
        self._prepare()
        if not self._take_lock():
            return None
        try:
            self._socket.unlink(missing_ok=True)
            listener = socket.socket(socket.AF_UNIX)
            listener.bind(str(self._socket))
            listener.listen(_BACKLOG)
            listener.setblocking(False)
        except OSError:
            self.close()
            raise
        return listener

    def close(self) -> None:
        """Leave nothing behind. The socket goes first: who finds the lock free may open anew at once."""
        if self._lock >= 0:
            for path in (self._socket, self._lock_file):
                with suppress(OSError):
                    path.unlink()
            self.forget()

    def forget(self) -> None:
        """Let go of the lock, in a process that has it by a fork: it stays its parent's."""
        if self._lock >= 0:
            os.close(self._lock)
            self._lock = -1

    def _prepare(self) -> None:
        with suppress(FileExistsError):
            self._folder.mkdir(0o700)
        found = self._folder.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid() or found.st_mode & 0o077:
            raise StorageError(
                f"{self._folder}, where idle workers of one user meet, is not a folder of this user's alone. "
                f"Remove it, or set XDG_RUNTIME_DIR to one that is."
            )

    def _take_lock(self) -> bool:
        lock = os.open(self._lock_file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            # Who closed the place has removed the file: a lock on that one keeps nobody out.
            held = os.path.samestat(os.fstat(lock), self._lock_file.stat())
        except OSError:
            held = False
        if held:
            self._lock = lock
        else:
            os.close(lock)
        return held


def _folder() -> Path:
    runtime = os.environ.get("XDG_RUNTIME_DIR", "")
    if runtime and os.access(runtime, os.W_OK | os.X_OK):
        return Path(runtime) / "resque"
    return Path(gettempdir()) / f"resque-{os.geteuid()}"
