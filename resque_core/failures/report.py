"""`Report`: what a failure backend is told of a failed job; `FailureBackend`: what takes one."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from resque_core.codec import decode_leniently
from resque_core.failure import Failure
from resque_core.job import Entry
from resque_core.redaction import redacted_arguments
from resque_core.registry import registry


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """A failed job, fit to leave this process: its arguments are redacted."""

    failure_id: str
    job_id: str
    queue: str
    #: The job's name; of a Rails ActiveJob, the class that it wraps. Empty if it was no job.
    name: str
    args: list[Any]
    kwargs: dict[str, Any]
    exception: str
    error: str
    backtrace: tuple[str, ...]
    worker: str
    failed_at: datetime


class FailureBackend(Protocol):
    """Takes reports of failed jobs. What it raises is logged and has no other effect."""

    def save(self, report: Report) -> None:
        """Tell of the failed job. After 5 seconds, it is ended."""
        ...


def report_of(failure: Failure) -> Report:
    """The report of a failure that the store has."""
    job = decode_leniently(Entry(failure.job_id, failure.queue, failure.payload))
    args, kwargs = redacted_arguments(job, registry.get(job.name))
    return Report(
        failure_id=failure.id,
        job_id=failure.job_id,
        queue=failure.queue,
        name=job.shown_name,
        args=args,
        kwargs=kwargs,
        exception=failure.exception,
        error=failure.error,
        backtrace=failure.backtrace,
        worker=failure.worker,
        failed_at=failure.failed_at,
    )
