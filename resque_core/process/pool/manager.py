"""`Pool`: the manager. It loads the application once, forks workers, and keeps their numbers right."""

import logging
import os
import selectors
import signal
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NoReturn

from resque_core.client import Resque
from resque_core.display import one_line
from resque_core.errors import ResqueError, WorkerError
from resque_core.loading import load_modules, load_setup
from resque_core.pool.group import Group, Groups
from resque_core.pool.hooks import run_pool_hooks
from resque_core.pool.loaders import CodeLoader, FileLoader, Loader
from resque_core.pool.settings import PoolSettings
from resque_core.process.pool.answers import ANSWERED, answer, gentle
from resque_core.process.pool.crew import Crew, wait_a_little
from resque_core.process.pool.hot_swap import end_others
from resque_core.process.pool.member import Member
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


class Pool:
    """Keeps as many workers alive as its configuration says, until it is told to stop.

    `config` is a path, a mapping in the file's format, a loader, or None for the usual file. The
    options are the fields of `PoolSettings`. Workers work on the store of `resque`, which must name
    it by URL: nothing here opens it.

    :raises SettingsError: an option cannot be used.
    """

    def __init__(
        self,
        config: str | Path | Mapping[str, Any] | Loader | None = None,
        *,
        resque: Resque | None = None,
        settings: PoolSettings | None = None,
        output: Output | None = None,
        **options: Any,
    ) -> None:
        self.settings = settings or PoolSettings(**{"app_name": Path.cwd().name or "resque", **options})
        self._output = output or Output()
        self.resque = Resque() if resque is None else resque
        self._loader = _loader(config)
        self._groups: Groups = {}
        self._orders = Orders(ANSWERED)
        self._tick = Every(TICK)
        self._notifier = Notifier(os.environ)
        self._stopped = self._over = False
        #: Whether it ends with its last worker.
        self.waiting = False
        self._complaint = ""

    def read(self) -> None:
        """Read the configuration, so that `run` begins with it.

        :raises ResqueError: it cannot be used.
        """
        self._groups = self._loader(self.settings.environment)

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
        self._load()
        self._show("(initialized)")
        signals = Signals({**self._orders.actions(), signal.SIGCHLD: _nothing})
        with signals as self._signals, selectors.DefaultSelector() as self._selector:
            self._selector.register(self._signals, selectors.EVENT_READ)
            self._crew = Crew(self._become_worker, self._selector, (*ANSWERED, signal.SIGCHLD))
            self._upkeep = Upkeep(self.settings)
            self._start()
            while not self._over:
                self._pass()
        self._show("(shutting down)")
        log.info("manager finished")
        return 0

    def _load(self) -> None:
        load_modules(self.settings.worker.get("require", ()))
        if setup := self.settings.worker.get("setup"):
            load_setup(setup)()

    def _start(self) -> None:
        self._show("(starting)")
        self._reconcile()
        self._show("(started)")
        log.info("started manager")
        pids = self._crew.pids
        log.info("Pool contains worker PIDs: %s" if pids else "Pool is empty%s", pids or "")
        if self.settings.kill_others:
            end_others(self.settings.app_name)
        self._notifier.tell("READY=1", f"STATUS={len(pids)} workers", f"MAINPID={os.getpid()}")

    def _pass(self) -> None:
        """Bury who has ended; answer one signal, or, if there is none, wait and look after the numbers."""
        self._crew.reap()
        order = self._orders.next()
        if order is not None:
            answer(self, order)
        else:
            self._wait()
            self._look()
        self._over = self._over or (self.waiting and not len(self._crew))

    def _wait(self) -> None:
        self._show(f"managing {self._crew.pids}")
        self._selector.select(min(TICK, self._tick.left(), self._crew.left(self._wanted())))
        self._signals.carry_out()
        self._crew.listen()

    def _look(self) -> None:
        self._notifier.keep_alive()
        self._upkeep.look(self._crew, self._groups)
        if self.waiting:
            return
        if self._tick.due():
            self._tick.restart()
            self._reload()
        self._reconcile()

    def _reload(self) -> None:
        """Ask the loader; while it cannot say, the groups stay (ruling 19); the reason is logged once."""
        try:
            self._groups = self._loader(self.settings.environment)
        except Exception as error:
            said = f"{type(error).__name__}: {error}" if not isinstance(error, ResqueError) else str(error)
            if said != self._complaint:
                log.error("The pool stays as it is: %s", said)  # noqa: TRY400 - a message for operators
            self._complaint = said
        else:
            self._complaint = ""

    def _wanted(self) -> Groups:
        if self._stopped or self.waiting:
            return {}
        return self._groups

    def _reconcile(self) -> None:
        wanted = self._wanted()
        for name in self._crew.groups(wanted):
            group = wanted.get(name) or Group(name, 0)
            seats = self._crew.of(name)
            for seat in seats[: max(0, len(seats) - group.workers)]:
                seat.tell(signal.SIGQUIT)
            for _ in range(group.workers - len(seats)):
                self._fork(group)

    def _fork(self, group: Group) -> None:
        if self._crew.backoff(group.queues).left():
            return
        seat = self._crew.fork(group)
        if seat is not None:
            run_pool_hooks("after_spawn", group.queues, seat.pid, self._crew.pids)
            wait_a_little(self.settings.spawn_delay)

    def refresh(self) -> None:
        """Log files and configuration anew, then workers anew; a bad configuration changes no worker."""
        self._notifier.tell("RELOADING=1")
        self._output.redirect()
        self._loader.reset()
        self._complaint = ""
        self._reload()
        if not self._complaint:
            self._stopped = False
            self.tell_all(gentle())
        self._notifier.tell("READY=1")

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
        run_pool_hooks("siginfo", self._groups, self._crew.pids)

    def tell_all(self, order: signal.Signals) -> None:
        """Ask every worker to end, once by each signal."""
        for seat in self._crew:
            seat.tell(order)

    def pass_on(self, order: signal.Signals) -> None:
        """Send every worker a signal."""
        for seat in self._crew:
            seat.send(order)

    def _show(self, state: str) -> None:
        show_pool(self.settings.app_name, state)

    def _become_worker(self, group: Group, writer: int) -> NoReturn:
        status = 1
        try:
            if not self.settings.single_process_group:
                os.setpgid(0, 0)
            self._signals.detach()
            reset_handlers((*ANSWERED, signal.SIGCHLD))
            unblock_all()
            worker = Member(self.resque, group.queues, self.settings.options(group.options), writer)
            log.info("Starting worker %s", one_line(worker.id))
            run_pool_hooks("after_prefork", worker)
            status = worker.work()
        except ResqueError as error:
            log.error("%s", error)  # noqa: TRY400 - the message says what to do
        except BaseException:
            log.exception("A worker cannot go on")
        finally:
            flush_streams()
            os._exit(status)


def _loader(config: str | Path | Mapping[str, Any] | Loader | None) -> FileLoader | CodeLoader:
    if config is None or isinstance(config, str | Path):
        return FileLoader(None if config is None else str(config))
    return CodeLoader(config)


def _nothing() -> None:
    """The death of a worker only ends the wait: the next pass buries it."""
