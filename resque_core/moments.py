"""When a job is to run, as callers say it: a moment, or a time from now."""

import math
from datetime import UTC, datetime, timedelta

from resque_core.clock import EARLIEST, utc_now
from resque_core.errors import InvalidArguments

#: Seconds. Who waits for longer has taken milliseconds for seconds.
LONGEST = 100 * 366 * 86_400


def read_moment(when: object) -> datetime:
    """The moment that is meant, in UTC.

    :raises InvalidArguments: it is none, one of nobody knows which time zone, or more than a century ahead.
    """
    if not isinstance(when, datetime):
        raise InvalidArguments(
            f"{when!a:.80} is no time. Give an aware datetime, or use enqueue_in for a time from now."
        )
    if when.utcoffset() is None:
        raise InvalidArguments(
            f"{when.isoformat()} has no time zone, so nobody knows when that is. Write "
            f"datetime.now(UTC) + …, or when.astimezone() if it is this machine's local time."
        )
    if (when - utc_now()).total_seconds() > LONGEST:
        raise InvalidArguments(
            f"{when.isoformat()} is more than a century ahead. Give an earlier moment; "
            f"if it was made of a number, that is seconds, not milliseconds."
        )
    return max(when, EARLIEST).astimezone(UTC)


def read_delay(delay: object) -> timedelta:
    """The time from now that is meant: seconds, parts of one too, or a timedelta.

    :raises InvalidArguments: it is neither, or longer than a century.
    """
    if isinstance(delay, datetime):
        raise InvalidArguments(f"{delay!a:.80} is a moment. Use enqueue_at for that.")
    seconds = delay.total_seconds() if isinstance(delay, timedelta) else delay
    if isinstance(seconds, bool) or not isinstance(seconds, int | float) or math.isnan(seconds):
        raise InvalidArguments(f"{delay!a:.80} is no time. Give seconds, or a timedelta.")
    if seconds > LONGEST:
        raise InvalidArguments(f"{delay!a:.80} is more than a century. Give seconds, not milliseconds.")
    return timedelta(seconds=max(0.0, float(seconds)))
