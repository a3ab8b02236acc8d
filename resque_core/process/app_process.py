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
from resque_core.process.signals import ENDING, Signals, ignore
from resque_core.process.title import set_title
from resque_core.registry import registry

log = logging.getLogger("resque")


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
        die_with_parent(birth.keeper, birth.lifeline)
        # The keeper alone answers what is sent to the group: a TERM to all must not lose the job.
        ignore(ENDING)
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


def _load(birth: Birth) -> bool:
    try:
        birth.load()
    except BaseException as error:
        problem = describe(error)
        birth.channel.send(Frame("unloadable", {"reason": problem.error, "backtrace": problem.backtrace}))
        return False
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
        self._lifeline = os.pipe()

    def run(self) -> None:
        """Serve the keeper until it closes the channel; then end every child.

        :raises ChannelClosed: the keeper is gone.
        """
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
        message = dirty_exit_message(death)
        problem = Problem(DIRTY_EXIT, message)
        if death.child.killed is None:
            problem = self._run_failure_hooks(job, message) or problem
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
        run_child(channel, self.performer, self.pid, self._lifeline[0])


def dirty_exit_message(death: Death) -> str:
    """Ruby's words for a signal; our own for a child that left without saying what became of its job."""
    pid = death.child.pid
    if death.child.killed:
        return f"Child process {pid} {death.child.killed}"
    if death.how.startswith("SIG"):
        return f"Child process received unhandled signal pid {pid} {death.how}"
    return f"Child process {pid} {death.how} before it said what became of the job"
