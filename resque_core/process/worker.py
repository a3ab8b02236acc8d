"""`Worker`: the public worker. It is the keeper: it beats, reserves and settles, and runs no job itself."""

import logging
import math
import os
import selectors
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from resque_core._version import __version__
from resque_core.bundle import PATIENCE
from resque_core.client import Resque
from resque_core.default_app import default_app, set_default_app
from resque_core.display import one_line
from resque_core.errors import NoDefaultAppError, StorageError, WorkerBusyError, WorkerError
from resque_core.failpoints import watch_processes
from resque_core.failures.installed import install
from resque_core.job_records import mark_records
from resque_core.loading import load_modules, load_setup
from resque_core.pace import Pace
from resque_core.process.answers import Answers
from resque_core.process.at_exit import AtExit
from resque_core.process.fork_runner import ForkRunner
from resque_core.process.hook_running import run_first
from resque_core.process.inline_runner import InlineRunner
from resque_core.process.logs import share_with_root
from resque_core.process.memory import resident
from resque_core.process.signals import Signals
from resque_core.process.title import set_title, show_start
from resque_core.records import Idle
from resque_core.registry import registry
from resque_core.settling import InHand
from resque_core.timers import Every
from resque_core.worker import WorkLoop
from resque_core.worker_options import WorkerOptions, worker_options

log = logging.getLogger("resque")


