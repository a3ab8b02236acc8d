"""`Member`: a worker in a pool: it shows its manager that it lives, and leaves when that is gone."""

import contextlib
import logging
import os
import time
from dataclasses import fields

from resque_core.client import Resque
from resque_core.display import one_line
from resque_core.errors import ResqueError
from resque_core.pool.hooks import pool_hooks
from resque_core.process.pool.seat import PULSE, REGISTERED
from resque_core.process.worker import Worker
from resque_core.worker_options import WorkerOptions

log = logging.getLogger("resque.pool")

#: Seconds between two looks at the manager, at most.
LOOK = 1.0


def work_in_pool(resque: Resque, queues: str, options: WorkerOptions, pulses: int, *, paused: bool) -> int:
    """Be a worker of a pool in this process until it is told to stop; the exit code."""
    try:
        worker = Member(resque, queues, options, pulses, paused=paused)
        log.info("Starting worker %s", one_line(worker.id))
        for hook in pool_hooks("after_prefork"):
            hook(worker)
        return worker.work()
    except ResqueError as error:
        log.error("%s", error)  # noqa: TRY400 - the message says what to do
    except BaseException:
        log.exception("A worker cannot go on")
    return 1


class Member(Worker):
    """A `Worker` whose manager watches it through a pipe. Without a manager it finishes its job and ends."""

    def __init__(
        self, resque: Resque, queues: str, options: WorkerOptions, pulses: int, *, paused: bool = False
    ) -> None:
        super().__init__(
            resque, queues, **{name.name: getattr(options, name.name) for name in fields(options)}
        )
        self._pulses = pulses
        if paused:
            self.stopping.pause()
        self._manager = os.getppid()
        self._shown_at = 0.0

    def wait(self, seconds: float) -> None:
        """As a worker waits, but never for longer than a look at the manager takes."""
        super().wait(min(seconds, LOOK))
        self._show(PULSE)

    def loop(self) -> None:
        """By now the worker is in the store's register."""
        self._shown_at = 0.0
        self._show(REGISTERED)
        self._show_pause()
        super().loop()

    def _let_go_in_child(self) -> None:
        super()._let_go_in_child()
        os.close(self._pulses)

    def _show(self, what: bytes) -> None:
        now = time.monotonic()
        if now - self._shown_at < LOOK:
            return
        self._shown_at = now
        with contextlib.suppress(BlockingIOError, BrokenPipeError):
            os.write(self._pulses, what)
        if os.getppid() != self._manager and not self.stopping.ending:
            log.warning("The pool's manager %d is gone: this worker ends after its job.", self._manager)
            self.stopping.finish()
