"""The app process: loads the user's code once, and forks a child for each job. It opens no storage."""

import contextlib
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
from resque_core.process.endings import tells_endings
from resque_core.process.frames import Channel, ChannelClosed, Frame
from resque_core.process.nursery import Death, Nursery
from resque_core.process.parent_death import die_with_parent, outlive_parent
from resque_core.process.signals import ENDING, Signals, foreign_handlers, reset_handlers, unblock_all
from resque_core.process.streams import flush_streams
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
        # Out of the keeper's group: the keeper alone answers what is sent to it. A TERM to all, or
        # ctrl-c, must not lose the job.
        os.setpgid(0, 0)
        reset_handlers(ENDING)
        _read_nothing()
        die_with_parent(birth.keeper, birth.lifeline)
        set_title(f"App process of {birth.keeper}")
        if _load(birth):
            AppProcess(birth).run()
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
        problem = describe(error)
        birth.channel.send(Frame("unloadable", {"reason": problem.error, "backtrace": problem.backtrace}))
        return False
    unblock_all()
    flush_streams()
    # What was loaded is there to stay: collections in children need not look at it, and so copy it.
    gc.freeze()
    birth.channel.send(Frame("loaded", {"jobs": sorted(registry.names())}))
    return True


class AppProcess:
    """Takes jobs from the keeper, gives each to a child, and passes on what became of it.

    It handles no signal, where the system tells the end of a child otherwise: what a job would have
    to undo costs every job.
    """

    def __init__(self, birth: Birth) -> None:
        self.birth = birth
        self.keeper = birth.channel
        self.pid = os.getpid()
        self.performer = Performer(registry)
        self.selector = selectors.DefaultSelector()
        self.nursery = Nursery(self.selector, self._be_child, self.keeper.send, self._mourn)
        self.signals = Signals({signal.SIGCHLD: self.nursery.bury_the_dead})
        self._changed = foreign_handlers()
        self._lifeline = os.pipe()

    def run(self) -> None:
        """Serve the keeper until it closes the channel; then end every child.

        Meanwhile the keeper's death is told by that end, and not by a SIGKILL: what the running job
        has started must be ended too.

        :raises ChannelClosed: the keeper is gone.
        """
        self.selector.register(self.keeper, selectors.EVENT_READ, self._obey)
        with contextlib.ExitStack() as stack:
            stack.callback(self.nursery.kill_all)
            if not tells_endings():
                self._listen_for_signals(stack)
            outlive_parent()
            while True:
                self._fork_ahead()
                for key, _ in self.selector.select():
                    # One event may have done away with the source of another.
                    if self.selector.get_map().get(key.fd) is key:
                        key.data()

    def _listen_for_signals(self, stack: contextlib.ExitStack) -> None:
        stack.enter_context(self.signals)
        self.selector.register(self.signals, selectors.EVENT_READ, self.signals.carry_out)
        self._changed = (*self._changed, signal.SIGCHLD)

    def _obey(self) -> None:
        while frame := self.keeper.poll():
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

    def _mourn(self, death: Death) -> None:
        job = death.child.job
        if job is None:
            return
        problem = Problem(DIRTY_EXIT, death.message)
        if death.child.killed is None:
            problem = self._run_failure_hooks(job, death.message) or problem
        self.keeper.send(result_frame(job.head["token"], problem))

    def _run_failure_hooks(self, job: Frame, message: str) -> Problem | None:
        """What was wrong with the hooks, if anything. They may hang: the keeper's death ends them."""
        entry = Entry(job.head["id"], job.head["queue"], job.body)
        die_with_parent(self.birth.keeper, self.birth.lifeline)
        try:
            self.performer.run_failure_hooks(decode_leniently(entry), DirtyExit(message))
        except BaseException as error:
            return describe(error)
        finally:
            outlive_parent()
            flush_streams()
        return None

    def _fork_ahead(self) -> None:
        try:
            self.nursery.fork_ahead()
        except OSError as error:
            log.warning("No child could be forked ahead: %s", error)

    def _be_child(self, channel: Channel) -> NoReturn:
        siblings = [child.channel.fileno() for child in self.nursery.children.values()]
        close_inherited([*siblings, self.keeper.fileno(), self.selector.fileno(), self._lifeline[1]])
        if self._changed:
            reset_handlers(self._changed)
        run_child(channel, self.performer, self.pid, self._lifeline[0])
