"""The job that is being performed here, if any."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from resque_core.job import Job

_current: ContextVar[Job | None] = ContextVar("resque_current_job", default=None)


def current_job() -> Job | None:
    """The job that this code runs in: its id, queue, arguments. None outside of a job."""
    return _current.get()


@contextmanager
def performing(job: Job) -> Iterator[None]:
    """Make `job` the current one; afterwards the one before is current again."""
    token = _current.set(job)
    try:
        yield
    finally:
        _current.reset(token)
