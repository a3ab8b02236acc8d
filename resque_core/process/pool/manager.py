"""`Pool`: the manager. It loads the application once, forks workers, and keeps their numbers right."""

import gc
import logging
import os
import selectors
import signal
import threading
from dataclasses import replace
from typing import Any, NoReturn

from resque_core.client import Resque
from resque_core.clock import utc_now
from resque_core.errors import WorkerError
from resque_core.identity import new_pool_id
from resque_core.loading import load_modules, load_setup
from resque_core.pool.group import Group
from resque_core.pool.hooks import run_pool_hooks
from resque_core.pool.loaders import Source, loader_of
from resque_core.pool.plan import Plan
from resque_core.pool.settings import PoolSettings, pool_settings
from resque_core.pool_info import pool_text
from resque_core.process.huge_pages import join_pages
from resque_core.process.pool.answers import ANSWERED, answer
from resque_core.process.pool.crew import Crew
from resque_core.process.pool.helper import StoreHelper
from resque_core.process.pool.holding import holding
from resque_core.process.pool.hot_swap import end_others
from resque_core.process.pool.liaison import describe, obey
from resque_core.process.pool.living import live_in_pool
from resque_core.process.pool.logs import PoolLogs, set_up_pool_logs
from resque_core.process.pool.notify import Notifier
from resque_core.process.pool.orders import Orders
from resque_core.process.pool.output import Output
from resque_core.process.pool.steering import Steering
from resque_core.process.pool.titles import show_pool
from resque_core.process.pool.upkeep import Upkeep
from resque_core.process.signals import Signals, reset_handlers, unblock_all
from resque_core.process.streams import flush_streams
from resque_core.timers import Every

log = logging.getLogger("resque.pool")

#: Seconds between two questions to the loader.
TICK = 1.0
_TAKEN = (*ANSWERED, signal.SIGCHLD)


class Pool(Steering):
    """Keeps as many workers alive as its configuration says, until it is told to stop.

    `config` is a path, a mapping in the file's format, a loader, or None for the usual file. The
    options are the fields of `PoolSettings`, which may be given whole instead; what they do not say is
    said by the variables that `resque pool` reads. Workers work on the store of `resque`, which must
    name it by URL: nothing here opens it. `logs` says how to log; None leaves that to the program.

    :raises SettingsError: an option, a variable or `config` cannot be used.
    """

    def __init__(
        self,
        config: Source = None,
        *,
        resque: Resque | None = None,
        settings: PoolSettings | None = None,
        logs: PoolLogs | None = None,
        **options: Any,
    ) -> None:
        self.settings = replace(settings, **options) if settings else pool_settings(os.environ, **options)
        self._logs = logs
        self._output = Output(self.settings.stdout, self.settings.stderr, sync=self.settings.sync)
        self.resque = Resque() if resque is None else resque
        self.plan = Plan(loader_of(config), self.settings.environment, self.settings.schedule)
        self._orders = Orders(ANSWERED)
        self._tick = Every(TICK)
        self._notifier = Notifier(os.environ)
        self._has_others = self.settings.kill_others

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
        # A mistake is told where the command was typed, and not into a daemon's log.
        self.read()
        with holding(self.settings, self._output) as be_sure:
            if self._logs is not None:
                set_up_pool_logs(self.settings.app_name, self._logs)
            self._begin()
            be_sure()
            self._manage()
        return 0

    def _begin(self) -> None:
        self.pid, self.started_at = os.getpid(), utc_now()
        self.id = new_pool_id(self.settings.app_name)
        # The backend is loaded here, for all; it connects to nothing yet.
        log.info("The store is %s, namespace %s", self.resque.location, self.resque.namespace)
        self._load()
        self._show("(initialized)")

    def _manage(self) -> None:
        signals = Signals({**self._orders.actions(), signal.SIGCHLD: _nothing})
        with signals as self._signals, selectors.DefaultSelector() as self._selector:
            self._selector.register(self._signals, selectors.EVENT_READ)
            self.crew = Crew(self._become_worker, self._selector, _TAKEN, self.settings.spawn_delay)
            self._helper = StoreHelper(self.resque, self.id, self._selector, self._let_go, _TAKEN)
            self._upkeep = Upkeep(self.settings)
            self._start()
            while not self._over:
                self._pass()
            self._show("(shutting down)")
            self._helper.part()
        gc.unfreeze()
        log.info("manager finished")

    def _load(self) -> None:
        load_modules(self.settings.worker.get("require", ()))
        if setup := self.settings.worker.get("setup"):
            load_setup(setup)()
        # What is there now is shared by all workers for as long as nobody writes to it, as a collection does.
        gc.collect()
        gc.freeze()
        join_pages()

    def _start(self) -> None:
        self._show("(starting)")
        self._helper.start()
        self.reconcile()

    def _be_started(self) -> None:
        self._started = True
        self._show("(started)")
        log.info("started manager")
        pids = self.crew.pids
        log.info("Pool contains worker PIDs: %s" if pids else "Pool is empty%s", pids or "")
        self._notifier.tell("READY=1", f"STATUS={len(pids)} workers", f"MAINPID={os.getpid()}")

    def _take_over(self) -> None:
        """End the other pools once our workers can work: a release that cannot begin ends nobody."""
        if self._has_others and self.crew.arrived(self.wanted()):
            self._has_others = False
            end_others(self.settings.app_name)

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
        self._show(f"managing {self.crew.pids}" if self._started else "(starting)")
        lefts = (self._tick.left(), self.crew.left(self.wanted()), self._notifier.watchdog.left())
        self._selector.select(min(TICK, *lefts))
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
        self.reconcile()
        self._take_over()

    def reconcile(self) -> None:
        """Fork who is missing, and ask those to end who are too many."""
        for seat in self.crew.reconcile(self.wanted()):
            run_pool_hooks("after_spawn", seat.group, seat.pid, self.crew.pids)
        if not self._started and self.crew.complete(self.wanted()):
            self._be_started()

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


def _nothing() -> None:
    """The death of a worker only ends the wait: the next pass buries it."""
