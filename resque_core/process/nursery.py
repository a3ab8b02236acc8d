"""`Nursery`: forks job children, one of them ahead of need, and notes how each of them ends."""

import os
import selectors
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import NoReturn

from resque_core.process.endings import collect, ending_message, has_ended, kill_group
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
    born: float = field(default_factory=time.monotonic)


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
    """The children of one app process. `run` is what a child does; it gets its channel and never returns."""

    def __init__(self, run: Callable[[Channel], NoReturn], selector: selectors.BaseSelector) -> None:
        self._run = run
        self._selector = selector
        self._early_deaths = 0
        self.standby: Child | None = None
        self.children: dict[int, Child] = {}

    def begin(self, job: Frame) -> None:
        """Give the job to the standby, or to a new child when there is none.

        :raises OSError: no child could be forked.
        :raises ChannelClosed: a child that was just forked is gone already.
        """
        child, self.standby = self.standby or self._fork(), None
        child.job = job
        try:
            child.channel.send(job)
        except ChannelClosed:
            # The standby died since we looked; its death tells nothing about this job.
            child.job = None
            child = self._fork()
            child.channel.send(job)
            child.job = job
        self._selector.register(child.channel, selectors.EVENT_READ)

    def fork_ahead(self) -> None:
        """Have a child stand by, so that the next job starts at once.

        :raises OSError: it could not be forked.
        :raises RuntimeError: children keep dying before they are given a job.
        """
        if self._early_deaths >= MOST_EARLY_DEATHS:
            raise RuntimeError(f"{MOST_EARLY_DEATHS} children in a row died before they were given a job")
        if self.standby is None:
            self.standby = self._fork()

    def results(self) -> Iterator[Frame]:
        """What children with a job have said since the last call."""
        for child in self._running():
            if frame := self._hear(child):
                yield frame

    def deaths(self) -> Iterator[tuple[Death, Frame | None]]:
        """Children that ended since the last call, with their last words, reaped with all that they started.

        The process group is ended while its leader is still a zombie: until it is reaped, nobody
        else can have its number.
        """
        for child in list(self.children.values()):
            if not has_ended(child.pid):
                continue
            kill_group(child.pid)
            # What it wrote before it died counts, so the pipe is read before the child is reaped.
            words = self._hear(child) if child in self._running() else None
            yield Death(child, self._reap(child)), words

    def kill_running(self, reason: str) -> None:
        """End every child that has a job and has not said how that went."""
        for child in self._running():
            child.killed = reason
            kill_group(child.pid)

    def kill_all(self) -> None:
        """End every child, with its group."""
        for child in self.children.values():
            kill_group(child.pid)

    def _running(self) -> list[Child]:
        return [child for child in self.children.values() if child.job and not child.told]

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
        child = Child(pid, ours)
        self.children[pid] = child
        return child

    def _hear(self, child: Child) -> Frame | None:
        try:
            frame = child.channel.poll()
        except ChannelClosed:
            # waitpid tells its end: a grandchild may hold the pipe open, the child may have closed it early.
            self._stop_listening(child)
            return None
        except ChannelBroken as error:
            self._stop_listening(child)
            child.killed = f"sent {error}"
            kill_group(child.pid)
            return None
        if frame:
            child.told = True
            self._stop_listening(child)
        return frame

    def _stop_listening(self, child: Child) -> None:
        if child.channel in self._selector.get_map():
            self._selector.unregister(child.channel)

    def _reap(self, child: Child) -> int:
        status = collect(child.pid)
        self._stop_listening(child)
        child.channel.close()
        del self.children[child.pid]
        early = child.job is None and time.monotonic() - child.born < YOUNG
        self._early_deaths = self._early_deaths + 1 if early else 0
        if child is self.standby:
            self.standby = None
        return status
