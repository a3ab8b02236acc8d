"""`Interrupts`: how a worker raises an exception in its running job, and nobody else does.

A service manager, a container or Heroku may send TERM to every process of a worker. The keeper alone answers
that. App process and children let it pass, unless their worker has written on a page that they share whom it
means, and why.
"""

import mmap
import os
import signal
import struct
import threading
from collections.abc import Callable, Mapping
from types import FrameType
from typing import Literal

from resque_core.errors import JobCancelled, JobInterrupt, JobTimeout, TermException
from resque_core.process.signals import ENDING

#: `stop`: the worker ends, and the job goes back to its queue. `kill`: this job is to end; it fails.
#: `timeout`: its time limit is over; it fails. `cancel`: it was cancelled, and is dropped. `ask`: it was
#: cancelled, and may see that; nothing is raised.
Reason = Literal["stop", "kill", "timeout", "cancel", "ask"]

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


def _cancelled(_more: str) -> JobInterrupt:
    return JobCancelled("The job was cancelled.")


#: What is raised in the job, by reason, of what else was said.
RAISED: Mapping[str, Callable[[str], JobInterrupt]] = {
    "stop": _stopped,
    "kill": _ended,
    "timeout": _too_late,
    "cancel": _cancelled,
}


class Interrupts:
    """One for an app process and all its children. `with` it, a job can be interrupted, once."""

    def __init__(self) -> None:
        self._page = mmap.mmap(-1, _NOTE.size)
        self._owner = os.getpid()
        self._open = self._adopted = self._attends_forks = False
        self._mask = threading.local()
        #: Whether the job that runs was cancelled.
        self.asked = False

    def listen(self) -> None:
        """In the app process: from now on, here and in children, an ending signal is for the keeper alone.

        Inherited, it costs a child nothing. A program that a job starts has the defaults: exec sees to that,
        and where a job only forks, we do.
        """
        for number in ENDING:
            signal.signal(number, self._hear)
        if not self._attends_forks:
            self._attends_forks = True
            os.register_at_fork(
                before=self._hold, after_in_parent=self._let_pass, after_in_child=self._give_defaults
            )

    def adopt(self) -> None:
        """In a new child: this process is meant, and not the one that forked it."""
        self._owner = os.getpid()
        self._adopted = True

    def send(self, pid: int, reason: str) -> None:
        """Interrupt the job of a child that was not collected yet."""
        self._write(pid, reason)
        os.kill(pid, signal.SIGTERM)

    def was_asked(self) -> bool:
        """Whether the job that runs was cancelled."""
        return self.asked

    def __enter__(self) -> None:
        self._open, self.asked = True, False

    def __exit__(self, *_: object) -> None:
        self._open = False

    def _hear(self, number: int, _frame: FrameType | None) -> None:
        if os.getpid() != self._owner:
            _end_by(number)
        elif number == signal.SIGTERM:
            self._raise_what_is_meant_for_us()

    def _hold(self) -> None:
        """Before a job forks: Python drops a signal that a process gets before it is done with being born."""
        if self._adopted:
            self._mask.before = signal.pthread_sigmask(signal.SIG_BLOCK, ENDING)

    def _let_pass(self) -> None:
        if self._adopted:
            signal.pthread_sigmask(signal.SIG_SETMASK, self._mask.before)

    def _give_defaults(self) -> None:
        """In a process that a job has forked: it ends by these signals, as `multiprocessing` expects."""
        if not self._adopted:
            return
        for number in ENDING:
            if signal.getsignal(number) == self._hear:
                signal.signal(number, signal.SIG_DFL)
        self._let_pass()

    def _raise_what_is_meant_for_us(self) -> None:
        pid, reason = _NOTE.unpack_from(self._page)
        if pid != self._owner:
            return
        # Not for the next job of this child, too.
        self._write(0, "")
        kind, _, more = reason.rstrip(b"\0").decode().partition(" ")
        self.asked = self.asked or kind in ("ask", "cancel")
        if kind in RAISED and self._open:
            # Once: what the job does to clean up is not interrupted again.
            self._open = False
            raise RAISED[kind](more)

    def _write(self, pid: int, reason: str) -> None:
        self._page[: _NOTE.size] = _NOTE.pack(pid, reason.encode())


def _end_by(number: int) -> None:
    """What a process expects of a signal that was forked without Python's knowing: that it ends it."""
    signal.signal(number, signal.SIG_DFL)
    os.kill(os.getpid(), number)
