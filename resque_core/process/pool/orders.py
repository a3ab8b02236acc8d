"""`Orders`: signals that a pool's manager has not answered yet; the same counts once, where it came last."""

import signal
from collections.abc import Callable, Iterable, Mapping


class Orders:
    """Signals in the order in which they came. resque-pool kept five and dropped the rest (spec pool §5)."""

    def __init__(self, numbers: Iterable[signal.Signals]) -> None:
        self._numbers = tuple(numbers)
        self._noted: dict[signal.Signals, None] = {}

    def actions(self) -> Mapping[signal.Signals, Callable[[], None]]:
        """What `Signals` is to do on each: note it."""
        return {number: self._noting(number) for number in self._numbers}

    def next(self) -> signal.Signals | None:
        """The oldest one that is not answered yet; None when all are."""
        number = next(iter(self._noted), None)
        if number is not None:
            del self._noted[number]
        return number

    def _noting(self, number: signal.Signals) -> Callable[[], None]:
        def note() -> None:
            # USR2, CONT, USR2 ends with a pause.
            self._noted.pop(number, None)
            self._noted[number] = None

        return note
