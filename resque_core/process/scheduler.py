"""`SchedulerProcess`: the process that carries out recurring entries, and promotes delayed jobs meanwhile."""

import logging
import selectors
import signal
from collections.abc import Callable
from dataclasses import dataclass

from resque_core._version import __version__
from resque_core.client import Resque
from resque_core.clock import to_iso
from resque_core.default_app import default_app, set_default_app
from resque_core.display import one_line
from resque_core.errors import NoDefaultAppError, SettingsError, StorageError
from resque_core.outage import Outage
from resque_core.process.logs import reopen_logs
from resque_core.process.signals import Signals
from resque_core.process.title import set_title
from resque_core.promoter import Promoter
from resque_core.reconciling import reconcile, wanted_entries
from resque_core.sampling import DepthSampler
from resque_core.scheduler import Scheduler
from resque_core.worker_options import WorkerOptions

log = logging.getLogger("resque")


@dataclass(frozen=True, slots=True, kw_only=True)
class SchedulerOptions:
    """How a scheduler works."""

    #: A YAML file of entries; None: those from code and those that were set through the API.
    schedule: str | None = None
    #: Entries for other environments are left alone.
    environment: str = "development"
    #: Seconds between looks for entries that are new.
    interval: float = 5.0


class SchedulerProcess:
    """Carries out ticks until it is told to stop. Any number may run; none leads.

    Hooks of jobs run in this process, with the store open: it does not fork. The jobs must be
    loaded. Call `run` on the main thread.
    """

    def __init__(self, resque: Resque, options: SchedulerOptions) -> None:
        self._resque = resque
        self._options = options
        self._scheduler = Scheduler(resque, options.environment, options.interval)
        self._promoter = Promoter(resque, WorkerOptions(sweep=max(1.0, options.interval)))
        self._sampler = DepthSampler()
        self._outage = Outage()
        self._ending = self._paused = False
        self._signals = Signals(self._actions())

    def run(self) -> int:
        """Schedule until told to stop; the exit code.

        :raises SettingsError: the schedule file cannot be used at the start.
        :raises StorageError: the store cannot be reached at the start; later outages are waited out.
        """
        with self._signals, selectors.DefaultSelector() as selector:
            selector.register(self._signals, selectors.EVENT_READ)
            self._selector = selector
            self.begin()
            while not self._ending:
                self._serve()
                self.wait(self._patience())
            self._resque.close()
            log.info("The scheduler ends.")
        return 0

    def begin(self) -> None:
        """Store the entries that are new."""
        _use_as_default(self._resque)
        self._load()
        log.info(
            "resque %s scheduler on %s (%s), namespace %s, environment %s: %d recurring entries",
            *(__version__, self._resque.location, self._resque.source, self._resque.namespace),
            *(self._options.environment, len(self._resque.all_schedules())),
        )
        self._show()

    def wait(self, seconds: float) -> None:
        """The one wait of this process: for a signal, or for time to pass."""
        self._selector.select(seconds)
        self._signals.carry_out()

    def end(self) -> None:
        """Carry out no more ticks, and have `run` return."""
        self._ending = True

    def _load(self) -> None:
        path, environment = self._options.schedule, self._options.environment
        reconcile(self._resque, wanted_entries(path), environment, path)
        self._scheduler.now()

    def _serve(self) -> None:
        if self._outage.left():
            return
        try:
            self._promoter.promote()
            if not self._paused:
                self._scheduler.look()
            self._sampler.sample(self._resque.storage)
        except StorageError as error:
            self._outage.begin(error)
        else:
            self._outage.over()

    def _patience(self) -> float:
        if self._outage:
            return self._outage.left()
        waits = [self._promoter.left(), self._sampler.left()]
        return min(waits if self._paused else [*waits, self._scheduler.left()])

    def _actions(self) -> dict[signal.Signals, Callable[[], None]]:
        return {
            **dict.fromkeys((signal.SIGINT, signal.SIGTERM, signal.SIGQUIT), self.end),
            signal.SIGHUP: self._reload,
            signal.SIGUSR1: self._tell,
            signal.SIGUSR2: self.pause,
            signal.SIGCONT: self._resume,
        }

    def _reload(self) -> None:
        """Open the log file anew, and read the schedule again. A bad one changes nothing."""
        reopen_logs()
        try:
            self._load()
        except (SettingsError, StorageError) as error:
            log.error("The schedule is not read again, the old one goes on: %s", error)  # noqa: TRY400
        else:
            log.info("The schedule was read again.")

    def _tell(self) -> None:
        """Log every entry, with its last and its next run."""
        try:
            for job in self._resque.all_schedules():
                last, coming = (to_iso(it) if it else "never" for it in (job.last_run, job.next_run))
                log.info("%s (%s): last %s, next %s", one_line(job.name), job.entry.when, last, coming)
        except StorageError as error:
            log.error("%s", error)  # noqa: TRY400

    def pause(self) -> None:
        """Carry out no ticks until it is told to go on."""
        self._paused = True
        self._show()

    def _resume(self) -> None:
        self._paused = False
        self._scheduler.now()
        self._show()

    def _show(self) -> None:
        state = "Paused" if self._paused else "Scheduling"
        set_title(f"{state} [{one_line(self._options.environment)}]")


def _use_as_default(resque: Resque) -> None:
    """A hook that enqueues means this store, unless its own code made a Resque."""
    try:
        default_app()
    except NoDefaultAppError:
        set_default_app(resque)
