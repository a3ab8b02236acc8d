"""`fork_apart`: a process that is nobody's child: whoever counts or waits for children does not meet it."""

import os
import signal
from collections.abc import Callable, Iterable

from resque_core.process.signals import held_back, reset_handlers, unblock_all
from resque_core.process.streams import flush_streams


def fork_apart(run: Callable[[], None], taken: Iterable[signal.Signals]) -> None:
    """Run this in a process of its own, which leaves when it returns. It heeds none of the `taken` signals.

    :raises OSError: the machine refuses a process.
    """
    taken = tuple(taken)
    flush_streams()
    with held_back(taken):
        pid = os.fork()
        if pid == 0:
            _fork_again(run, taken)
    os.waitpid(pid, 0)


def _fork_again(run: Callable[[], None], taken: Iterable[signal.Signals]) -> None:
    try:
        if os.fork() == 0:
            # What a terminal or a supervisor sends to the whole group is meant for others.
            os.setpgid(0, 0)
            reset_handlers(taken)
            for number in taken:
                signal.signal(number, signal.SIG_IGN)
            unblock_all()
            run()
    finally:
        os._exit(0)
