"""`Pool`: the manager. It loads the application once, forks workers, and keeps their numbers right."""

import gc
import logging
import os
import selectors
import signal
import threading
from pathlib import Path
from typing import Any, NoReturn

from resque_core.client import Resque
from resque_core.clock import utc_now
from resque_core.errors import SettingsError, WorkerError
from resque_core.identity import new_pool_id
from resque_core.loading import load_modules, load_setup
from resque_core.pool.group import Group, Groups
from resque_core.pool.hooks import Moment, pool_hooks
from resque_core.pool.loaders import Source, loader_of
from resque_core.pool.plan import Plan
from resque_core.pool.settings import PoolSettings
from resque_core.pool_info import pool_text
from resque_core.process.pool.answers import ANSWERED, answer, gentle
from resque_core.process.pool.crew import Crew, wait_a_little
from resque_core.process.pool.helper import StoreHelper
from resque_core.process.pool.hot_swap import end_others
from resque_core.process.pool.liaison import describe, obey
from resque_core.process.pool.living import live_in_pool
from resque_core.process.pool.notify import Notifier
from resque_core.process.pool.orders import Orders
from resque_core.process.pool.output import Output
from resque_core.process.pool.titles import show_pool
from resque_core.process.pool.upkeep import Upkeep
from resque_core.process.signals import Signals, reset_handlers, unblock_all
from resque_core.process.streams import flush_streams
from resque_core.timers import Every

log = logging.getLogger("resque.pool")

#: Seconds between two questions to the loader.
TICK = 1.0
_TAKEN = (*ANSWERED, signal.SIGCHLD)


