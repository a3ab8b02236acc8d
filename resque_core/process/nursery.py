"""`Nursery`: forks job children ahead of need, hands them to the keeper, and collects each at its end."""

import math
import os
import select
import time
from collections.abc import Callable, Sequence
from socket import SocketType
from typing import NamedTuple, NoReturn

from resque_core.process.births import BirthChannel
from resque_core.process.endings import collect, has_ended, kill_group, open_ending
from resque_core.process.frames import limit_wait, socket_pair, text_frame
from resque_core.worker_hooks import worker_hooks

#: The keeper's end of a child's connection, and the child's.
Pair = tuple[SocketType, SocketType]


class Level(NamedTuple):
    """How many children there are: where there are only `few`, they become `enough`."""

    few: int
    enough: int


#: While jobs come now and then: one that runs a job, and two that stand by.
CALM = Level(2, 3)
#: Where they are used up quickly, they are forked several at a time: what is copied for the first fork serves
#: the next, and each process is woken once for all. Those that are left have work meanwhile (ADR 0031).
BUSY = Level(3, 9)
#: Seconds. A child is used up quickly where it is the turn of the next within that.
QUICKLY = 0.02
#: Seconds that forking several at a time may take: meanwhile we hear nobody.
DEAF = 0.05
#: Seconds. Where a job comes sooner than that, the worker is busy, and what its children do beforehand
#: would be done in the time of other jobs.
HURRY = 0.02
#: Seconds that the word of a death waits for others, if it may: the job was told to have ended before.
DELAY = 0.05


