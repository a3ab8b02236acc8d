"""`ForkRunner`: the keeper's side of forking: gives jobs to children that stand by, and hears their ends."""

import math
import selectors
from collections import deque
from collections.abc import Callable

from resque_core.codec import decode_leniently
from resque_core.errors import JobTimeout
from resque_core.failure import Failure
from resque_core.outcome import DIRTY_EXIT, Again, Ended, Problem
from resque_core.process.app_frames import hook_frame, mourn_frame, prepare_frame, unloadable
from resque_core.process.app_handle import AppHandle
from resque_core.process.at_exit import AtExit
from resque_core.process.brood import Brood, Child
from resque_core.process.endings import ending_message
from resque_core.process.frames import ChannelBroken, ChannelClosed, Frame, text_frame
from resque_core.process.interrupts import Reason
from resque_core.process.results import again_of, problem_of, read_limit, read_result, read_word, report_frame
from resque_core.records import Reservation, WorkerInfo
from resque_core.shift import Shift
from resque_core.timers import Every
from resque_core.worker_hooks import WorkerHookKind

#: Seconds that an app process gets to end a child before it is ended itself.
KILL_PATIENCE = 5.0

#: Seconds that an app process gets at least to have a child for a job: a busy machine forks slowly.
BIRTH_PATIENCE = 5.0

#: Seconds that an app process gets to run the failure hooks of a job whose child died.
HOOK_PATIENCE = 60.0

#: Seconds that an app process gets to leave by itself when the worker ends.
CLOSE_PATIENCE = 2.0

#: Children that die so often in a row before they are given a job will not do better next time.
MOST_EARLY_DEATHS = 5


