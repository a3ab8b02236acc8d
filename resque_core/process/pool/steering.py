"""`Steering`: what the manager of a pool may be told while it runs, by signals and through the store."""

import logging
import signal

from resque_core.errors import SettingsError
from resque_core.pool.group import Groups
from resque_core.pool.hooks import run_pool_hooks
from resque_core.pool.plan import Plan
from resque_core.pool.settings import PoolSettings
from resque_core.process.pool.crew import Crew
from resque_core.process.pool.notify import Notifier
from resque_core.process.pool.output import Output

log = logging.getLogger("resque.pool")


class Steering:
    """The side of a manager that is told things, and what it is in because of that."""

    settings: PoolSettings
    plan: Plan
    crew: Crew
    _notifier: Notifier
    _output: Output

    _started = _over = _stopped = _paused = False
    #: Whether it ends with its last worker.
    waiting = False

    def reconcile(self) -> None:
        """Set the numbers right."""
        raise NotImplementedError

    def wanted(self) -> Groups:
        """The groups that there are to be now."""
        return {} if self._stopped or self.waiting else self.plan.groups

    @property
    def state(self) -> str:
        """`running`, `paused` (workers take no jobs), `stopped` (it keeps none), `ending` (with the last)."""
        if self.waiting:
            return "ending"
        return "stopped" if self._stopped else "paused" if self._paused else "running"

    def refresh(self) -> None:
        """Log files and configuration anew, then workers anew; a bad configuration changes no worker."""
        if self._started:
            self._notifier.tell("RELOADING=1")
        try:
            self._output.redirect()
        except SettingsError as error:
            log.error("The log stays where it is: %s", error)  # noqa: TRY400 - a message for operators
        if self.plan.refresh():
            self._stopped = False
            self.restart()
        if self._started:
            self._notifier.tell("READY=1")

    def restart(self) -> None:
        """Have each worker replaced once its job is done."""
        self.tell_all(self.gentle)

    @property
    def gentle(self) -> signal.Signals:
        """What asks a worker to end: QUIT, which waits for its job; with TERM_CHILD TERM, which does not."""
        return signal.SIGTERM if self.settings.term_child else signal.SIGQUIT

    def scale(self, queues: str, workers: int) -> None:
        """Have a group be of this size until `refresh`."""
        if self.plan.scale(queues, workers):
            self.reconcile()

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
        self.reconcile()

    def inform(self) -> None:
        """Set the numbers right, and run the `siginfo` hooks."""
        self.reconcile()
        run_pool_hooks("siginfo", self.plan.groups, self.crew.pids)

    def tell_all(self, order: signal.Signals) -> None:
        """Ask every worker to end, once by each signal."""
        for seat in self.crew:
            seat.tell(order)

    def pass_on(self, order: signal.Signals) -> None:
        """Send every worker a signal."""
        for seat in self.crew:
            seat.steer(order)
