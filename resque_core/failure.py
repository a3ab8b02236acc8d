"""`Failure`: what is kept of a job that ended badly, and `FailureFilter`: which of them are meant."""

import re
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """A job in the failed store, with the reason. The payload is kept byte for byte."""

    #: Stable id of this failure (`failure_id` upstream), not of the job.
    id: str
    #: Id of the job that failed; a retry goes on under it.
    job_id: str
    queue: str
    #: Wire name of the job; empty when the payload could not be decoded.
    name: str
    payload: bytes
    #: The exception's name: `ValueError`, `app.errors.Refused`, `DirtyExit`.
    exception: str
    #: Its message; never empty.
    error: str
    backtrace: tuple[str, ...] = ()
    #: Id of the worker that ran it.
    worker: str = ""
    #: When it failed, by the clock of the process that noticed.
    failed_at: datetime
    #: When it was put back on a queue, for entries that were kept (ruling 15); else None.
    retried_at: datetime | None = None
    #: Whether it was in a list of its queue's own, as Ruby's redis_multi_queue has; only Redis has such.
    apart: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class FailureFilter:
    """Which failures are meant: all that match every field that is set."""

    #: Exception name, in full (`app.errors.Refused`) or its last part (`Refused`).
    exception: str | None = None
    #: Wire name of the job.
    name: str | None = None
    queue: str | None = None
    #: Id of the worker that ran it, or the name of the machine that it ran on.
    worker: str | None = None
    #: Failed at or after this moment.
    since: datetime | None = None
    #: Failed at or before this moment.
    until: datetime | None = None
    #: Only those already retried (True), or only those not (False).
    retried: bool | None = None

    def matches(self, failure: Failure) -> bool:
        """Whether this failure is meant."""
        return (
            _is_named(failure.exception, self.exception)
            and self.name in (None, failure.name)
            and self.queue in (None, failure.queue)
            and self.worker in (None, failure.worker, host_of(failure.worker))
            and (self.since is None or failure.failed_at >= self.since)
            and (self.until is None or failure.failed_at <= self.until)
            and self.retried in (None, failure.retried_at is not None)
        )


def host_of(worker: str) -> str:
    """The machine that a worker's id names: `HOST+NONCE:PID:QUEUES`, or Ruby's `HOST:PID:QUEUES`."""
    return re.split("[+:]", worker, maxsplit=1)[0]


def _is_named(exception: str, name: str | None) -> bool:
    # Without a dot (or Ruby's `::`) it can be the last part of a name, otherwise only the whole.
    last_part = exception.replace("::", ".").rpartition(".")[2]
    return name is None or exception == name or last_part == name


EVERY_FAILURE = FailureFilter()
