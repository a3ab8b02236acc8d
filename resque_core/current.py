"""The job that is being performed here, if any."""

from contextvars import ContextVar
from dataclasses import dataclass, field, fields
from typing import Any

from resque_core.job import Job
from resque_core.tracker import Tracker

_current: ContextVar[Tracker | None] = ContextVar("resque_current_job", default=None)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CurrentJob(Job):
    """The job that this code runs in, and what it may say of itself."""

    _tracker: Tracker = field(repr=False, compare=False)

    def __eq__(self, other: object) -> bool:
        """Whether it is the same job, as a value."""
        return self._tracker.job == (other._tracker.job if isinstance(other, CurrentJob) else other)

    __hash__ = Job.__hash__

    def progress(self, n: float, total: float | None = None, message: str | None = None) -> None:
        """Say that `n` (of `total`) is done. It is kept if the job is tracked: `@job(track=True)`.

        At most two words a second go to the store; call it as often as you like.

        :raises JobCancelled: the job was cancelled meanwhile.
        :raises InvalidArguments: these are no numbers, or `meta` is not JSON.
        """
        self._tracker.progress(n, total, message)

    @property
    def meta(self) -> dict[str, Any]:
        """What else the job wants to be known: change it; it is told along with progress and end."""
        return self._tracker.meta

    @property
    def cancelled(self) -> bool:
        """Whether somebody cancelled it: for jobs that want to clean up and end by themselves."""
        return self._tracker.cancelled


def current_job() -> CurrentJob | None:
    """The job that this code runs in: its id, queue, arguments, and `progress`. None outside of a job."""
    tracker = _current.get()
    if tracker is None:
        return None
    said: dict[str, Any] = {part.name: getattr(tracker.job, part.name) for part in fields(Job)}
    return CurrentJob(**said, _tracker=tracker)


class performing:  # noqa: N801 - used as a `with` block reads
    """Make a job the current one for the length of a block; afterwards the one before is current again."""

    __slots__ = ("_token", "_tracker")

    def __init__(self, tracker: Tracker) -> None:
        self._tracker = tracker

    def __enter__(self) -> None:
        self._token = _current.set(self._tracker)

    def __exit__(self, *_: object) -> None:
        _current.reset(self._token)