class Pool:
    """Keeps as many workers alive as its configuration says, until it is told to stop.

    `config` is a path, a mapping in the file's format, a loader, or None for the usual file. The
    options are the fields of `PoolSettings`. Workers work on the store of `resque`, which must name
    it by URL: nothing here opens it.

    :raises SettingsError: an option cannot be used.
    """

    def __init__(
        self,
        config: Source = None,
        *,
        resque: Resque | None = None,
        settings: PoolSettings | None = None,
        output: Output | None = None,
        **options: Any,
    ) -> None:
        self.settings = settings or PoolSettings(**{"app_name": Path.cwd().name or "resque", **options})
        self._output = output or Output()
        self.resque = Resque() if resque is None else resque
        self.plan = Plan(loader_of(config), self.settings.environment, self.settings.schedule)
        self._orders = Orders(ANSWERED)
        self._tick = Every(TICK)
        self._notifier = Notifier(os.environ)
        self._over = False
        self._stopped = self._paused = False
        #: Whether it ends with its last worker.
        self.waiting = False

    def read(self) -> None:
        """Read the configuration, so that `run` begins with it.

        :raises ResqueError: it cannot be used.
        """
        self.plan.read()

    def run(self) -> int:
        """Manage the workers until told to stop; return the process's exit code.

        :raises ResqueError: the configuration or the application cannot be used.
        """
        if threading.current_thread() is not threading.main_thread():
            raise WorkerError("A pool handles signals and forks: call run() on the main thread.")
        if not self.resque.url:
            raise WorkerError("An open client cannot cross a fork. Give the pool's Resque a URL instead.")
        self.resque.close()
        self.read()
        self.pid, self.started_at = os.getpid(), utc_now()
        self.id = new_pool_id(self.settings.app_name)
        # The backend is loaded here, for all; it connects to nothing yet.
        log.info("The store is %s, namespace %s", self.resque.location, self.resque.namespace)
        self._load()
        self._show("(initialized)")
        signals = Signals({**self._orders.actions(), signal.SIGCHLD: _nothing})
        with signals as self._signals, selectors.DefaultSelector() as self._selector:
            self._selector.register(self._signals, selectors.EVENT_READ)
            self.crew = Crew(self._become_worker, self._selector, _TAKEN)
            self._helper = StoreHelper(self.resque, self.id, self._selector, self._let_go, _TAKEN)
            self._upkeep = Upkeep(self.settings)
            self._start()
            while not self._over:
                self._pass()
            self._show("(shutting down)")
            self._helper.part()
        gc.unfreeze()
        log.info("manager finished")
        return 0

    def _load(self) -> None:
        load_modules(self.settings.worker.get("require", ()))
        if setup := self.settings.worker.get("setup"):
            load_setup(setup)()
        # What is there now is shared by all workers for as long as nobody writes to it, as a collection does.
        gc.collect()
        gc.freeze()

    def _start(self) -> None:
        self._show("(starting)")
        self._helper.start()
        self._reconcile()
        self._show("(started)")
        log.info("started manager")
        pids = self.crew.pids
        log.info("Pool contains worker PIDs: %s" if pids else "Pool is empty%s", pids or "")
        if self.settings.kill_others:
            end_others(self.settings.app_name)
        self._notifier.tell("READY=1", f"STATUS={len(pids)} workers", f"MAINPID={os.getpid()}")

    def _pass(self) -> None:
        """Bury who has ended; answer one signal, or, if there is none, wait and look after the numbers."""
        self.crew.reap()
        order = self._orders.next()
        if order is not None:
            answer(self, order)
        else:
            self._wait()
            self._look()
        self._over = self._over or (self.waiting and not len(self.crew))

    def _wait(self) -> None:
        self._show(f"managing {self.crew.pids}")
        self._selector.select(min(TICK, self._tick.left(), self.crew.left(self.wanted())))
        self._signals.carry_out()
        self.crew.listen()
        for text in self._helper.tend(lambda: pool_text(describe(self))):
            obey(self, text)

    def _look(self) -> None:
        self._notifier.keep_alive()
        self._upkeep.look(self.crew, self.plan.configured)
        if self.waiting:
            return
        if self._tick.due():
            self._tick.restart()
            self.plan.reload()
        self._reconcile()

    def wanted(self) -> Groups:
        """The groups that there are to be now."""
        return {} if self._stopped or self.waiting else self.plan.groups

    @property
    def state(self) -> str:
        """`running`, `paused` (workers take no jobs), `stopped` (it keeps none), `ending` (with the last)."""
        if self.waiting:
            return "ending"
        return "stopped" if self._stopped else "paused" if self._paused else "running"

    def _reconcile(self) -> None:
        for seat in self.crew.reconcile(self.wanted()):
            _run_hooks("after_spawn", seat.group, seat.pid, self.crew.pids)
            wait_a_little(self.settings.spawn_delay)

    def refresh(self) -> None:
        """Log files and configuration anew, then workers anew; a bad configuration changes no worker."""
        self._notifier.tell("RELOADING=1")
        try:
            self._output.redirect()
        except SettingsError as error:
            log.error("The log stays where it is: %s", error)  # noqa: TRY400 - a message for operators
        if self.plan.refresh():
            self._stopped = False
            self.restart()
        self._notifier.tell("READY=1")

    def restart(self) -> None:
        """Have each worker replaced once its job is done."""
        self.tell_all(gentle())

    def scale(self, queues: str, workers: int) -> None:
        """Have a group be of this size until `refresh`."""
        if self.plan.scale(queues, workers):
            self._reconcile()

    def pause(self) -> None:
        """Have workers take no more jobs, those too that are forked from now on."""
        self._paused = True
        self.pass_on(signal.SIGUSR2)

    def resume(self) -> None:
        """Undo a pause."""
        self._paused = False
        self.pass_on(signal.SIGCONT)

    def leave(self, order: signal.Signals, *, wait: bool) -> None:
        """Tell the workers to end, and end: with the last of them, or at once, leaving them to themselves."""
        self._notifier.tell("STOPPING=1")
        self.tell_all(order)
        self.waiting = True
        self._over = not wait

    def abandon(self) -> None:
        """Wait for nobody any more."""
        self._over = True

    def stop_workers(self) -> None:
        """Keep no workers until `refresh`: resque-pool had new ones seconds later (spec pool §5)."""
        self._stopped = True
        self._reconcile()

    def inform(self) -> None:
        """Set the numbers right, and run the `siginfo` hooks."""
        self._reconcile()
        _run_hooks("siginfo", self.plan.groups, self.crew.pids)

    def tell_all(self, order: signal.Signals) -> None:
        """Ask every worker to end, once by each signal."""
        for seat in self.crew:
            seat.tell(order)

    def pass_on(self, order: signal.Signals) -> None:
        """Send every worker a signal."""
        for seat in self.crew:
            seat.steer(order)

    def _show(self, state: str) -> None:
        show_pool(self.settings.app_name, state)

    def _let_go(self) -> None:
        """In a forked process: nothing of the manager's is its business."""
        self._selector.close()
        self._signals.detach()
        self.crew.let_go()
        self._helper.let_go()

    def _become_worker(self, group: Group, writer: int) -> NoReturn:
        status = 1
        try:
            self._let_go()
            if not self.settings.single_process_group:
                os.setpgid(0, 0)
            reset_handlers(_TAKEN)
            unblock_all()
            status = live_in_pool(self.resque, group, self.settings, writer, paused=self._paused)
        finally:
            flush_streams()
            os._exit(status)


def _run_hooks(moment: Moment, *args: object) -> None:
    """A hook that fails is no reason to leave workers alone."""
    for hook in pool_hooks(moment):
        try:
            hook(*args)
        except Exception:
            log.exception("A hook %s failed", moment)


def _nothing() -> None:
    """The death of a worker only ends the wait: the next pass buries it."""
