"""`Runner`: how a worker runs one job, as its loop sees it."""

from typing import Literal, Protocol

from resque_core.failure import Failure
from resque_core.outcome import Ended
from resque_core.records import Reservation, WorkerInfo
from resque_core.worker_hooks import WorkerHookKind

#: Why a running job is interrupted.
Reason = Literal["stop", "kill", "timeout", "cancel", "ask"]


class Runner(Protocol):
    """How a worker runs one job: in a forked child, or right here."""

    def start(self, reservation: Reservation) -> None:
        """Begin to perform the job. What becomes of it is told by `ended`."""
        ...

    def listen(self) -> None:
        """Take down what was said meanwhile."""
        ...

    def ended(self) -> Ended | None:
        """The next end of a job that was not told yet."""
        ...

    def limit(self) -> float | None:
        """The time limit, in seconds, that the running job has named since it was last asked for."""
        ...

    def word(self) -> str | None:
        """What the running job has said of itself, as JSON, since it was last asked for."""
        ...

    def interrupt(self, reason: Reason, limit: float | None = None) -> None:
        """Raise TermException in the running job: it goes back, or fails. Past its `limit`: JobTimeout.

        `cancel`: JobCancelled. `ask`: nothing is raised, only that it is cancelled is made known to it.
        """
        ...

    def fail(self, limit: float | None = None) -> bool:
        """End the running job now, so that it fails: past its time limit, as JobTimeout; its `ended` follows.

        False: its process is gone.
        """
        ...

    def kill(self) -> None:
        """End the running job now, to hand it back or to drop it; its `ended` follows."""
        ...

    def report(self, failure: Failure) -> None:
        """The store has this failure now: tell the failure backends, if there are any."""
        ...

    def run_hooks(self, kind: WorkerHookKind, worker: WorkerInfo | None = None) -> None:
        """Have the worker hooks of this kind run, where the user's code is. Nobody waits for them."""
        ...

    @property
    def keeps(self) -> int | None:
        """The process that has the user's code loaded, if it is another one."""
        ...

    @property
    def forks_ahead(self) -> bool:
        """Whether children stand by before there are jobs for them."""
        ...

    @property
    def pid(self) -> int | None:
        """The process that performs the running job, if it is another one."""
        ...

    def left(self) -> float:
        """Seconds until the runner wants to be asked for an end, whatever happens; infinite for never."""
        ...

    @property
    def dead(self) -> str | None:
        """Why no job can run any more; None while all is well."""
        ...
