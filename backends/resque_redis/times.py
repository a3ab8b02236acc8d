"""Times as Ruby Resque writes them, and as other programs may have written them."""

import re
from datetime import UTC, datetime, timedelta, timezone

from resque_core.clock import from_epoch, from_iso

#: What is shown for a time that nobody can read: clearly none.
UNKNOWN = from_epoch(0)
_FAILED_AT = re.compile(r"(\d{4})/(\d\d)/(\d\d) (\d\d):(\d\d):(\d\d)(?: (\S+))?$")
_OFFSET = re.compile(r"([+-])(\d\d):?(\d\d)?$")
#: Hours from UTC of the abbreviations that Ruby's DateTime.parse knows.
_ZONES = {
    "UTC": 0.0, "GMT": 0.0, "EST": -5.0, "EDT": -4.0, "CST": -6.0, "CDT": -5.0, "MST": -7.0, "MDT": -6.0,
    "PST": -8.0, "PDT": -7.0, "CET": 1.0, "CEST": 2.0, "EET": 2.0, "EEST": 3.0, "MSK": 3.0,
    "BST": 1.0, "IST": 5.5, "JST": 9.0,
}  # fmt: skip


def ruby_failed_at(moment: datetime) -> str:
    """`2026/11/21 22:53:36 UTC`: of all zones, the one whose abbreviation every reader knows."""
    return moment.astimezone(UTC).strftime("%Y/%m/%d %H:%M:%S UTC")


def ruby_started(moment: datetime) -> str:
    """`2026-11-21 22:53:36 +0000`, Ruby's `Time#to_s`."""
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S +0000")


def read_failed_at(text: object) -> datetime | None:
    """The moment that a failure says, in Ruby's form or ISO's; None if it says none."""
    found = _FAILED_AT.match(text) if isinstance(text, str) else None
    if found is None:
        return from_iso(text)
    year, month, day, hour, minute, second = map(int, found.groups()[:6])
    try:
        moment = datetime(year, month, day, hour, minute, second, tzinfo=_zone(found[7] or "UTC"))
        return moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def read_started(text: str) -> datetime | None:
    """The moment that a worker says it started at."""
    return from_iso(text.replace(" +", "+").replace(" -", "-"))


def from_microseconds(number: bytes) -> datetime:
    """The moment of the server's clock that a script answered."""
    return from_epoch(float(number) / 1_000_000)


def _zone(name: str) -> timezone:
    offset = _OFFSET.match(name)
    if offset:
        sign, hours, minutes = offset.groups()
        length = timedelta(hours=int(hours), minutes=int(minutes or 0))
        return timezone(-length if sign == "-" else length)
    return timezone(timedelta(hours=_ZONES.get(name, 0.0)))
