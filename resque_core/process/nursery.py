"""`Nursery`: forks job children ahead of need, hands them to the keeper, and collects each at its end."""

import math
import os
import select
import time
from collections.abc import Callable, Sequence
from socket import SocketType
from typing import NoReturn

from resque_core.process.births import BirthChannel
from resque_core.process.endings import collect, has_ended, kill_group, open_ending
from resque_core.process.frames import socket_pair, text_frame
from resque_core.worker_hooks import worker_hooks

#: Children that are there while jobs come now and then: one that runs a job, and two that stand by.
KEPT = 3
#: When there are so few, others are forked: the one that runs a job, and one for the next.
FEW = 2
#: Children that are there at most where they are used up quickly. They are forked several at a time: what is
#: copied for the first fork serves the next, and each process is woken once for all of them (ADR 0027).
MOST = 5
#: Seconds. Where they are few again within that, they are used up quickly.
QUICKLY = 0.05
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
        self._few_at = -math.inf
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
        if self._ordered or (self.ahead and len(self.children) <= FEW):
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
            self._keeper.send_sockets(self._newborn.values(), born, *frames)
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
        before, self._few_at = self._few_at, time.monotonic()
        quickly = self._few_at - before < QUICKLY
        while (self._ordered or len(self.children) < self._enough(quickly)) and not self._barren:
            try:
                if self.ahead:
                    worker_hooks.run("before_fork")
                self._fork()
                self._ordered = False
            except Exception as error:
                if self._newborn:
                    # These will do for now.
                    break
                self._barren = True
                self._keeper.send(text_frame("barren", str(error)))

    def _enough(self, quickly: bool) -> int:
        """How many children there shall be, now that they are few."""
        if not self.ahead:
            return 0
        # Not several where that takes long, as with a slow `before_fork` hook: meanwhile we hear nobody.
        return MOST if quickly and time.monotonic() - self._few_at < QUICKLY else KEPT

    def _fork(self) -> None:
        # Looked up here: what is done for the first time costs a child more.
        be_child = self._be_child
        keepers, theirs = socket_pair()
        # Those of the newborn who are not handed over yet, too. Asked for before the fork: it costs no child.
        not_its_own = [*map(SocketType.fileno, self._newborn.values()), keepers.fileno()]
        try:
            pid = os.fork()
            if pid == 0:
                be_child(not_its_own, theirs)
            self._welcome(pid)
            self._newborn[pid] = keepers
        except BaseException:
            keepers.close()
            raise
        finally:
            # Closed here, so that the child's is the only one of its end.
            theirs.close()

    def _let_go_of_the_newborn(self) -> None:
        """Their keeper's ends are the keeper's now."""
        for keepers in self._newborn.values():
            keepers.close()
        self._newborn = {}

    def _welcome(self, pid: int) -> None:
        try:
            ending = open_ending(pid)
        except OSError:
            # Nobody would tell us of its end.
            kill_group(pid)
            collect(pid)
            raise
        if ending is None:
            self.children[-pid] = pid
        else:
            self.children[ending] = pid
            self._poll.register(ending, select.POLLIN)
