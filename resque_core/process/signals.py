"""`Signals`: handlers that only note what came and wake the one wait; everything is done by the loop."""

import contextlib
import os
import signal
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from importlib import import_module
from types import FrameType, TracebackType
from typing import Any

#: What a terminal, a supervisor or an operator sends to a whole process group to end it.
ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGQUIT, signal.SIGHUP)

#: What an operator sends to one worker, or to its supervisor, which passes it on.
STEERING = (signal.SIGUSR1, signal.SIGUSR2, signal.SIGCONT)


class Signals:
    """While it is entered, each of `actions` is noted on its signal and run by `carry_out`.

    A handler alone does not interrupt a blocking call (PEP 475): it also makes `fileno()`
    readable, through the wakeup descriptor. Leaving restores what was there before.
    """

    def __init__(self, actions: Mapping[signal.Signals, Callable[[], None]]) -> None:
        self._actions = {int(number): action for number, action in actions.items()}
        self._noted: deque[int] = deque()
        self._before: dict[int, Any] = {}
        self._reader = self._writer = self._wakeup_before = -1

    def __enter__(self) -> "Signals":
        self._reader, self._writer = os.pipe()
        for end in (self._reader, self._writer):
            os.set_blocking(end, False)
        self._wakeup_before = signal.set_wakeup_fd(self._writer, warn_on_full_buffer=False)
        for number in self._actions:
            self._before[number] = signal.signal(number, self._note)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)
        signal.set_wakeup_fd(self._wakeup_before)
        self._close()

    @property
    def numbers(self) -> tuple[signal.Signals, ...]:
        """The signals that it handles."""
        return tuple(map(signal.Signals, self._actions))

    def fileno(self) -> int:
        """Readable once a signal has come."""
        return self._reader

    def detach(self) -> None:
        """In a forked child: let go of what wakes the parent. The handlers are the caller's business."""
        signal.set_wakeup_fd(-1)
        self._close()

    def wake(self) -> None:
        """End the present wait, if there is one, from any thread."""
        with contextlib.suppress(OSError):
            os.write(self._writer, b"\0")

    def carry_out(self) -> None:
        """Run the actions of all signals that came since the last call, in their order."""
        self._drain()
        self.carry_out_noted()

    def carry_out_noted(self) -> None:
        """The same between two waits, without a system call. After a signal, the next wait ends at once."""
        while self._noted:
            self._actions[self._noted.popleft()]()

    def _note(self, number: int, _frame: FrameType | None) -> None:
        self._noted.append(number)

    def _close(self) -> None:
        for end in (self._reader, self._writer):
            os.close(end)
        self._reader = self._writer = -1

    def _drain(self) -> None:
        try:
            while os.read(self._reader, 4096):
                pass
        except BlockingIOError:
            pass


#: `signal.signal` without its conversions to and from enumerations: what they touch, each child would copy.
_set_handler: Callable[[int, Any], Any] = import_module("_signal").signal
#: As plain numbers, for the same reason; that of SIGINT is Python's own.
_DEFAULT, _DEFAULTS = int(signal.SIG_DFL), {int(signal.SIGINT): signal.default_int_handler}


def reset_handlers(numbers: Iterable[int]) -> None:
    """Give these signals what a fresh Python program has; nothing wakes anybody any more."""
    signal.set_wakeup_fd(-1)
    for number in numbers:
        _set_handler(number, _DEFAULTS.get(number, _DEFAULT))


def unblock_all() -> None:
    """Let every signal through: a module may have blocked some when it was imported."""
    signal.pthread_sigmask(signal.SIG_SETMASK, ())


def foreign_handlers() -> tuple[int, ...]:
    """The signals that modules took when they were imported, other than those that Python itself takes."""
    return tuple(number for number in signal.valid_signals() if callable(_foreign(number)))


def _foreign(number: int) -> Any:
    handler = signal.getsignal(number)
    return None if handler is signal.default_int_handler or isinstance(handler, signal.Handlers) else handler


@contextlib.contextmanager
def held_back(numbers: Iterable[signal.Signals]) -> Iterator[None]:
    """Keep these signals waiting for the length of the block, for a fork within it."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, numbers)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
