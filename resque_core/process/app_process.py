"""The app process: loads the user's code once, and forks a child for each job. It opens no storage."""

import contextlib
import gc
import logging
import os
import select
import signal
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import NoReturn

from resque_core.codec import decode_leniently
from resque_core.errors import JobTimeout
from resque_core.failing import describe
from resque_core.failures.installed import failure_backends
from resque_core.failures.report import report_of
from resque_core.job import Job
from resque_core.outcome import Problem
from resque_core.performer import DirtyExit, Performer
from resque_core.process.app_frames import read_hook_frame, unloadable_frame
from resque_core.process.at_exit import AtExit
from resque_core.process.births import BirthChannel
from resque_core.process.child import (
    Role,
    close_inherited,
    read_job,
    run_child,
    work_one,
    work_several,
)
from resque_core.process.endings import tells_endings
from resque_core.process.frames import ChannelBroken, ChannelClosed, Frame, text_frame
from resque_core.process.fresh_pools import begin_new_pools
from resque_core.process.hook_running import asked_for, run_logged
from resque_core.process.huge_pages import join_pages
from resque_core.process.inherited_code import inherit_code
from resque_core.process.interrupts import Interrupts
from resque_core.process.logs import handlers, prompt_handlers
from resque_core.process.nursery import Nursery
from resque_core.process.parent_death import die_with_parent, outlive_parent
from resque_core.process.rehearsal import Rehearsal
from resque_core.process.reporters import Reporters
from resque_core.process.results import again_texts, problem_texts, read_report
from resque_core.process.signals import ENDING, Signals, foreign_handlers, unblock_all
from resque_core.process.streams import flush_streams
from resque_core.process.title import set_title
from resque_core.registry import registry
from resque_core.worker_hooks import worker_hooks

log = logging.getLogger("resque")


@dataclass(frozen=True, slots=True)
class Birth:
    """What a new app process needs to know of the keeper that forked it."""

    keeper: int
    lifeline: int
    channel: BirthChannel
    load: Callable[[], None]
    #: Whether a child leaves by itself after one job; else when the keeper lets go of it.
    single: bool


def run_app_process(birth: Birth) -> NoReturn:
    """Be the app process until the keeper is done with it; never returns."""
    status = 1
    try:
        # Out of the keeper's group: the keeper alone answers what is sent to it. A TERM to all, or
        # ctrl-c, must not lose the job.
        os.setpgid(0, 0)
        interrupts = Interrupts()
        interrupts.listen()
        _read_nothing()
        die_with_parent(birth.keeper, birth.lifeline)
        rehearsal = Rehearsal(birth.keeper, birth.lifeline)
        rehearsal.warm_up()
        set_title(f"App process of {birth.keeper}")
        if _load(birth):
            AppProcess(birth, interrupts, rehearsal).run()
            status = 0
    except ChannelClosed:
        status = 0
    except BaseException:
        log.exception("The app process cannot go on")
    finally:
        os._exit(status)


def _read_nothing() -> None:
    """A job that reads the terminal from its own process group would be stopped by the kernel, for ever."""
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)


def _load(birth: Birth) -> bool:
    try:
        birth.load()
    except BaseException as error:
        birth.channel.send(unloadable_frame(error))
        return False
    unblock_all()
    flush_streams()
    reports = ["reports"] if failure_backends().backends else []
    birth.channel.send(
        text_frame("loaded", *map("\n".join, (registry.names(), asked_for(), registry.isolated(), reports)))
    )
    return True