class Worker(WorkLoop):
    """Works the jobs of some queues until it is told to stop.

    `queues` are patterns in order of priority, as text (`"critical,*"`) or a list. The keyword
    options are the fields of `WorkerOptions`. Call `work` on the main thread.

    :raises SettingsError: an option cannot be used.
    :raises NoQueueError: there is no pattern.
    """

    def __init__(self, resque: Resque, queues: str | Sequence[str], **options: Any) -> None:
        super().__init__(resque, queues, worker_options(**options))
        self._answers = Answers(self)
        self._shown: InHand | None = None
        self._signals = Signals(self._answers.actions())

    def work(self, interval: float | None = None) -> int:
        """Work until stopped, or (`burst`, or an interval of 0) until there is nothing left to do.

        Returns the exit code for the process: 0, or 1 when jobs could not be run any more.

        :raises SettingsError: what the options name to be loaded cannot be.
        :raises WorkerError: the jobs cannot be loaded for another reason, the store is this process's own
            memory, or this is not the main thread.
        :raises StorageError: the store cannot be reached at the start; later outages are waited out.
        """
        if threading.current_thread() is not threading.main_thread():
            raise WorkerError("A worker handles signals and forks: call work() on the main thread.")
        watch_processes()
        show_start()
        self.retired = False
        if interval is not None:
            self.options = replace(self.options, interval=interval)
            self._poll, self._pace = Every(interval), Pace(self.options)
        try:
            with self._signals, selectors.DefaultSelector() as self._selector:
                self._selector.register(self._signals, selectors.EVENT_READ)
                self._work_forking() if self.options.fork else self._work_inline()
            return self.exit_code
        finally:
            # The next call begins as the first did, under another id: ids are never reused.
            self._use(self.options)

    def shutdown(self) -> None:
        """Take no more jobs, let the one in hand finish, and have `work` return. Safe from any thread."""
        self.stopping.finish()
        self._signals.wake()

    def wait(self, seconds: float) -> None:
        """The one wait of this process: for a signal, the app process, the store's waker, or time to pass."""
        waker = self._idle_wait.fileno()
        if seconds > 0 and waker < 0:
            self._selector.select(seconds)
        elif seconds > 0:
            with self._also_woken_by(waker):
                self._selector.select(seconds)
        self._signals.carry_out()

    def attend(self) -> None:
        """Carry out the signals that came since the last wait."""
        self._signals.carry_out_noted()

    def idle(self, answer: Idle) -> None:
        """Show in `ps` what is waited for."""
        set_title("Paused" if answer.paused else f"Waiting for {','.join(self._served())}")
        super().idle(answer)

    def _goes_straight_on(self, held: InHand) -> bool:
        return self._steps_are_ours and super()._goes_straight_on(held)

    @property
    def _steps_are_ours(self) -> bool:
        """Who overrides one of the two steps that one call can do wants to see it, for each job."""
        own = type(self)
        return own.settle is Worker.settle and own.reserve is Worker.reserve

    def _use(self, options: WorkerOptions) -> None:
        own = type(self)
        if not (self._steps_are_ours and own.settle_and_reserve is Worker.settle_and_reserve):
            options = replace(options, bundle=1)
        super()._use(options)

    def pause(self) -> None:
        """Take no more jobs until `resume`, and show that in `ps`."""
        super().pause()
        self._show_pause()

    def settle(self) -> None:
        """Tell the store, and show in `ps` if that was the last job for now."""
        super().settle()
        self._show_pause()

    def _watch(self) -> None:
        super()._watch()
        pid = self.runner.pid
        if self.in_hand and pid and self._shown is not self.in_hand:
            # The end of this is what Ruby's watchdogs look for, to send USR1 to a worker whose job hangs.
            set_title(f"Forked {pid} at {int(time.time())}")
            self._shown = self.in_hand

    def memory(self) -> float:
        """Megabytes that the processes hold which stay when a job has ended."""
        return resident([os.getpid(), *filter(None, [self.runner.keeps])])

    @contextmanager
    def _also_woken_by(self, descriptor: int) -> Iterator[None]:
        # For each wait anew: the waker may have another descriptor by the next.
        try:
            self._selector.register(descriptor, selectors.EVENT_READ)
        except (ValueError, KeyError, OSError):
            # A job in this process closed it, and the waker will notice.
            yield
            return
        try:
            yield
        finally:
            self._selector.unregister(descriptor)

    def _show_pause(self) -> None:
        if self.stopping.paused and not self.in_hand:
            set_title("Paused")

    def _work_forking(self) -> None:
        # A process with an open store never forks (architecture §5).
        if not self.resque.url:
            raise WorkerError(
                "An open client cannot cross a fork. Give the Resque of a worker a URL instead of a client, "
                "or let the worker run jobs in this process: fork=False."
            )
        self.resque.close()
        AtExit.wanted = self.options.run_at_exit_hooks
        runner = ForkRunner(self._load, self.options.lease / 3, self._selector, self.options.shift)
        runner.launch(self._let_go_in_child)
        self.runner = runner
        try:
            while runner.jobs is None and not self.finished():
                self.wait(60.0)
                self._hear()
            if runner.jobs is not None:
                self._work_on(runner.jobs)
        finally:
            runner.close()

    def _let_go_in_child(self) -> None:
        self._selector.close()
        self._signals.detach()

    def _work_inline(self) -> None:
        self._load()
        self._refuse_what_needs_a_child()
        runner = InlineRunner(
            self._beat_beside, self.options.lease / 3, self._write_beside, self._share_beside
        )
        self.runner = runner
        try:
            self._work_on(tuple(sorted(registry.names())))
        finally:
            runner.close()

    def _refuse_what_needs_a_child(self) -> None:
        """A job that runs in the worker's own process cannot be ended in time, nor kept apart.

        :raises WorkerError: one of them is to be.
        """
        definitions = [registry.get(name) for name in sorted(registry.names())]
        timed = [it.name for it in definitions if it and it.options.timeout is not None]
        if timed or self.options.timeout is not None:
            limited = ", ".join(map(one_line, timed)) or "This worker"
            raise WorkerError(
                f"{limited} has a time limit, and a worker that does not fork (--no-fork) cannot end a job. "
                f"Let it fork, or take the timeout away."
            )
        if isolated := registry.isolated():
            raise WorkerError(
                f"{', '.join(map(one_line, isolated))} is to have a process of its own (isolate=True), and a "
                f"worker that does not fork (--no-fork) has none. Let it fork, or do not import that job."
            )

    def _work_on(self, jobs: tuple[str, ...]) -> None:
        if not self.resque.storage.shared:
            raise WorkerError(
                f"{self.resque.storage.location} lives in this process's memory: no other process could "
                f"enqueue to it. Give a file, e.g. sqlite:///resque.sqlite3."
            )
        self._greet(jobs)
        self._report(self.presence.register())
        try:
            self.loop()
        finally:
            self._part()

    def _greet(self, jobs: tuple[str, ...]) -> None:
        log.info(
            "resque %s worker %s on %s (%s), namespace %s, queues %s, jobs: %s",
            __version__,
            self.id,
            self.resque.storage.location,
            self.resque.source,
            self.resque.namespace,
            ",".join(self.queues.patterns),
            ", ".join(one_line(name) for name in jobs) or "none",
        )
        if self.options.fork and not self.runner.forks_ahead:
            log.info("A before_fork hook wants the job: no child is forked ahead of its job.")
        if not jobs:
            log.warning("No job is registered here, so every job will fail. Name its module with --require.")

    def _part(self) -> None:
        try:
            self.presence.leave(self._token)
        except (StorageError, WorkerBusyError) as error:
            log.warning("Worker %s could not unregister, a sweep will do it: %s", self.id, error)
        self._idle_wait.close()
        self.resque.close()
        self.runner.run_hooks("worker_exit")

    def _load(self) -> None:
        mark_records()
        load_modules(self.options.require)
        if self.options.setup:
            load_setup(self.options.setup)()
        install(dict.fromkeys((*self.options.failure_backend, *self.resque.failure_backend)))
        try:
            default_app()
        except NoDefaultAppError:
            # A job that enqueues another means this store, unless its own code made a Resque.
            set_default_app(self.resque)
        share_with_root()
        run_first("worker_setup")
        run_first("before_first_fork")

    def _write_beside(self, word: str) -> None:
        if self.in_hand:
            self.in_hand.word = word
            try:
                self._write_word()
            except StorageError as error:
                log.warning("How far the job is could not be written: %s", error)

    def _share_beside(self) -> float:
        """Let others have what waits behind a job that takes long. Seconds until it is to be asked again."""
        try:
            self._share()
        except StorageError as error:
            log.warning("Jobs behind one that takes long could not be put back, and will be again: %s", error)
            return PATIENCE
        return self._bundle.left() if self._bundle else math.inf

    def _beat_beside(self) -> None:
        try:
            self._beat()
        except StorageError as error:
            log.warning("A beat failed: %s", error)
