"""Times as the rest of the library writes them: aware UTC datetimes and ISO 8601 text."""

from datetime import UTC, datetime, timedelta
from typing import NamedTuple

#: What clocks can show, in any time zone.
EARLIEST, LATEST = datetime(1, 1, 2, tzinfo=UTC), datetime(9999, 12, 30, tzinfo=UTC)
_FIRST, _LAST = EARLIEST.timestamp(), LATEST.timestamp()


class Moment(NamedTuple):
    """A time, and how it is written."""

    at: datetime
    text: str


def utc_now() -> datetime:
    """The current time of this machine, aware, in UTC. Never compared with another machine's."""
    return datetime.now(UTC)


def to_iso(moment: datetime) -> str:
    """`2026-11-22T07:30:00.123456Z`: sorts as text, and Ruby's and JavaScript's parsers take it."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def this_moment() -> Moment:
    """The current time, and how it is written."""
    now = utc_now()
    return Moment(now, to_iso(now))


def from_iso(text: object) -> datetime | None:
    """The aware datetime that `text` says, or None when it says none (other writers' junk, B25)."""
    if not isinstance(text, str):
        return None
    try:
        moment = datetime.fromisoformat(text)
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None


def from_epoch(seconds: float) -> datetime:
    """The aware datetime of `seconds` since 1970-01-01 UTC; the last or the first that there is."""
    if _FIRST <= seconds <= _LAST:
        return datetime.fromtimestamp(seconds, UTC)
    return LATEST if seconds > _LAST else EARLIEST


def due_at(when: datetime | timedelta, now: float) -> float:
    """The seconds since 1970 of a moment, or of what is so long after `now`."""
    return now + when.total_seconds() if isinstance(when, timedelta) else when.timestamp()
