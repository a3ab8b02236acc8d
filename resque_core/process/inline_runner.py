"""`InlineRunner`: performs jobs in the worker's own process (`--no-fork`), while a thread beats."""

import math
import os
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import replace

from resque_core.bundle import PATIENCE
from resque_core.codec import decode_job
from resque_core.errors import JobCancelled
from resque_core.failure import Failure
from resque_core.failures.telling import tell_in_thread
from resque_core.outcome import Ended
from resque_core.performer import Performer
from resque_core.process.hook_running import run_logged
from resque_core.process.interrupts import Reason
from resque_core.process.title import processing, set_title
from resque_core.records import Reservation, WorkerInfo
from resque_core.registry import registry
from resque_core.timers import Every
from resque_core.tracker import Tracker
from resque_core.worker_hooks import WorkerHookKind

#: How often the thread looks in vain before it sleeps: waking it costs more than a short job.
LOOKS = 3


def _write_nothing(_word: str) -> None:
    pass


def _share_nothing() -> float:
    return math.inf


class InlineRunner:
    """The declared exception to the process model: one process, no isolation, least overhead.

    A job cannot be ended from outside: a worker that is stopped lets it finish, and only the end
    of the whole process (SIGKILL) makes a sweep take it back.
    """

    def __init__(
        self,
        beat: Callable[[], None],
        period: float,
        write: Callable[[str], None] = _write_nothing,
        share: Callable[[], float] = _share_nothing,
    ) -> None:
        self._beat = beat
        self._write = write
        #: Puts back what waits too long behind a job; says in how many seconds it is to be called again.
        self._share = share
        self._asked = False
        self._period = period
        self._performer = Performer(registry)
        self._ends: deque[Ended] = deque()
        # Held by the thread while it beats, so that a job's end waits for a beat to be over.
        self._beating = threading.Lock()
        self._busy = False
        #: How many more looks at what waits behind a job the thread makes, before it sleeps until a beat.
        self._looks = 0
        self._over = False
        self._wake = threading.Event()
        self._thread = threading.Thread(target=self._keep_beating, name="resque-heartbeat", daemon=True)
        self._thread.start()

    def start(self, reservation: Reservation) -> None:
        """Perform the job; returns when it has ended."""
        pid, began = os.getpid(), time.monotonic()
        self._asked = False
        self._be_busy(True)
        try:
            ended = self._perform(reservation)
        finally:
            if os.getpid() != pid:
                # A process that the job forked and let fall through to here is not this worker.
                os._exit(0)
            self._be_busy(False)
        self._ends.append(replace(ended, seconds=time.monotonic() - began))

    def report(self, failure: Failure) -> None:
        """Tell the failure backends of what the store has now, and wait for them, within their cap."""
        tell_in_thread(failure)

    def close(self) -> None:
        """End the thread."""
        self._over = True
        self._wake.set()
        self._thread.join()

    def listen(self) -> None:
        """Nothing: nobody else says anything."""

    def ended(self) -> Ended | None:
        """The next end of a job that was not told yet."""
        return self._ends.popleft() if self._ends else None

    def limit(self) -> float | None:
        """Never: a worker whose jobs have time limits does not begin here."""
        return None

    def word(self) -> str | None:
        """Never: each word was written when it was said."""
        return None

    def interrupt(self, reason: Reason, limit: float | None = None) -> None:  # noqa: ARG002
        """Nothing, as `kill`; but a job that was cancelled can see that."""
        self._asked = self._asked or reason in ("ask", "cancel")

    def fail(self, limit: float | None = None) -> bool:  # noqa: ARG002
        """Nothing, as `kill`."""
        return True

    def kill(self) -> None:
        """Nothing: a job that runs in this process has ended before anybody could ask."""

    @property
    def dead(self) -> str | None:
        """Never: this process runs the jobs."""
        return None

    def run_hooks(self, kind: WorkerHookKind, worker: WorkerInfo | None = None) -> None:
        """Run them here. What they raise is logged."""
        run_logged(kind, worker)

    @property
    def keeps(self) -> int | None:
        """None: the code is in this process."""
        return None

    @property
    def forks_ahead(self) -> bool:
        """No: nothing is forked here."""
        return False

    @property
    def pid(self) -> int | None:
        """None: the job is performed in this process."""
        return None

    def left(self) -> float:
        """Infinite: nothing here has a deadline."""
        return math.inf

    def _perform(self, reservation: Reservation) -> Ended:
        job, token = None, reservation.token
        try:
            job = decode_job(reservation.entry)
            set_title(processing(job))
            tracker = Tracker(job, self._write, lambda: self._asked)
            self._performer.perform(job, tracker)
        except JobCancelled:
            return Ended(token, name=job.name if job else "", cancelled=True)
        except BaseException as error:
            problem, again = self._performer.verdict(job, error, wanted=not self._asked)
            return Ended(token, problem, name=job.name if job else "", again=again)
        return Ended(token, name=job.name, result=tracker.result)

    def _be_busy(self, busy: bool) -> None:
        with self._beating:
            self._busy = busy
            if busy and not self._looks and self._share() < math.inf:
                self._looks = LOOKS
                self._wake.set()

    def _keep_beating(self) -> None:
        # One thread for all jobs: starting one costs more than a short job. Between jobs the loop beats.
        beat, left = Every(self._period), math.inf
        beat.restart()
        while not self._over:
            self._wake.wait(min(beat.left(), left))
            self._wake.clear()
            left = self._look(beat)

    def _look(self, beat: Every) -> float:
        """Do what is due while a job runs. In how many seconds there may be more to do, but for the beat."""
        with self._beating:
            left = self._look_behind()
            if beat.due():
                beat.restart()
                if self._busy:
                    self._beat()
        return left

    def _look_behind(self) -> float:
        """Put back what waits too long. Between two jobs, which pass quickly, the next look tells more."""
        if not self._busy:
            self._looks = max(0, self._looks - 1)
            return PATIENCE if self._looks else math.inf
        left = self._share()
        self._looks = LOOKS if left < math.inf else 0
        return left
