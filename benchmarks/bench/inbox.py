"""`Inbox`: the reading end of what the jobs write."""

import os
import select
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.notes import GO


class Inbox:
    """A named pipe in this folder. Reading sleeps until a job has written, and so costs the jobs nothing."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "notes"
        os.mkfifo(self.path)
        # For writing too: without a writer, a pipe is always at its end.
        self._descriptor = os.open(self.path, os.O_RDWR | os.O_NONBLOCK)
        self._unread = b""

    def read(self, seconds: float) -> float | None:
        """The next number that a job wrote, or None when none came for so long."""
        if b"\n" not in self._unread and select.select([self._descriptor], [], [], seconds)[0]:
            self._unread += os.read(self._descriptor, 4096)
        line, end, rest = self._unread.partition(b"\n")
        if not end:
            return None
        self._unread = rest
        return float(line)

    @contextmanager
    def open(self) -> Iterator[None]:
        """Let the jobs go on that wait for others, from now on until the end."""
        gate = Path(f"{self.path}{GO}")
        gate.touch()
        try:
            yield
        finally:
            gate.unlink()

    def close(self) -> None:
        """Let the pipe go; the folder is somebody else's."""
        os.close(self._descriptor)
