"""`Interrupts`: how a worker raises an exception in its running job, and nobody else does.

A service manager, a container or Heroku may send TERM to every process of a worker. The keeper alone answers
that. App process and children let it pass, unless their worker has written on a page that they share whom it
means, and why.
"""

import mmap
import os
import signal
import struct
from collections.abc import Callable, Mapping
from types import FrameType
from typing import Literal

from resque_core.errors import JobInterrupt, JobTimeout, TermException
from resque_core.process.signals import ENDING

#: `stop`: the worker ends, and the job goes back to its queue. `kill`: this job is to end; it fails.
#: `timeout`: its time limit is over; it fails.
Reason = Literal["stop", "kill", "timeout"]

#: A pid, and a reason.
_NOTE = struct.Struct("@i32s")


def _stopped(_limit: str) -> JobInterrupt:
    error = TermException("SIGTERM")
    error.hands_back = True
    return error


def _ended(_limit: str) -> JobInterrupt:
    return TermException("SIGTERM")


def _too_late(limit: str) -> JobInterrupt:
    return JobTimeout(f"It ran for longer than its time limit of {limit} s")


#: What is raised in the job, by reason, of what else was said.
RAISED: Mapping[str, Callable[[str], JobInterrupt]] = {
    "stop": _stopped,
    "kill": _ended,
    "timeout": _too_late,
}


class Interrupts:
    """One for an app process and all its children. `with` it, a job can be interrupted, once."""

    def __init__(self) -> None:
        self._page = mmap.mmap(-1, _NOTE.size)
        self._owner = os.getpid()
        self._open = False

    def listen(self) -> None:
        """In the app process: from now on, here and in children, an ending signal is for the keeper alone.

        Inherited, it costs a child nothing. A program that a job starts has the defaults: exec sees to that.
        """
        for number in ENDING:
            signal.signal(number, self._hear)

    def adopt(self) -> None:
        """In a new child: this process is meant, and not the one that forked it."""
        self._owner = os.getpid()

    def send(self, pid: int, reason: str) -> None:
        """Interrupt the job of a child that was not collected yet."""
        self._write(pid, reason)
        os.kill(pid, signal.SIGTERM)

    def __enter__(self) -> None:
        self._open = True

    def __exit__(self, *_: object) -> None:
        self._open = False

    def _hear(self, number: int, _frame: FrameType | None) -> None:
        if os.getpid() != self._owner:
            _end_by(number)
        elif number == signal.SIGTERM:
            self._raise_what_is_meant_for_us()

    def _raise_what_is_meant_for_us(self) -> None:
        pid, reason = _NOTE.unpack_from(self._page)
        if pid != self._owner:
            return
        # Not for the next job of this child, too.
        self._write(0, "")
        if self._open:
            # Once: what the job does to clean up is not interrupted again.
            self._open = False
            kind, _, more = reason.rstrip(b"\0").decode().partition(" ")
            raise RAISED[kind](more)

    def _write(self, pid: int, reason: str) -> None:
        self._page[: _NOTE.size] = _NOTE.pack(pid, reason.encode())


def _end_by(number: int) -> None:
    """What a process that a job forked expects of a signal: that it ends it, as `multiprocessing` does."""
    signal.signal(number, signal.SIG_DFL)
    os.kill(os.getpid(), number)
