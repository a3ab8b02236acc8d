"""`Terms`: what a caller asks for one call of a job besides its arguments."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from resque_core.clock import utc_now
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
    def delays(self) -> bool:
        """Whether it is to run later: by our own clock, the store's may differ."""
        return self.run_at > utc_now() if isinstance(self.run_at, datetime) else bool(self.run_at)


def expiry(expires: Expires | None, run_at: datetime | timedelta | None) -> datetime | None:
    """The moment after which a job that is to run at `run_at` is not run any more; None: there is none.

    :raises InvalidArguments: this is no time.
    """
    if expires is None:
        return None
    if isinstance(expires, datetime):
        return read_moment(expires)
    begin = run_at if isinstance(run_at, datetime) else utc_now() + (run_at or timedelta(0))
    return begin + read_delay(expires)
