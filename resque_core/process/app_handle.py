"""`AppHandle`: the keeper's hold on its app process: forks it, talks to it, ends it."""

import contextlib
import os
import signal
import time
from collections.abc import Callable

from resque_core.process.app_process import Birth, run_app_process
from resque_core.process.births import birth_channel_pair
from resque_core.process.endings import collect, has_ended
from resque_core.process.frames import MAX_RESULT
from resque_core.process.huge_pages import join_pages
from resque_core.process.streams import flush_streams


class AppHandle:
    """A forked app process.

    `patience` is how many seconds it may leave a message unread before it counts as dead: the
    process that beats must never wait for one that runs user code. `single`: each child gets one job.
    """

    def __init__(
        self, load: Callable[[], None], patience: float, close_in_child: Callable[[], None], *, single: bool
    ) -> None:
        self.channel, theirs = birth_channel_pair()
        self.channel.cap = MAX_RESULT
        self.channel.patience = patience
        read_end, self._lifeline = os.pipe()
        keeper = os.getpid()
        flush_streams()
        # Before it is shared: the app process would have to copy what it joins.
        join_pages()
        self.pid = os.fork()
        if self.pid == 0:
            close_in_child()
            self.channel.close()
            os.close(self._lifeline)
            run_app_process(Birth(keeper, read_end, theirs, load, single))
        os.close(read_end)
        theirs.close()

    def let_go(self, seconds: float) -> None:
        """Let it end by itself within so many seconds, or end it."""
        self.channel.close()
        limit = time.monotonic() + seconds
        while not has_ended(self.pid) and time.monotonic() < limit:
            time.sleep(0.005)
        self.end()

    def end(self) -> int:
        """End it now; its status. Its children go with it: each has asked to die with it."""
        self.channel.close()
        os.close(self._lifeline)
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)
        return collect(self.pid)
