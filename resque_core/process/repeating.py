"""`endable`: for a command that does something again and again, until a signal ends it."""

import select
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event

from resque_core.process.signals import ENDING, Signals


@contextmanager
def endable() -> Iterator[Callable[[float | None], bool]]:
    """Have TERM, INT, QUIT and HUP end nothing but the wait that this gives: whether one came within so long.

    Its argument is in seconds; None waits until one comes.
    """
    ended = Event()
    with Signals(dict.fromkeys(ENDING, ended.set)) as signals:

        def ended_within(seconds: float | None) -> bool:
            select.select([signals], [], [], seconds)
            signals.carry_out()
            return ended.is_set()

        yield ended_within
