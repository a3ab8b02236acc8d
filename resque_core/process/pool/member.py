"""`Member`: a worker in a pool: it shows its manager that it lives, and leaves when that is gone."""

import logging
from dataclasses import fields

from resque_core.client import Resque
from resque_core.display import one_line
from resque_core.pool.hooks import pool_hooks
from resque_core.process.pool.seat import PULSE, REGISTERED
from resque_core.process.pool.tie import LOOK, Tie
from resque_core.process.worker import Worker
from resque_core.worker_options import WorkerOptions

log = logging.getLogger("resque.pool")


def work_in_pool(resque: Resque, queues: str, options: WorkerOptions, tie: Tie, *, paused: bool) -> int:
    """Be a worker of a pool in this process until it is told to stop; the exit code.

    :raises ResqueError: it cannot work.
    """
    worker = Member(resque, queues, options, tie)
    if paused:
        worker.stopping.pause()
    log.info("Starting worker %s", one_line(worker.id))
    for hook in pool_hooks("after_prefork"):
        hook(worker)
    return worker.work()


class Member(Worker):
    """A `Worker` whose manager watches it through a tie. Without a manager it finishes its job and ends."""

    def __init__(self, resque: Resque, queues: str, options: WorkerOptions, tie: Tie) -> None:
        super().__init__(
            resque, queues, **{name.name: getattr(options, name.name) for name in fields(options)}
        )
        self._tie = tie

    def wait(self, seconds: float) -> None:
        """As a worker waits, but never for longer than a look at the manager takes."""
        super().wait(min(seconds, LOOK))
        self._show(PULSE)

    def loop(self) -> None:
        """By now the worker is in the store's register."""
        self._show(REGISTERED, at_once=True)
        self._show_pause()
        super().loop()

    def _let_go_in_child(self) -> None:
        super()._let_go_in_child()
        self._tie.close()

    def _show(self, what: bytes, *, at_once: bool = False) -> None:
        if not self._tie.show(what, at_once=at_once) and not self.stopping.ending:
            self.stopping.finish()