class Nursery:
    """The children of one app process.

    `be_child` is what a child does: it gets the descriptors of what is the keeper's, and its end of a
    connection, and never returns. The keeper gets the other end with the word that the child is born, gives
    it a job, and hears from it what became of that; from here the keeper hears only of its end.
    """

    def __init__(
        self,
        keeper: BirthChannel,
        poll: select.poll,
        be_child: Callable[[Sequence[int], SocketType], NoReturn],
    ) -> None:
        self._keeper = keeper
        self._poll = poll
        self._be_child = be_child
        self._barren = False
        #: Whether children are forked before there is a job for them; and whether one was ordered.
        self.ahead = True
        self._ordered = False
        self._level = CALM
        #: When they were few, how many were forked then, and how many seconds each of these took.
        self._few_at = -math.inf
        self._forked, self._seconds_each = 0, 0.0
        #: What is told with the next word to the keeper, which is woken once for all of it: the newborn with
        #: the keeper's ends, and the dead with their statuses; and whether these are urgent.
        self._newborn: dict[int, SocketType] = {}
        self._dead: list[str] = []
        self._urgent = False
        #: Pids by the descriptor that is readable at their end (or, without such, the pid's negative).
        self.children: dict[int, int] = {}

    @property
    def patience(self) -> float | None:
        """Milliseconds until `tell` has to be called; None: there is nothing to tell."""
        return DELAY * 1000 if self._dead else None

    def fork_ahead(self) -> None:
        """Have children enough, and tell the keeper what it must know at once.

        It is told why, once, when there can be no child.
        """
        if self._ordered or (self.ahead and len(self.children) <= self._level.few):
            self._fork_some()
        if self._newborn or self._urgent:
            self.tell()

    def tell(self) -> None:
        """Tell the keeper who was born and who died, if anybody."""
        dead, self._dead, self._urgent = self._dead, [], False
        frames = [text_frame("ended", *dead)] if dead else []
        if self._newborn:
            # Before any death: it may be one of theirs.
            born = text_frame("born", *map(str, self._newborn))
            try:
                self._keeper.send_sockets(self._newborn.values(), born, *frames)
            finally:
                # Even if the keeper is gone: they leave, if nobody holds their other end any more.
                self._let_go_of_the_newborn()
        elif frames:
            self._keeper.send(*frames)

    def order(self) -> None:
        """Have one more child, for the job that waits."""
        self._ordered = True

    def try_again(self) -> None:
        """The keeper needs a child: perhaps one can be forked by now."""
        self._barren = False

    def bury(self, ending: int) -> None:
        """Collect the child that ended, with all that it started; `fork_ahead` or `tell` tells the keeper.

        Its group is ended while it is a zombie: until it is collected, nobody else has its number.
        """
        pid = self.children.pop(ending)
        kill_group(pid)
        status = collect(pid)
        if ending >= 0:
            self._poll.unregister(ending)
            os.close(ending)
        self._dead += str(pid), str(status)
        # One that leaves with another status may not have said what became of its job.
        self._urgent = self._urgent or status != 0

    def bury_the_dead(self) -> None:
        """Look at every child, where the system does not tell which of them ended."""
        for ending, pid in list(self.children.items()):
            if has_ended(pid):
                self.bury(ending)

    def kill(self, pid: int) -> None:
        """End this child, with its group, if it is still one of ours."""
        if pid in self.children.values():
            kill_group(pid)

    def kill_all(self) -> None:
        """End every child, with its group."""
        for pid in self.children.values():
            kill_group(pid)

    def _fork_some(self) -> None:
        missing = self._missing()
        # Hooks run before each fork, right before it.
        at_once = 1 if self.ahead and worker_hooks.of("before_fork") else missing
        began, before = time.monotonic(), len(self._newborn)
        try:
            for _ in range(0, missing, at_once or 1):
                if len(self.children) >= CALM.enough and time.monotonic() - began > DEAF:
                    # A hook takes long all at once.
                    break
                if self.ahead:
                    worker_hooks.run("before_fork")
                self._fork(at_once)
        except Exception as error:
            if not self._newborn:
                self._barren = True
                self._keeper.send(text_frame("barren", str(error)))
            # Else these will do for now.
        self._ordered = self._ordered and not self._newborn
        self._forked = len(self._newborn) - before
        self._seconds_each = (time.monotonic() - began) / max(1, self._forked)

    def _missing(self) -> int:
        """How many more children there shall be, now that they are few."""
        if self._barren:
            return 0
        if not self.ahead:
            return int(self._ordered)
        before, self._few_at = self._few_at, time.monotonic()
        quickly = self._few_at - before < QUICKLY * self._forked
        soon = self._seconds_each * (BUSY.enough - BUSY.few) < DEAF
        self._level = BUSY if quickly and soon else CALM
        return max(int(self._ordered), self._level.enough - len(self.children))

    def _fork(self, count: int) -> None:
        """Have so many more children.

        :raises Exception: there can be none, or not so many.
        """
        pairs = _pairs(count)
        pids: list[int] = []
        trouble: list[Exception] = []
        try:
            self._fork_each(pairs, pids)
        except Exception as error:
            trouble.append(error)
        for keepers, theirs in pairs:
            # Closed here, so that the child's is the only one of its end.
            theirs.close()
            if not (pids and self._welcome(pids.pop(0), keepers, trouble)):
                keepers.close()
        if trouble:
            raise trouble[0]

    def _fork_each(self, pairs: list[Pair], pids: list[int]) -> None:
        """Fork a child for each pair, and note its pid.

        What this process writes to between two forks is copied for each of them. So all is made before
        the first, and what else is to be done is done after the last.
        """
        earlier = [*map(SocketType.fileno, self._newborn.values())]
        births = [([*earlier, *_others(pairs, theirs)], theirs) for _, theirs in pairs]
        # Looked up here: what is done for the first time costs a child more.
        fork, be_child, note = os.fork, self._be_child, pids.append
        for not_its_own, theirs in births:
            pid = fork()
            if pid == 0:
                be_child(not_its_own, theirs)
            note(pid)

    def _let_go_of_the_newborn(self) -> None:
        """Their keeper's ends are the keeper's now."""
        for keepers in self._newborn.values():
            keepers.close()
        self._newborn = {}

    def _welcome(self, pid: int, keepers: SocketType, trouble: list[Exception]) -> bool:
        try:
            ending = open_ending(pid)
        except OSError as error:
            # Nobody would tell us of its end.
            kill_group(pid)
            collect(pid)
            trouble.append(error)
            return False
        if ending is None:
            self.children[-pid] = pid
        else:
            self.children[ending] = pid
            self._poll.register(ending, select.POLLIN)
        self._newborn[pid] = keepers
        return True


def _pairs(count: int) -> list[Pair]:
    """The keeper's end and the child's for so many children, or for as many as can be had.

    :raises OSError: for none.
    """
    pairs: list[Pair] = []
    try:
        while len(pairs) < count:
            pairs.append(socket_pair())
            limit_wait(pairs[-1][1], HURRY)
    except OSError:
        if not pairs:
            raise
    return pairs


def _others(pairs: list[Pair], child: SocketType) -> list[int]:
    """The descriptors of these pairs that are not this child's."""
    return [end.fileno() for pair in pairs for end in pair if end is not child]
