"""`Brood`: the children as the keeper sees them: those that stand by, and the one that has the job."""

import select
import selectors
import time
from collections import deque
from dataclasses import dataclass

from resque_core.process.child import job_frame
from resque_core.process.frames import MAX_RESULT, Channel, ChannelBroken, ChannelClosed, Frame
from resque_core.process.nursery import CALM
from resque_core.records import Reservation
from resque_core.shift import Shift

#: Seconds: a child that stood by for longer did not die of being born.
YOUNG = 5.0
#: Children that may stand by, however long no job comes: as many as the app process has then.
ENOUGH = CALM.enough
#: Seconds without a new job, and without a new child, after which there are not more of them.
REST = 5.0


@dataclass(slots=True)
class Child:
    """One child of the app process, from the word of its birth until that of its end or its result."""

    pid: int
    channel: Channel
    born: float
    #: The job that it was given; None while it stands by.
    reservation: Reservation | None = None
    #: Why we had it ended, if we did.
    killed: str | None = None
    #: Whether a part of the job is still to be written.
    posting: bool = False
    #: Whether anything may still come from it.
    speaks: bool = True
    #: Whether it gets no other job: it was sent a signal, or its job wants to be alone.
    last: bool = False
    #: How many jobs it has ended, and since when it works.
    jobs: int = 0
    since: float = 0.0


class Brood:
    """Gives a job to a child, and hears what the child says of it."""

    def __init__(self, selector: selectors.BaseSelector, shift: Shift) -> None:
        self._selector = selector
        self._shift = shift
        self._standbys: deque[Child] = deque()
        self.running: Child | None = None
        self._begun = time.monotonic()
        #: Children that died in a row, young and before they were given a job.
        self.early_deaths = 0

    def welcome(self, pid: int, channel: Channel) -> None:
        """Have a newborn child stand by."""
        channel.cap = MAX_RESULT
        self._standbys.append(Child(pid, channel, time.monotonic()))

    def begin(self, reservation: Reservation, *, alone: bool = False) -> bool:
        """Give the job to the next child that stands by; False when none does. `alone`: it gets no other."""
        frame = job_frame(reservation.entry)
        while self._standbys:
            child = self._standbys.popleft()
            if _accepts(child, frame):
                child.reservation, child.last = reservation, alone
                child.since = child.since or time.monotonic()
                # What of a large job it has not read yet is written when it does: nobody waits for that.
                more = selectors.EVENT_WRITE if child.posting else 0
                self._selector.register(child.channel, selectors.EVENT_READ | more)
                self.running, self._begun = child, time.monotonic()
                return True
            # It died since we looked; its death tells nothing about this job.
            self._lose(child)
        return False

    def thin_out(self) -> None:
        """Let go of the children that were forked for more jobs than come now.

        Not of newborn ones: the app process would take them for used up, and fork as many again.
        """
        while len(self._standbys) > ENOUGH and self._rests():
            self._standbys.pop().channel.close()

    def _rests(self) -> bool:
        return time.monotonic() - max(self._begun, self._standbys[-1].born) > REST

    def hear(self) -> Frame | None:
        """What the running child says, or None.

        :raises ChannelBroken: it says what no part of ours says.
        """
        child = self.running
        if child is None or not child.speaks:
            return None
        try:
            if child.posting and child.channel.flush():
                child.posting = False
                self._selector.modify(child.channel, selectors.EVENT_READ)
            return child.channel.poll()
        except ChannelClosed:
            # Its end is told by the app process: the job may have closed the channel, and go on.
            self.hush()
            return None

    def hush(self) -> None:
        """Expect no word of the running child any more."""
        if self.running and self.running.speaks:
            self.running.speaks = False
            self._selector.unregister(self.running.channel)

    def see_off(self, seconds: float) -> None:
        """Wait so many seconds at most until the running child is gone, which is dying with its parent.

        Nobody tells us of its end any more, but the system does: it closes the child's end of the channel.
        """
        if self.running:
            ending = select.poll()
            # No event is asked for: of a hang-up we are told anyway, and of what is still to be read not.
            ending.register(self.running.channel, 0)
            ending.poll(seconds * 1000)

    @property
    def has_veteran(self) -> bool:
        """Whether a child stands by that has performed a job, and is to perform another."""
        return bool(self._standbys) and self._standbys[0].jobs > 0

    def dismiss_veteran(self) -> None:
        """The next job is not for a child that has performed others."""
        if self.has_veteran:
            self._standbys.popleft().channel.close()

    def rest(self) -> None:
        """The running child has told the end of its job: it is the next to get one, or its shift is over."""
        child = self.running
        if child is None:
            return
        child.jobs += 1
        if child.last or self._shift.is_over(child.jobs, time.monotonic() - child.since):
            self.let_go()
            return
        self._selector.unregister(child.channel)
        child.reservation, self.running = None, None
        self._standbys.appendleft(child)
        self.early_deaths = 0

    def let_go(self) -> None:
        """The running child has said what there was to say, or is gone."""
        self.hush()
        if self.running:
            self.running.channel.close()
        self.running = None
        self.early_deaths = 0

    def forget(self, pid: int) -> None:
        """A child is gone. It may be one that stood by, or one that has said its word."""
        for child in [child for child in self._standbys if child.pid == pid]:
            self._standbys.remove(child)
            self._lose(child)

    def close(self) -> None:
        """Let go of all of them."""
        self.let_go()
        while self._standbys:
            self._standbys.pop().channel.close()

    def _lose(self, child: Child) -> None:
        child.channel.close()
        early = not child.jobs and time.monotonic() - child.born < YOUNG
        self.early_deaths = self.early_deaths + 1 if early else 0


def _accepts(child: Child, frame: Frame) -> bool:
    """Whether the child took the job. A dead one may still take the bytes, so look for its end first."""
    try:
        if child.channel.poll() is not None:
            # Nobody asked it anything: whatever this is, it must not be taken for the end of the next job.
            return False
        child.posting = not child.channel.post(frame)
    except (ChannelClosed, ChannelBroken):
        return False
    return True
