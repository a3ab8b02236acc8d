"""A worker that is sent a signal, and then a job, at a moment of its loop that nobody outside could hit."""

import logging
import os
import select
import sys
from collections.abc import Callable, Sequence
from typing import Any

from resque_core import Resque, Worker
from resque_core.idle_wait import IdleWait
from resque_core.records import Idle, Lost, Reservation

#: A worker that only polled would not look again within the patience of these tests.
FOR_EVER = 3600.0


class HeardLater(IdleWait):
    """Its worker's first wait ends at once; then its store wakes it, by what `act` does after that wait."""

    def __init__(
        self, open_waker: Callable[[], Any], end_wait: Callable[[], None], act: Callable[[], None]
    ) -> None:
        super().__init__(open_waker)
        self._end_wait = end_wait
        self._act: Callable[[], None] | None = act

    def begin(self, queues: Sequence[str], seconds: float, *, discover: bool) -> None:
        super().begin(queues, seconds, discover=discover)
        self._end_wait()

    def woken(self) -> bool:
        act, self._act = self._act, None
        if act is None:
            return super().woken()
        act()
        while not super().woken():
            descriptor = self.fileno()
            select.select([descriptor] if descriptor >= 0 else [], [], [], min(1.0, self.left()))
        return True


class HeardWhileAsking(Worker):
    """Its first wish for a job comes to the store right after `act`."""

    act: Callable[[], None] | None = None

    def reserve(self) -> Reservation | Idle | Lost:
        act, self.act = self.act, None
        if act:
            act()
        return super().reserve()


def work(url: str, moment: str, number: int, options: dict[str, Any]) -> None:
    """Work, and exit as the worker does. `moment`: "woken" or "asking"."""
    logging.basicConfig(level="INFO", stream=sys.stderr)

    def send_then_enqueue() -> None:
        os.kill(os.getpid(), number)
        with Resque(url) as another:
            another.enqueue_to("shop", "storeroom.pack", 1)

    worker = HeardWhileAsking(
        Resque(url),
        "shop",
        require=["storeroom"],
        interval=FOR_EVER,
        lease=FOR_EVER,
        sweep=FOR_EVER,
        **options,
    )
    if moment == "woken":
        worker._idle_wait = HeardLater(
            lambda: worker.resque.storage.waker(), worker._signals.wake, send_then_enqueue
        )
    else:
        worker.act = send_then_enqueue
    sys.exit(worker.work())
