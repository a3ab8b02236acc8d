"""`Nursery`: forks job children, one of them ahead of need, and notes how each of them ends."""

import os
import selectors
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import NoReturn

from resque_core.process.endings import collect, ending_message, has_ended, kill_group, open_ending
from resque_core.process.frames import MAX_RESULT, Channel, ChannelBroken, ChannelClosed, Frame, channel_pair

#: Children that die so often in a row, young and before they were given a job, will not do better next time.
MOST_EARLY_DEATHS = 5
#: Seconds: a child that stood by for longer died of something else.
YOUNG = 5.0


@dataclass(slots=True)
class Child:
    """One forked child, from its fork until it is reaped."""

    pid: int
    channel: Channel
    #: The job that it was given; None while it stands by.
    job: Frame | None = None
    #: Whether it has said what became of the job.
    told: bool = False
    #: Why we ended it, if we did.
    killed: str | None = None
    #: Readable once it has ended, where the system has that.
    ending: int | None = None
    born: float = field(default_factory=time.monotonic)

    @property
    def silent(self) -> bool:
        """Whether it has a job and has not said what became of it."""
        return self.job is not None and not self.told


@dataclass(frozen=True, slots=True)
class Death:
    """A child that is gone, and its status as waitpid gave it."""

    child: Child
    status: int

    @property
    def message(self) -> str:
        """How it ended, in words."""
        if self.child.killed:
            return f"Child process {self.child.pid} {self.child.killed}"
        return ending_message("Child process", self.child.pid, self.status)


class Nursery:
    """The children of one app process, one of which stands by.

    `run` is what a child does: it gets its channel and never returns. `hear` gets what a child says
    of its job, `mourn` the end of one that said nothing. Both are called by the selector's events,
    whose data is what to call.
    """

    def __init__(
        self,
        selector: selectors.BaseSelector,
        run: Callable[[Channel], NoReturn],
        hear: Callable[[Frame], None],
        mourn: Callable[[Death], None],
    ) -> None:
        self._selector = selector
        self._run = run
        self._hear = hear
        self._mourn = mourn
        self._early_deaths = 0
        self.standby: Child | None = None
        self.children: dict[int, Child] = {}

    def begin(self, job: Frame) -> None:
        """Give the job to the standby, or to a new child when there is none.

        :raises OSError: no child could be forked.
        :raises ChannelClosed: a child that was just forked is gone already.
        """
        child, self.standby = self.standby or self._fork(), None
        try:
            child.channel.send(job)
        except ChannelClosed:
            # The standby died since we looked; its death tells nothing about this job.
            child = self._fork()
            child.channel.send(job)
        child.job = job
        self._selector.register(child.channel, selectors.EVENT_READ, partial(self._listen, child))

    def fork_ahead(self) -> None:
        """Have a child stand by, so that the next job starts at once.

        :raises OSError: it could not be forked.
        :raises RuntimeError: children keep dying before they are given a job.
        """
        if self._early_deaths >= MOST_EARLY_DEATHS:
            raise RuntimeError(f"{MOST_EARLY_DEATHS} children in a row died before they were given a job")
        if self.standby is None:
            self.standby = self._fork()

    def bury_the_dead(self) -> None:
        """Look at every child, where the system does not tell which of them ended."""
        for child in list(self.children.values()):
            if has_ended(child.pid):
                self._bury(child)

    def kill_running(self, reason: str) -> None:
        """End every child that has a job and has not said how that went."""
        for child in self.children.values():
            if child.silent:
                child.killed = reason
                kill_group(child.pid)

    def kill_all(self) -> None:
        """End every child, with its group."""
        for child in self.children.values():
            kill_group(child.pid)

    def _fork(self) -> Child:
        ours, theirs = channel_pair()
        ours.cap = MAX_RESULT
        try:
            pid = os.fork()
        except OSError:
            ours.close()
            theirs.close()
            raise
        if pid == 0:
            ours.close()
            self._run(theirs)
        theirs.close()
        child = self.children[pid] = Child(pid, ours, ending=open_ending(pid))
        if child.ending is not None:
            self._selector.register(child.ending, selectors.EVENT_READ, partial(self._bury, child))
        return child

    def _listen(self, child: Child) -> None:
        try:
            frame = child.channel.poll()
        except ChannelClosed:
            # waitpid tells its end: a grandchild may hold the pipe open, the child may have closed it early.
            self._selector.unregister(child.channel)
        except ChannelBroken as error:
            self._selector.unregister(child.channel)
            child.killed = f"sent {error}"
            kill_group(child.pid)
        else:
            if frame:
                self._selector.unregister(child.channel)
                child.told = True
                self._hear(frame)

    def _bury(self, child: Child) -> None:
        """Collect a child that ended, with all that it started.

        Its group is ended while it is a zombie: until it is collected, nobody else has its number.
        """
        kill_group(child.pid)
        if child.silent and child.channel in self._selector.get_map():
            # What it wrote before it died counts.
            self._listen(child)
        status = collect(child.pid)
        self._forget(child)
        if child.silent:
            self._mourn(Death(child, status))

    def _forget(self, child: Child) -> None:
        if child.channel in self._selector.get_map():
            self._selector.unregister(child.channel)
        if child.ending is not None:
            self._selector.unregister(child.ending)
            os.close(child.ending)
        child.channel.close()
        del self.children[child.pid]
        early = child.job is None and time.monotonic() - child.born < YOUNG
        self._early_deaths = self._early_deaths + 1 if early else 0
        if child is self.standby:
            self.standby = None
