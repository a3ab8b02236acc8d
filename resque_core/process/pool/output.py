"""`Output`: the files that a pool's standard output and errors go to, opened anew when they were rotated."""

import os
import sys
from pathlib import Path

from resque_core.errors import SettingsError
from resque_core.process.streams import flush_streams

_STDOUT, _STDERR = 1, 2


class Output:
    """Where the standard streams go; None leaves one as it is. Workers inherit them."""

    def __init__(self, stdout: str | None = None, stderr: str | None = None, *, sync: bool = True) -> None:
        self._paths = {number: path for number, path in ((_STDOUT, stdout), (_STDERR, stderr)) if path}
        self._sync = sync

    def redirect(self) -> None:
        """Let the streams go to their files, at the end of what is there. A file that was moved is made anew.

        :raises SettingsError: one cannot be written.
        """
        flush_streams()
        for number, path in self._paths.items():
            opened = _open(path)
            os.dup2(opened, number)
            os.close(opened)
        for stream in (sys.stdout, sys.stderr):
            if hasattr(stream, "reconfigure"):
                stream.reconfigure(line_buffering=self._sync)


def _open(path: str) -> int:
    try:
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        return os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
    except OSError as error:
        raise SettingsError(f"The log file {path!a} cannot be written: {error.strerror}.") from None
