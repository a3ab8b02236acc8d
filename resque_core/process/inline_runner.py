"""`InlineRunner`: performs jobs in the worker's own process (`--no-fork`), while a thread beats."""

import math
import os
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import replace

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
from resque_core.tracker import Tracker
from resque_core.worker_hooks import WorkerHookKind


def _write_nothing(_word: str) -> None:
    pass


class InlineRunner:
    """The declared exception to the process model: one process, no isolation, least overhead.

    A job cannot be ended from outside: a worker that is stopped lets it finish, and only the end
    of the whole process (SIGKILL) makes a sweep take it back.
    """

    def __init__(
        self, beat: Callable[[], None], period: float, write: Callable[[str], None] = _write_nothing
    ) -> None:
        self._beat = beat
        self._write = write
        self._asked = False
        self._period = period
        self._performer = Performer(registry)
        self._ends: deque[Ended] = deque()
        # Held by the thread while it beats, so that a job's end waits for a beat to be over.
        self._beating = threading.Lock()
        self._busy = False
        self._over = threading.Event()
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
        self._over.set()
        self._thread.join()

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

    def _keep_beating(self) -> None:
        # One thread for all jobs: starting one costs more than a short job. Between jobs the loop beats.
        while not self._over.wait(self._period):
            with self._beating:
                if self._busy:
                    self._beat()
