"""How a process ended, in words: Ruby's for signals, our own for the rest."""

import errno
import os
import signal
from collections.abc import Callable

#: Stands for a status that somebody else has collected.
UNKNOWN = -1

_open: Callable[[int], int] | None = getattr(os, "pidfd_open", None)


def ending_message(who: str, pid: int, status: int) -> str:
    """`Child process received unhandled signal pid 12 SIGKILL (signal 9)`, from a status of waitpid."""
    if status == UNKNOWN:
        return f"{who} {pid} ended, and code of the application took its exit status"
    if os.WIFSIGNALED(status):
        return f"{who} received unhandled signal pid {pid} {_signal_name(os.WTERMSIG(status))}"
    code = os.waitstatus_to_exitcode(status)
    return f"{who} {pid} exited with status {code} before it said what became of the job"


def _signal_name(number: int) -> str:
    try:
        return f"{signal.Signals(number).name} (signal {number})"
    except ValueError:
        # Real-time signals between the first and the last have no name.
        return f"signal {number}"


def collect(pid: int) -> int:
    """Wait for the end of our child `pid` and return its status, or UNKNOWN if somebody else collected it."""
    try:
        return os.waitpid(pid, 0)[1]
    except ChildProcessError:
        return UNKNOWN


def has_ended(pid: int) -> bool:
    """Whether our child `pid` has ended; it stays to be collected, so that its number stays ours."""
    try:
        return os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None
    except ChildProcessError:
        return True


def open_ending(pid: int) -> int | None:
    """A descriptor that is readable once our child `pid` has ended; None where there is no such thing.

    :raises OSError: there is, but this process may not open another descriptor.
    """
    if _open is None:
        return None
    try:
        return _open(pid)
    except OSError as error:
        if error.errno in (errno.EMFILE, errno.ENFILE, errno.ENOMEM):
            raise
        # An old kernel, or one that was told to refuse: SIGCHLD has to do.
        return None


def tells_endings() -> bool:
    """Whether `open_ending` works here."""
    descriptor = open_ending(os.getpid())
    if descriptor is None:
        return False
    os.close(descriptor)
    return True


def kill_group(leader: int) -> None:
    """SIGKILL to the process group of a child of ours that was not collected yet."""
    for kill in (os.killpg, os.kill):
        # The second for one that has not come to lead its group yet.
        try:
            kill(leader, signal.SIGKILL)
        except ProcessLookupError:
            continue
        return
