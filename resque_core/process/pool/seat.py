"""`Seat`: one live worker of a pool, as its manager sees it."""

import contextlib
import os
import signal
import time
from dataclasses import dataclass, field

#: What a worker writes into its pipe: it is in the store's register, or simply that its loop goes round.
REGISTERED, PULSE = b"r", b"."
_ENOUGH = 4096


@dataclass(slots=True)
class Seat:
    """A worker's process, and the end of the pipe on which its loop shows that it goes round."""

    group: str
    pid: int
    pulses: int
    born: float = field(default_factory=time.monotonic)
    heard_at: float = field(default_factory=time.monotonic)
    registered: bool = False
    #: The last thing that it was told in order to end; None while it is to go on.
    told: signal.Signals | None = None
    told_at: float = 0.0
    #: Whether it was told because it is too old or too large: then it does not have for ever.
    retiring: bool = False
    #: What it is sent once it is there: before, such a signal would end it.
    later: list[signal.Signals] = field(default_factory=list)

    @property
    def lived(self) -> float:
        """Seconds since it was forked."""
        return time.monotonic() - self.born

    @property
    def silent(self) -> float:
        """Seconds since its loop went round."""
        return time.monotonic() - self.heard_at

    def fileno(self) -> int:
        """Readable once the worker has shown something, or has ended."""
        return self.pulses

    def listen(self) -> bool:
        """Take note of what the worker has shown; False once there is nobody to hear any more."""
        try:
            heard = os.read(self.pulses, _ENOUGH)
        except BlockingIOError:
            return True
        if heard:
            self.heard_at = time.monotonic()
            self.registered = self.registered or REGISTERED in heard
            self._send_what_waits()
        return bool(heard)

    def tell(self, number: signal.Signals) -> None:
        """Send a signal that asks it to end, once: a worker counts its ctrl-c's."""
        if self.told != number:
            self.told, self.told_at = number, time.monotonic()
            self.send(number)

    def steer(self, number: signal.Signals) -> None:
        """Pass a signal on that is not meant to end it, as soon as it listens to that."""
        self.later.append(number)
        self._send_what_waits()

    def _send_what_waits(self) -> None:
        while self.registered and self.later:
            self.send(self.later.pop(0))

    def send(self, number: signal.Signals) -> None:
        """Send it a signal, if it is still there."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, number)