class AppProcess:
    """Keeps children ready for the keeper, collects them, and runs the failure hooks of those that died.

    It has no part in a job that goes well: keeper and child talk to each other directly. And it
    handles no signal, where the system tells the end of a child otherwise. What a job would have to
    copy or to undo costs every job.
    """

    def __init__(self, birth: Birth, interrupts: Interrupts, rehearsal: Rehearsal) -> None:
        self.birth = birth
        self.interrupts = interrupts
        self.rehearsal = rehearsal
        self.keeper = birth.channel
        self.pid = os.getpid()
        self.performer = Performer(registry)
        self.poll = select.poll()
        self._lifeline = os.pipe()
        #: What tells of the end of other children is not among them: it keeps nobody waiting.
        self._private = (self.keeper.fileno(), self._lifeline[1])
        self._told_of_endings = tells_endings()
        self.nursery = Nursery(self.keeper, self.poll, partial(run_child, self._role()))
        if worker_hooks.takes_argument("before_fork"):
            self.nursery.ahead = False
        self.signals = Signals({signal.SIGCHLD: self.nursery.bury_the_dead})
        # Again: a module may have taken them when it was imported.
        interrupts.listen()
        self.reporters = Reporters()
        #: Nobody reads them: they keep the allocator in pools that have just begun.
        self._fillers: list[object] = []
        self._answers: dict[str, Callable[[Frame], None]] = {
            "kill": self._kill,
            "interrupt": self._interrupt,
            "fork": lambda _: self.nursery.try_again(),
            "mourn": self._mourn,
            "prepare": self._prepare,
            "hook": self._run_hooks,
            "report": self._report,
        }

    def run(self) -> None:
        """Serve the keeper until it closes the channel; then end every child.

        Meanwhile the keeper's death is told by that end, and not by a SIGKILL: what the running job
        has started must be ended too.

        :raises ChannelClosed: the keeper is gone.
        """
        self.poll.register(self.keeper, select.POLLIN)
        with contextlib.ExitStack() as stack:
            stack.callback(self.reporters.wait)
            stack.callback(self._hear_the_last)
            stack.callback(self._end_children)
            if not self._told_of_endings:
                stack.enter_context(self.signals)
                self.poll.register(self.signals, select.POLLIN)
            outlive_parent()
            self._fillers = begin_new_pools()
            inherit_code()
            join_pages()
            # What is there by now is to stay: collections in children need not look at it, nor what a child
            # makes be linked to it, and so copy it.
            gc.freeze()
            while True:
                # Between events, never among them: a new child may get the descriptor of a dead one.
                self.nursery.fork_ahead()
                events = self.poll.poll(self.nursery.patience)
                if not events:
                    self.nursery.tell()
                for descriptor, _ in events:
                    self._attend(descriptor)

    def _hear_the_last(self) -> None:
        """Do what the keeper asked for before it closed the channel, if a birth met that end first."""
        with contextlib.suppress(ChannelClosed, ChannelBroken):
            while frame := self.keeper.poll():
                if frame.kind in {"hook", "report"}:
                    self._answers[frame.kind](frame)

    def _end_children(self) -> None:
        """End every child. One that performs several jobs leaves by itself, if `atexit` functions are to run.

        It has seen its channel closed, as this process has. The keeper ends us if that takes too long.
        """
        if AtExit.wanted and not self.birth.single:
            while self.nursery.children and os.getppid() == self.birth.keeper:
                self.nursery.bury_the_dead()
                time.sleep(0.005)
        self.nursery.kill_all()

    def _attend(self, descriptor: int) -> None:
        if descriptor in self.nursery.children:
            self.nursery.bury(descriptor)
        elif descriptor == self.keeper.fileno():
            self._obey()
        else:
            self.signals.carry_out()

    def _obey(self) -> None:
        while frame := self.keeper.poll():
            self._answers[frame.kind](frame)

    def _kill(self, frame: Frame) -> None:
        self.nursery.kill(int(frame.parts[0]))

    def _interrupt(self, frame: Frame) -> None:
        pid, reason = frame.texts()
        if int(pid) in self.nursery.children.values():
            self.interrupts.send(int(pid), reason)

    def _run_hooks(self, frame: Frame) -> None:
        with self._mortal():
            run_logged(*read_hook_frame(frame))

    def _report(self, frame: Frame) -> None:
        """Tell the failure backends, in a process that may hang without harm."""
        failure, backends = read_report(frame), failure_backends()
        if not self.reporters.start(lambda: backends.save(report_of(failure)), self._close_inherited):
            log.error("Failure %s is in the store; nobody else could be told of it.", failure.id)

    def _mourn(self, frame: Frame) -> None:
        """Run the failure hooks of a job whose child died, and say what was wrong with them, if anything."""
        token, exception, message = Frame(frame.kind, frame.parts[:3]).texts()
        job = decode_leniently(read_job(Frame("job", frame.parts[3:])))
        error = JobTimeout(message) if exception == JobTimeout.__name__ else DirtyExit(message)
        problem = self._run_failure_hooks(job, error)
        again = None
        if problem is None:
            with self._mortal():
                problem, again = self.performer.verdict(job, error, Problem(exception, message))
        self.keeper.send(text_frame("mourned", token, *problem_texts(problem), *again_texts(again)))

    def _prepare(self, frame: Frame) -> None:
        """Run the `before_fork` hooks for a job, and fork the child for it; or say why not."""
        (token,) = Frame(frame.kind, frame.parts[:1]).texts()
        job = decode_leniently(read_job(Frame("job", frame.parts[1:])))
        try:
            with self._mortal():
                worker_hooks.run("before_fork", job)
        except BaseException as error:
            problem = self._run_failure_hooks(job, error) or describe(error)
            self.keeper.send(text_frame("unprepared", token, *problem_texts(problem)))
        else:
            self.nursery.order()

    def _run_failure_hooks(self, job: Job, ended_by: BaseException) -> Problem | None:
        """What was wrong with the hooks, if anything."""
        try:
            with self._mortal():
                self.performer.run_failure_hooks(job, ended_by)
        except BaseException as error:
            return describe(error)
        return None

    @contextlib.contextmanager
    def _mortal(self) -> Iterator[None]:
        """Run hooks, which may hang: the keeper's death ends them."""
        die_with_parent(self.birth.keeper, self.birth.lifeline)
        try:
            yield
        finally:
            outlive_parent()
            flush_streams()

    def _role(self) -> Role:
        """What each child is born with."""
        return Role(
            self.pid,
            self._lifeline[0],
            private=self._private,
            handled=self._handled(),
            performer=self.performer,
            interrupts=self.interrupts,
            hooks=worker_hooks,
            work=work_one if self.birth.single else work_several,
            rehearse=self.rehearsal.play,
            at_exit=AtExit.wanted,
            log_handlers=handlers(),
            prompt_handlers=prompt_handlers(),
        )

    def _handled(self) -> tuple[int, ...]:
        """The signals that this process handles, other than those that it lets pass for its children, too."""
        ours = () if self._told_of_endings else (signal.SIGCHLD,)
        return tuple(map(int, {*foreign_handlers(), *ours}.difference(ENDING)))

    def _close_inherited(self) -> None:
        close_inherited(*self._private)
