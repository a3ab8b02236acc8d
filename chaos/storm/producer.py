"""`Producer`: enqueues numbered jobs of every kind, and keeps account of what it was told."""

import threading
import time
from collections.abc import Callable

from resque_core import Resque, StorageError
from storm.crew import NAMESPACE
from storm.stage import Stage

QUEUE = "storm"
#: So many jobs wait at most, so that the storm goes on among them for as long as it lasts.
MOST_WAITING = 150
PADDING = "x" * 100_000
#: Seconds until every tenth job may run.
DELAY = 0.5


def kind_of(number: int) -> str:
    """What the job with this number does. Poison is rare: each takes several workers with it."""
    if number % 400 == 21:
        return "poison"
    return {7: "fail", 13: "vanish", 33: "payload"}.get(number % 100, "run")


class Producer(threading.Thread):
    """Enqueues until there are enough jobs, and as many as the storm's progress asks for."""

    def __init__(self, stage: Stage, jobs: int, progress: Callable[[], float]) -> None:
        super().__init__(name="producer", daemon=True)
        self._stage = stage
        self._jobs = jobs
        self._progress = progress
        self._enough = threading.Event()
        #: Numbers that the store said it has.
        self.accepted: set[int] = set()
        #: Numbers of which nobody was told whether the store has them.
        self.unanswered: set[int] = set()
        #: Bytes that are no job, put on the queue by a stranger.
        self.payloads: set[bytes] = set()

    def run(self) -> None:
        """One number after the other, none twice."""
        with Resque(self._stage.url, namespace=NAMESPACE) as resque:
            number = 0
            while number < self._jobs and not self._enough.is_set():
                if number > self._jobs * self._progress() or not self._has_room(resque):
                    self._enough.wait(0.05)
                    continue
                number += 1
                self._put(resque, number)

    def stop(self) -> None:
        """End, and wait for the last answer."""
        self._enough.set()
        self.join(120)
        if self.is_alive():
            raise RuntimeError("The producer got no answer for two minutes.")

    def _has_room(self, resque: Resque) -> bool:
        try:
            return resque.size(QUEUE) < MOST_WAITING
        except StorageError:
            return False

    def _put(self, resque: Resque, number: int) -> None:
        kind = kind_of(number)
        if kind == "payload":
            self._put_payload(b"{no job %d" % number)
            return
        more = (PADDING,) if number % 50 == 2 else ()
        try:
            if number % 10 == 5:
                resque.enqueue_in_to(QUEUE, DELAY, f"storm_jobs.{kind}", number, *more)
            else:
                resque.enqueue_to(QUEUE, f"storm_jobs.{kind}", number, *more)
            self.accepted.add(number)
        except StorageError:
            self.unanswered.add(number)

    def _put_payload(self, payload: bytes) -> None:
        # Until it is there: who puts it has no id by which a second one would be known.
        while not self._enough.is_set():
            try:
                self._stage.poison(QUEUE, payload)
            except Exception:
                time.sleep(0.2)
            else:
                self.payloads.add(payload)
                return
