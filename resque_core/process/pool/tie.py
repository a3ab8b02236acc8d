"""`Tie`: between a process of a pool and its manager: each sees through it whether the other is there."""

import contextlib
import logging
import os
import time

log = logging.getLogger("resque.pool")

#: Seconds between two looks at the manager, at most.
LOOK = 1.0


class Tie:
    """In a process that the manager has just forked; `pulses` is its end of the pipe between them."""

    def __init__(self, pulses: int) -> None:
        self._pulses = pulses
        self._manager = os.getppid()
        self._shown_at = 0.0
        self._is_cut = False

    def show(self, what: bytes, *, at_once: bool = False) -> bool:
        """Show the manager something, unless that was done just now; False once it is known to be gone."""
        now = time.monotonic()
        if at_once or now - self._shown_at >= LOOK:
            self._shown_at = now
            with contextlib.suppress(BlockingIOError, BrokenPipeError):
                os.write(self._pulses, what)
            self._look()
        return not self._is_cut

    def close(self) -> None:
        """In a forked process, which is not tied to the manager."""
        os.close(self._pulses)

    def _look(self) -> None:
        if os.getppid() != self._manager and not self._is_cut:
            self._is_cut = True
            log.warning("The pool's manager %d is gone: this process ends after its job.", self._manager)
