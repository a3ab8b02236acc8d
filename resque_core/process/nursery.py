"""`Nursery`: forks job children ahead of need, hands them to the keeper, and collects each at its end."""

import os
import select
from collections.abc import Callable
from socket import SocketType
from typing import NoReturn

from resque_core.process.births import BirthChannel
from resque_core.process.endings import collect, has_ended, kill_group, open_ending
from resque_core.process.frames import Frame, socket_pair, text_frame
from resque_core.worker_hooks import worker_hooks

#: Children that are there at any time: one that runs a job, one that stands by for the next, and one on
#: its way into or out of life. A fourth is slower than the third, on two cores.
KEPT = 3


class Nursery:
    """The children of one app process.

    `be_child` is what a child does: it gets both ends of its connection and never returns. The keeper gets
    the first of them with the word that the child is born, gives it a job, and hears from it what became
    of that; from here the keeper hears only of its end.
    """

    def __init__(
        self, keeper: BirthChannel, poll: select.poll, be_child: Callable[[SocketType, SocketType], NoReturn]
    ) -> None:
        self._keeper = keeper
        self._poll = poll
        self._be_child = be_child
        self._barren = False
        #: How many children are there at any time, and how many were ordered besides.
        self.kept = KEPT
        self._ordered = 0
        #: What is to be told with the next word to the keeper: it is woken once for a death and a birth.
        self._untold: list[Frame] = []
        #: Pids by the descriptor that is readable at their end (or, without such, the pid's negative).
        self.children: dict[int, int] = {}

    def fork_ahead(self) -> None:
        """Have as many children as are kept, and tell the keeper, of those that were buried too.

        It is told why, once, when there can be no child.
        """
        while (len(self.children) < self.kept or self._ordered) and not self._barren:
            try:
                if self.kept:
                    worker_hooks.run("before_fork")
                self._fork()
                self._ordered = 0
            except Exception as error:
                self._barren = True
                self._untold.append(text_frame("barren", str(error)))
        if self._untold:
            self._keeper.send(*self._take_untold())

    def order(self) -> None:
        """Have one more child, for the job that waits."""
        self._ordered = 1

    def try_again(self) -> None:
        """The keeper needs a child: perhaps one can be forked by now."""
        self._barren = False

    def bury(self, ending: int) -> None:
        """Collect the child that ended, with all that it started; `fork_ahead` tells the keeper.

        Its group is ended while it is a zombie: until it is collected, nobody else has its number.
        """
        pid = self.children.pop(ending)
        kill_group(pid)
        status = collect(pid)
        if ending >= 0:
            self._poll.unregister(ending)
            os.close(ending)
        self._untold.append(text_frame("ended", str(pid), str(status)))

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

    def _fork(self) -> None:
        # Looked up here: what is done for the first time costs a child more.
        be_child = self._be_child
        keepers, theirs = socket_pair()
        try:
            pid = os.fork()
            if pid == 0:
                be_child(keepers, theirs)
            self._welcome(pid)
            self._keeper.send_socket(keepers, *self._take_untold(), text_frame("born", str(pid)))
        finally:
            # Closed here, so that the keeper's and the child's are the only ends.
            keepers.close()
            theirs.close()

    def _take_untold(self) -> list[Frame]:
        frames, self._untold = self._untold, []
        return frames

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
