"""The job that is being performed here, if any."""

from contextvars import ContextVar

from resque_core.job import Job

_current: ContextVar[Job | None] = ContextVar("resque_current_job", default=None)


def current_job() -> Job | None:
    """The job that this code runs in: its id, queue, arguments. None outside of a job."""
    return _current.get()


class performing:  # noqa: N801 - used as a `with` block reads
    """Make a job the current one for the length of a block; afterwards the one before is current again."""

    __slots__ = ("_job", "_token")

    def __init__(self, job: Job) -> None:
        self._job = job

    def __enter__(self) -> None:
        self._token = _current.set(self._job)

    def __exit__(self, *_: object) -> None:
        _current.reset(self._token)
