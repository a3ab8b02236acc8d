"""`Terms`: what a caller asks for one call of a job besides its arguments."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from resque_core.clock import utc_now
from resque_core.errors import InvalidArguments
from resque_core.moments import read_delay, read_moment

#: When a job is not worth running any more: seconds or a timedelta after it should have run, or a moment.
Expires = float | timedelta | datetime


@dataclass(frozen=True, slots=True)
class Terms:
    """Of one `enqueue` or its like."""

    #: In place of what the job's definition says.
    expires: Expires | None = None
    #: When it is to run; None: at once.
    run_at: datetime | timedelta | None = None
    #: Jobs that are enqueued when it is done, as its text says them.
    then: tuple[Mapping[str, Any], ...] = ()
    #: The batch that it is one of.
    batch: str = ""

    @property
    def last(self) -> bool:
        """Whether they say the same at any time, and of any number of calls."""
        return self.expires is None and self.run_at is None and not self.then

    @property
    def delays(self) -> bool:
        """Whether it is to run later: by our own clock, the store's may differ."""
        return self.run_at > utc_now() if isinstance(self.run_at, datetime) else bool(self.run_at)


#: Of a caller who asks for nothing.
NO_TERMS = Terms()


def lasting(expires: object) -> float:
    """For how many seconds a job is worth running that is told so in seconds, or as a timedelta.

    :raises InvalidArguments: this is no time, or none at all.
    """
    try:
        seconds = read_delay(expires).total_seconds()
    except InvalidArguments as error:
        raise InvalidArguments(f"expires={error}") from None
    if not seconds:
        raise InvalidArguments(f"expires={expires!a:.80}: give seconds, more than 0, or a moment.")
    return seconds


def until(expires: datetime) -> datetime:
    """The moment up to which a job is worth running that is told so as a moment.

    :raises InvalidArguments: it cannot be used.
    """
    try:
        return read_moment(expires)
    except InvalidArguments as error:
        raise InvalidArguments(f"expires={error}") from None
