"""`InlineRunner`: performs jobs in the worker's own process (`--no-fork`), while a thread beats."""

import threading
from collections import deque
from collections.abc import Callable

from resque_core.codec import decode_job
from resque_core.failing import describe
from resque_core.outcome import Ended, Problem
from resque_core.performer import Performer
from resque_core.records import Reservation
from resque_core.registry import registry


class InlineRunner:
    """The declared exception to the process model: one process, no isolation, least overhead.

    A job cannot be ended from outside: a worker that is stopped lets it finish, and only the end
    of the whole process (SIGKILL) makes a sweep take it back.
    """

    def __init__(self, beat: Callable[[], None], period: float) -> None:
        self._beat = beat
        self._period = period
        self._performer = Performer(registry)
        self._ends: deque[Ended] = deque()

    def start(self, reservation: Reservation) -> None:
        """Perform the job; returns when it has ended."""
        over = threading.Event()
        beating = threading.Thread(target=self._keep_beating, args=(over,), daemon=True)
        beating.start()
        try:
            problem = self._perform(reservation)
        finally:
            over.set()
            beating.join()
        self._ends.append(Ended(reservation.token, problem))

    def ended(self) -> Ended | None:
        """The next end of a job that was not told yet."""
        return self._ends.popleft() if self._ends else None

    def kill(self) -> None:
        """Nothing: a job that runs in this process has ended before anybody could ask."""

    @property
    def dead(self) -> str | None:
        """Never: this process runs the jobs."""
        return None

    def _perform(self, reservation: Reservation) -> Problem | None:
        try:
            self._performer.perform(decode_job(reservation.entry))
        except BaseException as error:
            return describe(error)
        return None

    def _keep_beating(self, over: threading.Event) -> None:
        while not over.wait(self._period):
            self._beat()
