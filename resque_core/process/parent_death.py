"""`die_with_parent`: a process that must not outlive the one that forked it."""

import ctypes
import functools
import os
import signal
import sys
import threading
from collections.abc import Callable

_PR_SET_PDEATHSIG = 1


def _load_prctl() -> Callable[[int, int], int] | None:
    if not sys.platform.startswith("linux"):
        return None
    # It neither lets go of the interpreter's lock nor keeps errno: less for a child to copy.
    prctl: Callable[[int, int], int] = ctypes.PyDLL(None).prctl
    return prctl


#: Loaded once, before any fork: a child should not need to load a library to be safe.
_prctl = _load_prctl()


def die_with_parent(parent: int, held: int, sig: int = signal.SIGKILL) -> None:
    """Be sent `sig` when the process `parent`, noted before the fork, dies.

    Linux does it (PR_SET_PDEATHSIG: for the death of the *thread* that forked, which is why all our
    forks happen on the main thread). Elsewhere a thread waits for the end of `held`, a descriptor
    whose other end only the parent has.
    """
    if _prctl is not None:
        _prctl(_PR_SET_PDEATHSIG, sig)
    else:
        _watch_once(os.getpid(), held, sig)
    if os.getppid() != parent:
        # It died before we asked to be told.
        os.kill(os.getpid(), sig)


def outlive_parent() -> None:
    """Take back `die_with_parent`, for a process that notices the end of its parent by itself."""
    if _prctl is not None:
        _prctl(_PR_SET_PDEATHSIG, 0)


@functools.cache
def _watch_once(_pid: int, held: int, sig: int) -> None:
    # As with the kernel, asking again changes nothing.
    watch_held_end(held, sig)


def watch_held_end(held: int, sig: int) -> None:
    """Send ourselves `sig` once the other end of `held` is closed."""
    threading.Thread(target=_wait_for_end, args=(held, sig), daemon=True).start()


def _wait_for_end(held: int, sig: int) -> None:
    while os.read(held, 1):
        pass
    os.kill(os.getpid(), sig)
