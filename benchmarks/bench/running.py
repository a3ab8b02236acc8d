"""`running`: a worker that runs for the length of a measure, and is then ended by its pid."""

import signal
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from servers.guard import die_with_the_guard

from bench.forks import environment
from bench.inbox import Inbox
from bench.notes import VARIABLE

#: Seconds that a worker gets to end.
GRACE = 20.0
STOPS = {signal.SIGINT, signal.SIGTERM}


class StuckError(Exception):
    """A worker ended too early, or said nothing for too long."""


@dataclass(frozen=True)
class Running:
    """A worker and what its jobs write."""

    process: subprocess.Popen[bytes]
    inbox: Inbox

    def next_note(self, patience: float) -> float:
        """The next number that a job of this worker writes.

        :raises StuckError: none comes within `patience` seconds, or the worker has ended without.
        """
        limit = time.monotonic() + patience
        while time.monotonic() < limit:
            ended = self.process.poll()
            number = self.inbox.read(0.5)
            if number is not None:
                return number
            if ended is not None:
                raise StuckError(f"A worker ended with {ended} too early: {self.process.args!r}")
        raise StuckError(f"A worker said nothing for {patience:.0f} s: {self.process.args!r}")

    def end(self) -> None:
        """Ask it to finish, as ctrl-c does with all three libraries; kill it if it does not."""
        self.process.send_signal(signal.SIGINT)
        try:
            self.process.wait(GRACE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


@contextmanager
def running(command: Sequence[str], env: Mapping[str, str], inbox: Inbox) -> Iterator[Running]:
    """Start a worker, and end it. On Linux the kernel ends it should this process be killed."""
    env = environment(**env, **{VARIABLE: str(inbox.path)})
    worker = None
    try:
        with _undisturbed():
            process = subprocess.Popen(command, env=env, stdin=subprocess.DEVNULL, preexec_fn=_begin)
            worker = Running(process, inbox)
        yield worker
    finally:
        if worker is not None:
            worker.end()


@contextmanager
def _undisturbed() -> Iterator[None]:
    # A KeyboardInterrupt amid a fork is swallowed by the callbacks of os.register_at_fork.
    before = signal.pthread_sigmask(signal.SIG_BLOCK, STOPS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _begin() -> None:
    # In the new process. A shell in the background has SIGINT ignored, and hands that on.
    die_with_the_guard()
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, STOPS)