class ForkRunner:
    """Runs each job in a child: one of its own, or as many in one as a `shift` has.

    `patience` is how many seconds the app process may leave a message unread, or a job without a
    child, before it counts as dead. `selector` is the one wait of this process.
    """

    def __init__(
        self,
        load: Callable[[], None],
        patience: float,
        selector: selectors.BaseSelector,
        shift: Shift = Shift(),  # noqa: B008 - it is frozen
    ) -> None:
        self.jobs: tuple[str, ...] | None = None
        #: Kinds of worker hooks that the app process has, and wants to be asked to run.
        self.hooks: tuple[str, ...] = ()
        #: The names of jobs that want a child of their own.
        self._isolated: frozenset[str] = frozenset()
        self._reports = False
        self._load = load
        self._patience = patience
        self._selector = selector
        self._app: AppHandle | None = None
        self._shift = shift
        self._brood = Brood(selector, shift)
        #: The job in hand, until its end was told; whether a child has begun it; how that child died.
        self._job: Reservation | None = None
        self._begun = False
        #: Its time limit, as the job has named it; and, if it was killed for that, how it ends.
        self._limit: float | None = None
        #: What it said of itself last.
        self._word: str | None = None
        self._exception = DIRTY_EXIT
        self._message: str | None = None
        self._killing = False
        self._barren = False
        self._ends: deque[Ended] = deque()
        self._dead: str | None = None
        self._deadline: tuple[Every, str] | None = None

    def launch(self, close_in_child: Callable[[], None]) -> None:
        """Fork the app process. The caller has no storage open."""
        self._app = AppHandle(self._load, self._patience, close_in_child, single=self._shift.single)
        self._selector.register(self._app.channel, selectors.EVENT_READ)

    def start(self, reservation: Reservation) -> None:
        """Hand the job to a child that stands by, or to the next one that is born."""
        self._job, self._begun, self._killing, self._message = reservation, False, False, None
        self._limit, self._word, self._exception = None, None, DIRTY_EXIT
        if self._wants_isolation(reservation):
            self._brood.dismiss_veteran()
        if self.forks_ahead or self._brood.has_veteran:
            self._expect("had no child for a job in time", max(self._patience, BIRTH_PATIENCE))
            self._hand_over(reservation)
        if not self._begun and not self.forks_ahead:
            self._expect("did not end its before_fork hooks in time", HOOK_PATIENCE)
            self._tell(prepare_frame(reservation))
        if not self._begun:
            self._listen()
        if not self._begun and self._barren:
            self._barren = False
            self._tell(text_frame("fork"))

    @property
    def keeps(self) -> int | None:
        """The app process, while it lives."""
        return self._app.pid if self._app else None

    @property
    def forks_ahead(self) -> bool:
        """Whether children stand by. A `before_fork` hook that wants the job leaves no time for that."""
        return "before_fork" not in self.hooks

    @property
    def pid(self) -> int | None:
        """The child that has the job, if one has."""
        return self._brood.running.pid if self._brood.running else None

    def run_hooks(self, kind: WorkerHookKind, worker: WorkerInfo | None = None) -> None:
        """Have the app process run its worker hooks of this kind, if it has any."""
        if kind in self.hooks:
            self._tell(hook_frame(kind, worker))

    def listen(self) -> None:
        """Take down what app process and child have said, and whether their time is over."""
        self._listen()
        self._brood.thin_out()
        if self._deadline and self._deadline[0].due():
            self._bury(self._deadline[1])

    def ended(self) -> Ended | None:
        """The next end of a job that was not told yet."""
        return self._ends.popleft() if self._ends else None

    def limit(self) -> float | None:
        """The time limit, in seconds, that the running job has named since it was last asked for."""
        self._limit, limit = None, self._limit
        return limit

    def word(self) -> str | None:
        """What the running job has said of itself since it was last asked for."""
        self._word, word = None, self._word
        return word

    def interrupt(self, reason: Reason, limit: float | None = None) -> None:
        """Raise an exception in the running job; its `ended` follows, unless it thinks better of it."""
        if self._brood.running:
            # It may hear of it after this job, and must not have another one then.
            self._brood.running.last = True
            said = reason if limit is None else f"{reason} {limit:g}"
            self._tell(text_frame("interrupt", str(self._brood.running.pid), said))

    def fail(self, limit: float | None = None) -> bool:
        """End the running job's process group, so that it fails; its `ended` follows. False: it is gone."""
        child = self._brood.running
        if child:
            self._exception = DIRTY_EXIT if limit is None else JobTimeout.__name__
            self._end_child(child)
        elif self._job and not self._begun:
            self._end(Problem(DIRTY_EXIT, "It was to be ended before a child could be had for it"))
        else:
            return False
        return True

    def report(self, failure: Failure) -> None:
        """Have the app process tell the failure backends, if there are any, of what the store has now."""
        frame = report_frame(failure) if self._reports else None
        if frame:
            self._tell(frame)

    def kill(self) -> None:
        """End the running job's process group; its `ended` follows."""
        self._killing = True
        if self._job and not self._begun:
            self._end(refused="it was to be ended before a child could be had for it")
        elif self._brood.running:
            self._kill("was ended by its worker")
        elif self._job:
            # Its child is dead, and the failure hooks are running.
            self._expect("did not end its child in time", KILL_PATIENCE)

    @property
    def dead(self) -> str | None:
        """Why the app process cannot run jobs any more; None while it can."""
        return self._dead

    def left(self) -> float:
        """Seconds until patience is over; infinite when nothing is waited for."""
        return self._deadline[0].left() if self._deadline else math.inf

    def close(self) -> None:
        """Let the app process go, and wait for its end."""
        if self._brood.running:
            self._tell(text_frame("kill", str(self._brood.running.pid)))
        if self._app:
            self._brood.close()
            self._selector.unregister(self._app.channel)
            # One that is still loading does not listen, and has nothing to finish.
            self._app.let_go(self._close_patience() if self.jobs is not None else 0.0)
            self._app = None

    def _close_patience(self) -> float:
        """Seconds for what may still run: hooks of the worker, and functions at the exit of its children."""
        at_exit = AtExit.wanted and not self._shift.single
        return HOOK_PATIENCE if self.hooks or at_exit else CLOSE_PATIENCE

    def _listen(self) -> None:
        """Take down all that was said, and begin the job that waits, if that can be."""
        self._hear_child()
        try:
            while self._app and (frame := self._app.channel.poll()):
                self._take_down(frame)
        except ChannelClosed:
            self._bury("is gone")
        except (ChannelBroken, ValueError, TypeError) as error:
            self._bury(f"sent {error}")
        if self._job and not self._begun:
            self._hand_over(self._job)
        if self._brood.early_deaths >= MOST_EARLY_DEATHS:
            self._bury(f"is of no use: {MOST_EARLY_DEATHS} children in a row died before they got a job")

    def _hand_over(self, job: Reservation) -> None:
        if self._brood.begin(job, alone=self._wants_isolation(job)):
            self._begun, self._deadline = True, None

    def _wants_isolation(self, job: Reservation) -> bool:
        """Whether no other job may have its child. A job is read for that only where it can matter."""
        if not self._isolated or self._shift.single:
            return False
        return decode_leniently(job.entry).name in self._isolated

    def _hear_child(self) -> None:
        try:
            frame = self._brood.hear()
            if frame and frame.kind == "limit":
                self._limit, frame = read_limit(frame), self._brood.hear()
            while frame and frame.kind == "word":
                self._word, frame = read_word(frame), self._brood.hear()
            result = read_result(frame) if frame else None
        except ChannelBroken as error:
            self._brood.hush()
            self._kill(f"sent {error}")
        else:
            if result:
                self._brood.rest()
                self._end(
                    result.problem,
                    killed=result.handed_back,
                    name=result.name,
                    seconds=result.seconds,
                    again=result.again,
                    returned=result.returned,
                    cancelled=result.cancelled,
                )

    def _take_down(self, frame: Frame) -> None:
        match frame.kind, frame.texts():
            case "born", pids:
                self._welcome(*map(int, pids))
            case "ended", endings:
                self._take_leaves(endings)
            case "mourned", [token, exception, error, backtrace, *again]:
                self._take_comfort(token, problem_of(exception, error, backtrace), again_of(*again))
            case "barren", [reason]:
                self._hear_of_none(reason)
            case "unprepared", [token, *problem]:
                self._give_up_fork(token, problem_of(*problem))
            case "loaded", [jobs, hooks, isolated, reports]:
                self.jobs, self.hooks = tuple(jobs.splitlines()), tuple(hooks.splitlines())
                self._isolated = frozenset(isolated.splitlines())
                self._reports = bool(reports)
            case "unloadable", [reason, *backtrace]:
                raise unloadable(reason, backtrace)
            case _:
                raise ChannelBroken(f"a message that is not ours: {frame.kind[:40]!r}")

    def _welcome(self, *pids: int) -> None:
        for pid in pids:
            if self._app:
                self._brood.welcome(pid, self._app.channel.take_socket())

    def _take_leaves(self, endings: list[str]) -> None:
        for pid, status in zip(endings[::2], endings[1::2], strict=True):
            self._take_leave(int(pid), int(status))

    def _take_leave(self, pid: int, status: int) -> None:
        """A child was collected. If it had the job and said nothing of it, so much the worse."""
        child = self._brood.running
        if child and child.pid == pid:
            # What it wrote before it died counts.
            self._hear_child()
        if self._brood.running is None or child is not self._brood.running or child.pid != pid:
            self._brood.forget(pid)
            return
        self._brood.let_go()
        if child.killed:
            self._end(Problem(DIRTY_EXIT, f"Child process {pid} {child.killed}"), killed=self._killing)
        elif self._job:
            self._mourn(self._job, ending_message("Child process", pid, status))

    def _mourn(self, job: Reservation, message: str) -> None:
        """Have the app process run the failure hooks; the job ends when they are through."""
        if self._exception != DIRTY_EXIT:
            message = f"It ran for longer than its time limit, and went on after JobTimeout: {message}"
        self._message = message
        self._expect("did not end the failure hooks of a job in time", HOOK_PATIENCE)
        self._tell(mourn_frame(job, self._exception, message))

    def _take_comfort(self, token: str, problem: Problem, again: Again | None) -> None:
        if self._job and self._job.token == token:
            self._end(problem, again=again)

    def _give_up_fork(self, token: str, problem: Problem) -> None:
        """A before_fork hook raised: that is how the job ended."""
        if self._job and self._job.token == token and not self._begun:
            self._end(problem)

    def _hear_of_none(self, reason: str) -> None:
        self._barren = True
        if self._job and not self._begun:
            self._end(refused=f"no child process could be had for it: {reason}")

    def _kill(self, reason: str) -> None:
        child = self._brood.running
        if child:
            child.killed = reason
            self._end_child(child)

    def _end_child(self, child: Child) -> None:
        child.last = True
        self._expect("did not end its child in time", KILL_PATIENCE)
        self._tell(text_frame("kill", str(child.pid)))

    def _end(
        self,
        problem: Problem | None = None,
        *,
        refused: str | None = None,
        killed: bool = False,
        name: str = "",
        seconds: float = 0.0,
        again: Again | None = None,
        returned: str = "",
        cancelled: bool = False,
    ) -> None:
        if self._job:
            if problem and not name:
                # Whoever has read the job could not say what it is.
                name = decode_leniently(self._job.entry).name
            self._ends.append(
                Ended(self._job.token, problem, refused, killed, name, seconds, again, returned, cancelled)
            )
        # Nothing is left to be patient with: a deadline that has passed would keep the worker from sleeping.
        self._job = self._deadline = None

    def _expect(self, else_: str, seconds: float) -> None:
        """Bury the app process, as one that did `else_`, unless the job has come to its end by then."""
        patience = Every(seconds)
        patience.restart()
        self._deadline = patience, else_

    def _tell(self, frame: Frame) -> None:
        try:
            if self._app:
                self._app.channel.send(frame)
        except ChannelClosed as error:
            self._bury(f"does not listen any more: {error}")

    def _bury(self, what: str) -> None:
        """The app process is of no use any more: end it, and the job that a child of it had."""
        app, self._app = self._app, None
        if app is None:
            return
        self._selector.unregister(app.channel)
        message = ending_message("App process", app.pid, app.end())
        self._dead = f"The app process {app.pid} {what}. {message}. This worker ends."
        # The child dies with it, and must be gone before its job is settled. What it wrote before counts.
        self._brood.see_off(self._patience)
        self._hear_child()
        self._brood.close()
        if self._message:
            # The child was dead before: that is how the job ended, whatever became of its hooks.
            self._end(Problem(self._exception, self._message))
        elif self._begun:
            self._end(Problem(DIRTY_EXIT, message), killed=self._killing)
        else:
            self._end(refused=message)
