"""The app process: loads the user's code once, and forks a child for each job. It opens no storage."""

import gc
import logging
import os
import selectors
import signal
from collections.abc import Callable
from dataclasses import dataclass
from typing import NoReturn

from resque_core.codec import decode_leniently
from resque_core.failing import describe
from resque_core.job import Entry
from resque_core.outcome import DIRTY_EXIT, Problem
from resque_core.performer import DirtyExit, Performer
from resque_core.process.child import close_inherited, result_frame, run_child
from resque_core.process.frames import Channel, ChannelClosed, Frame
from resque_core.process.nursery import Death, Nursery
from resque_core.process.parent_death import die_with_parent
from resque_core.process.signals import (
    ENDING,
    Signals,
    foreign_handlers,
    ignore,
    reset_handlers,
    unblock_all,
)
from resque_core.process.title import set_title
from resque_core.registry import registry

log = logging.getLogger("resque")

#: What the kernel sends when the keeper dies. Not SIGKILL: what the job started has to be ended too.
ORPHANED = signal.SIGUSR2
#: What an app process handles or ignores, and a job must find as in a fresh program.
CHANGED = (*ENDING, signal.SIGCHLD, ORPHANED)


@dataclass(frozen=True, slots=True)
class Birth:
    """What a new app process needs to know of the keeper that forked it."""

    keeper: int
    lifeline: int
    channel: Channel
    load: Callable[[], None]


def run_app_process(birth: Birth) -> NoReturn:
    """Be the app process until the keeper is done with it; never returns."""
    status = 1
    try:
        # The keeper alone answers what is sent to the group: a TERM to all must not lose the job.
        ignore(ENDING)
        _read_nothing()
        signal.signal(ORPHANED, _leave)
        die_with_parent(birth.keeper, birth.lifeline, ORPHANED)
        set_title(f"App process of {birth.keeper}")
        if _load(birth):
            AppProcess(birth.channel).run()
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


def _leave(_number: int, _frame: object) -> NoReturn:
    os._exit(1)


def _load(birth: Birth) -> bool:
    try:
        birth.load()
    except BaseException as error:
        problem = describe(error)
        birth.channel.send(Frame("unloadable", {"reason": problem.error, "backtrace": problem.backtrace}))
        return False
    unblock_all()
    # What was loaded is there to stay: collections in children need not look at it, and so copy it.
    gc.freeze()
    birth.channel.send(Frame("loaded", {"jobs": sorted(registry.names())}))
    return True


class AppProcess:
    """Takes jobs from the keeper, gives each to a child, and passes on what became of it."""

    def __init__(self, keeper: Channel) -> None:
        self.keeper = keeper
        self.pid = os.getpid()
        self.performer = Performer(registry)
        self.selector = selectors.DefaultSelector()
        self.nursery = Nursery(self._be_child, self.selector)
        self.signals = Signals({signal.SIGCHLD: self._bury_the_dead})
        self._foreign = foreign_handlers()
        self._lifeline = os.pipe()

    def run(self) -> None:
        """Serve the keeper until it closes the channel; then end every child.

        :raises ChannelClosed: the keeper is gone.
        """
        signal.signal(ORPHANED, self._leave_with_all)
        with self.signals:
            self.selector.register(self.keeper, selectors.EVENT_READ)
            self.selector.register(self.signals, selectors.EVENT_READ)
            try:
                while True:
                    self._fork_ahead()
                    self.selector.select()
                    self._turn()
            finally:
                self.nursery.kill_all()

    def _leave_with_all(self, _number: int, _frame: object) -> NoReturn:
        self.nursery.kill_all()
        os._exit(1)

    def _turn(self) -> None:
        for result in self.nursery.results():
            self.keeper.send(result)
        while frame := self.keeper.poll():
            self._obey(frame)
        self.signals.carry_out()

    def _obey(self, frame: Frame) -> None:
        if frame.kind == "kill":
            self.nursery.kill_running("was ended by its worker")
        elif frame.kind == "job":
            self._begin(frame)

    def _begin(self, frame: Frame) -> None:
        try:
            self.nursery.begin(frame)
        except (OSError, ChannelClosed) as error:
            reason = f"no child process could be had for it: {error}"
            self.keeper.send(Frame("refused", {"token": frame.head["token"], "reason": reason}))

    def _bury_the_dead(self) -> None:
        for death, last_words in self.nursery.deaths():
            if last_words:
                self.keeper.send(last_words)
            elif death.child.job and not death.child.told:
                self.keeper.send(self._dirty_exit(death, death.child.job))

    def _dirty_exit(self, death: Death, job: Frame) -> Frame:
        problem = Problem(DIRTY_EXIT, death.message)
        if death.child.killed is None:
            problem = self._run_failure_hooks(job, death.message) or problem
        return result_frame(job.head["token"], problem)

    def _run_failure_hooks(self, job: Frame, message: str) -> Problem | None:
        entry = Entry(job.head["id"], job.head["queue"], job.body)
        try:
            self.performer.run_failure_hooks(decode_leniently(entry), DirtyExit(message))
        except BaseException as error:
            return describe(error)
        return None

    def _fork_ahead(self) -> None:
        try:
            self.nursery.fork_ahead()
        except OSError as error:
            log.warning("No child could be forked ahead: %s", error)

    def _be_child(self, channel: Channel) -> NoReturn:
        siblings = [child.channel.fileno() for child in self.nursery.children.values()]
        ours = (self.keeper.fileno(), self.selector.fileno(), self._lifeline[1])
        self.signals.detach()
        close_inherited([*siblings, *ours])
        reset_handlers((*CHANGED, *self._foreign))
        run_child(channel, self.performer, self.pid, self._lifeline[0])
