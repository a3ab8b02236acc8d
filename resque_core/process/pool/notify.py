"""Tells systemd how the pool is (sd_notify): lines to the socket that NOTIFY_SOCKET names."""

import contextlib
import os
import socket
from collections.abc import Mapping

from resque_core.timers import Every

#: Seconds for which a message waits for room in its queue.
PATIENCE = 1.0
_MICROSECONDS = 1_000_000


class Notifier:
    """Sends states such as `READY=1` to systemd, and keeps its watchdog quiet; without systemd, nothing."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._address = _address(environ.get("NOTIFY_SOCKET", ""))
        self.watchdog = Every(_half_of_watchdog(environ))

    def tell(self, *states: str, patience: float = PATIENCE) -> None:
        """Send these lines as one message, which is lost when its queue is full for `patience` seconds.

        A manager of services that is away, or does not read, is no reason to end or to stand still.
        """
        if not self._address:
            return
        with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
            sender.settimeout(patience)
            sender.connect(self._address)
            sender.send("\n".join(states).encode())

    def keep_alive(self) -> None:
        """Tell the watchdog that the loop goes round, as often as it wants to hear that."""
        if self.watchdog.due():
            self.watchdog.restart()
            self.tell("WATCHDOG=1", patience=0)


def _address(text: str) -> str:
    # An @ stands for the zero byte that an abstract socket's name begins with.
    return "\0" + text[1:] if text.startswith("@") else text


def _half_of_watchdog(environ: Mapping[str, str]) -> float:
    """Half of systemd's patience in seconds, as sd_watchdog_enabled(3) advises; infinite without it."""
    wanted = environ.get("WATCHDOG_USEC", "")
    meant = environ.get("WATCHDOG_PID", str(os.getpid()))
    if not wanted.isdecimal() or int(wanted) == 0 or meant != str(os.getpid()):
        return float("inf")
    return int(wanted) / _MICROSECONDS / 2
