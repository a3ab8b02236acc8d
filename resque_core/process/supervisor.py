"""`Supervisor`: keeps a number of workers running, each in a process of its own, and ends them together."""

import logging
import os
import selectors
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import NoReturn

from resque_core.process.huge_pages import join_pages
from resque_core.process.logs import reopen_logs
from resque_core.process.parent_death import die_with_parent
from resque_core.process.signals import ENDING, STEERING, Signals, held_back, reset_handlers, unblock_all
from resque_core.process.streams import flush_streams
from resque_core.process.title import set_title

log = logging.getLogger("resque")

#: A worker that lived for less than this many seconds did not get to work.
SHORT_LIFE = 10.0
#: The exit status of a worker that has worked enough, and is to be replaced.
RETIRED = 79
#: So many short lives in a row, and a slot is given up.
MOST_SHORT_LIVES = 5


@dataclass(slots=True)
class Slot:
    """The place of one worker: who is in it, and how its predecessors fared."""

    #: Whether it is no worker, but what runs beside them, and ends with the last of them.
    beside: bool = False
    pid: int = 0
    born: float = 0.0
    short_lives: int = 0
    #: When to fork the next one, by the monotonic clock; None when there is to be none.
    due: float | None = 0.0


class Supervisor:
    """Forks `count` workers, passes signals on to each, replaces those that die.

    A worker that ends with status 0 was told to; it is not replaced, and neither is any in a
    `burst`. It has no store open: it forks.
    """

    def __init__(
        self,
        count: int,
        run: Callable[[], int],
        *,
        replace: bool = True,
        beside: Callable[[], int] | None = None,
    ) -> None:
        self._run = run
        self._beside = beside
        self._replace = replace
        self._slots = [Slot() for _ in range(count)]
        self._slots += [Slot(beside=True)] if beside else []
        self._ending = False
        #: The worst exit code so far.
        self.worst = 0
        self._lifeline = os.pipe()
        self._signals = Signals(self._actions())

    def run(self) -> int:
        """Supervise until every worker has ended; return the worst of their exit codes."""
        set_title(f"Supervisor of {sum(not slot.beside for slot in self._slots)} workers")
        selector = selectors.DefaultSelector()
        # What is here now is every worker's.
        join_pages()
        with self._signals, selector:
            selector.register(self._signals, selectors.EVENT_READ)
            while self._fill_slots():
                selector.select(self._patience())
                self._signals.carry_out()
        return self.worst

    def _fill_slots(self) -> bool:
        """Fork what is due; False once nobody runs and nobody is to come."""
        for slot in self._slots:
            if slot.due is not None and slot.due <= time.monotonic():
                self._fork(slot)
        there = [slot for slot in self._slots if slot.pid or slot.due is not None]
        if not self._ending and all(slot.beside for slot in there):
            self._pass_on(signal.SIGTERM)
        return any(slot.pid or slot.due is not None for slot in self._slots)

    def _patience(self) -> float | None:
        due = [slot.due for slot in self._slots if slot.due is not None]
        return max(0.0, min(due) - time.monotonic()) if due else None

    def _fork(self, slot: Slot) -> None:
        parent = os.getpid()
        flush_streams()
        # A signal that comes now waits: the child must answer it as itself, and not note it for us.
        with held_back(self._signals.numbers):
            pid = os.fork()
            if pid == 0:
                self._become(parent, (self._beside if slot.beside else None) or self._run)
        slot.pid, slot.born, slot.due = pid, time.monotonic(), None

    def _become(self, parent: int, run: Callable[[], int]) -> NoReturn:
        status = 1
        try:
            # A group of its own: ctrl-c reaches a worker once, through us, and not twice.
            os.setpgid(0, 0)
            os.close(self._lifeline[1])
            self._signals.detach()
            reset_handlers(self._signals.numbers)
            unblock_all()
            die_with_parent(parent, self._lifeline[0], signal.SIGTERM)
            status = run()
        except BaseException:
            log.exception("A worker cannot go on")
        finally:
            os._exit(status)

    def _actions(self) -> dict[signal.Signals, Callable[[], None]]:
        passed_on = {number: partial(self._pass_on, number) for number in (*ENDING, *STEERING)}
        return {**passed_on, signal.SIGCHLD: self._reap}

    def _pass_on(self, number: signal.Signals) -> None:
        if number in ENDING and not (number == signal.SIGHUP and reopen_logs()):
            self._ending = True
        for slot in self._slots:
            if self._ending:
                slot.due = None
            if slot.pid:
                os.kill(slot.pid, number)

    def _reap(self) -> None:
        for slot in self._slots:
            if slot.pid and (ended := os.waitpid(slot.pid, os.WNOHANG))[0]:
                code = os.waitstatus_to_exitcode(ended[1])
                log.log(logging.WARNING if code else logging.DEBUG, "Worker %d ended: %d", slot.pid, code)
                slot.pid = 0
                self._decide(slot, code)

    def _decide(self, slot: Slot, code: int) -> None:
        if code == RETIRED and not self._ending:
            slot.due = time.monotonic()
            return
        lived = time.monotonic() - slot.born
        slot.short_lives = slot.short_lives + 1 if lived < SHORT_LIFE else 0
        if self._ending and -code in ENDING:
            # It was ended before it had come so far as to end by itself.
            return
        if code == 0 or self._ending or not (self._replace or slot.beside):
            self.worst = max(self.worst, abs(code) if code != RETIRED else 0)
        elif slot.short_lives >= MOST_SHORT_LIVES:
            log.error("Giving up on a worker that died %d times within seconds.", slot.short_lives)
            self.worst = max(self.worst, 1)
        else:
            slot.due = time.monotonic() + (2.0 ** (slot.short_lives - 1) if slot.short_lives else 0.0)
