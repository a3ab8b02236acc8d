"""`Reporters`: processes that tell failure backends of one failed job each, for 5 seconds at most."""

import contextlib
import os
import signal
from collections.abc import Callable

from resque_core.failures.telling import CAP
from resque_core.process.signals import reset_handlers
from resque_core.process.streams import flush_streams

#: More at a time wait for nobody: these reports are dropped, and their failures are in the store.
MOST = 20


class Reporters:
    """The reporting processes of one app process."""

    def __init__(self) -> None:
        self._pids: set[int] = set()

    def start(self, tell: Callable[[], None], close_inherited: Callable[[], None]) -> bool:
        """Do it in a process of its own. False: there are too many, or none can be had."""
        self.collect()
        if len(self._pids) >= MOST:
            return False
        flush_streams()
        try:
            pid = os.fork()
        except OSError:
            return False
        if pid == 0:
            _tell_and_leave(tell, close_inherited)
        self._pids.add(pid)
        return True

    def collect(self) -> None:
        """Take note of those that have ended."""
        for pid in list(self._pids):
            with contextlib.suppress(ChildProcessError):
                if os.waitpid(pid, os.WNOHANG)[0] == 0:
                    continue
            self._pids.discard(pid)

    def wait(self) -> None:
        """Until all have ended, which their cap sees to."""
        for pid in self._pids:
            with contextlib.suppress(ChildProcessError):
                os.waitpid(pid, 0)
        self._pids.clear()


def _tell_and_leave(tell: Callable[[], None], close_inherited: Callable[[], None]) -> None:
    try:
        close_inherited()
        # Its default ends the process, even one that hangs in a C library.
        reset_handlers((signal.SIGALRM,))
        signal.setitimer(signal.ITIMER_REAL, CAP)
        tell()
        flush_streams()
    finally:
        os._exit(0)
