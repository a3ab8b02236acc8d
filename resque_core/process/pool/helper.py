"""`StoreHelper`: the process through which a pool's manager reaches the store: it forks, and so opens none.

It reports what it is given, and brings what the pool was told. It ends when the manager does.
"""

import contextlib
import logging
import selectors
import signal
import socket
import time
from collections.abc import Callable, Iterable, Sequence
from functools import partial

from resque_core.client import Resque
from resque_core.errors import StorageError
from resque_core.process.frames import (
    Channel,
    ChannelBroken,
    ChannelClosed,
    Frame,
    channel_pair,
    text_frame,
)
from resque_core.process.pool.apart import fork_apart
from resque_core.process.pool.titles import show_helper
from resque_core.records import PoolCommand
from resque_core.timers import Every

log = logging.getLogger("resque.pool")

#: Seconds between two reports, and after which a pool that was not heard of is forgotten.
PERIOD, LEASE = 1.0, 30.0
#: Seconds between two forks of a helper.
BETWEEN_FORKS = 2.0
#: Seconds that a manager which ends gives its helper to take the pool out of the store.
FAREWELL = 2.0


class StoreHelper:
    """The manager's hold on its helper. Nothing here waits for the store, except `part` for a moment."""

    def __init__(
        self,
        resque: Resque,
        pool_id: str,
        selector: selectors.BaseSelector,
        let_go: Callable[[], None],
        taken: Iterable[signal.Signals],
    ) -> None:
        self._resque, self._pool_id = resque, pool_id
        self._selector, self._let_go, self._taken = selector, let_go, tuple(taken)
        self._channel: Channel | None = None
        self._waiting = False
        self._report, self._fork = Every(PERIOD), Every(BETWEEN_FORKS)
        self._heard = 0
        self._complaint = ""

    def start(self) -> None:
        """Fork it, if there is none, and none was forked just now."""
        if self._channel is not None or not self._fork.due():
            return
        self._fork.restart()
        ours, theirs = channel_pair()
        try:
            fork_apart(partial(self._become, ours, theirs), self._taken)
        except OSError as error:
            log.warning("No process could be forked that reaches the store: %s", error)
            ours.close()
        else:
            self._channel, self._waiting = ours, False
            self._selector.register(ours, selectors.EVENT_READ)
            self._report.now()
        finally:
            theirs.close()

    def tend(self, describe: Callable[[], str]) -> list[str]:
        """Report when it is time, and return what the pool was told since the last call."""
        try:
            self.start()
            told = self._receive()
            self._post(describe)
        except (ChannelClosed, ChannelBroken) as error:
            log.warning("The pool's helper, which reaches the store, is gone: %s", error)
            self._close()
            return []
        return told

    def let_go(self) -> None:
        """In a forked process. By the end of this the helper sees that its manager is gone."""
        if self._channel is not None:
            self._channel.close()

    def part(self) -> None:
        """End it, and give it a moment to take the pool out of the store."""
        channel = self._channel
        if channel is None:
            return
        with contextlib.suppress(OSError, ChannelClosed, ChannelBroken):
            channel.sock.shutdown(socket.SHUT_WR)
            limit = time.monotonic() + FAREWELL
            while (left := limit - time.monotonic()) > 0:
                channel.sock.settimeout(left)
                channel.receive()
        self._close()

    def _close(self) -> None:
        channel, self._channel = self._channel, None
        if channel is not None:
            self._selector.unregister(channel)
            channel.close()

    def _become(self, ours: Channel, theirs: Channel) -> None:
        ours.close()
        self._let_go()
        help_manager(theirs, self._resque, self._pool_id)

    def _receive(self) -> list[str]:
        told: list[str] = []
        while self._channel is not None and (frame := self._channel.poll()) is not None:
            self._waiting = False
            told += self._unheard(frame)
        return told

    def _unheard(self, frame: Frame) -> list[str]:
        texts = frame.texts()
        self._complain(texts[0] if frame.kind == "failed" else "")
        if frame.kind == "failed":
            return []
        commands = [PoolCommand(int(texts[at]), texts[at + 1]) for at in range(0, len(texts), 2)]
        fresh = [command for command in commands if command.number > self._heard]
        if fresh:
            self._heard = fresh[-1].number
            self._report.now()
        return [command.text for command in fresh]

    def _complain(self, complaint: str) -> None:
        if complaint and not self._complaint:
            log.warning("The store does not hear of this pool, which goes on: %s", complaint)
        elif self._complaint and not complaint:
            log.info("The store hears of this pool again.")
        self._complaint = complaint

    def _post(self, describe: Callable[[], str]) -> None:
        if self._channel is None:
            return
        if self._waiting:
            self._channel.flush()
        elif self._report.due():
            self._report.restart()
            self._waiting = True
            self._channel.post(text_frame("report", describe(), str(self._heard)))


def help_manager(channel: Channel, resque: Resque, pool_id: str) -> None:
    """Carry reports to the store and commands back until the manager is gone; then withdraw."""
    show_helper(pool_id)
    with contextlib.suppress(ChannelClosed, ChannelBroken):
        while True:
            about, heard = channel.receive().texts()
            channel.send(_tell_store(resque, pool_id, about, int(heard)))
    with contextlib.suppress(StorageError):
        resque.storage.pools.withdraw(pool_id)


def _tell_store(resque: Resque, pool_id: str, about: str, heard: int) -> Frame:
    try:
        commands = resque.storage.pools.report(pool_id, about, LEASE, heard)
    except StorageError as error:
        return text_frame("failed", str(error))
    return text_frame("commands", *_parts(commands))


def _parts(commands: Sequence[PoolCommand]) -> list[str]:
    return [part for command in commands for part in (str(command.number), command.text)]
