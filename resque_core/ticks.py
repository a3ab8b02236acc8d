"""When the ticks of a recurring entry are: by a cron expression in a time zone, or every so many seconds."""

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from typing import Protocol

from resque_core.display import one_line
from resque_core.errors import SettingsError

_SECONDS = {"w": 604_800.0, "d": 86_400.0, "h": 3600.0, "m": 60.0, "s": 1.0}
_DURATION = re.compile(r"(\d+(?:\.\d+)?)([wdhms])")
#: What ends a cron expression and is none of its fields, as fugit (so resque-scheduler) has it: a time zone.
_OFFSET = re.compile(r"([+-])([01]\d|2[0-3]):?(00|15|30|45)")
_ZONE = re.compile(rf"[A-Z][\w+/-]*|{_OFFSET.pattern}")
_WEEKDAY = re.compile(r"(mon|tue|wed|thu|fri|sat|sun)([-,#L/]|$)", re.IGNORECASE)
#: Seconds. A store is asked at each tick; and who waits for longer has taken milliseconds for seconds.
_SHORTEST, _LONGEST = 1.0, 10 * 366 * 86_400.0
#: No time is as long; what comes after it may not fit into a float.
_NEVER = 1e15
_SECOND = timedelta(seconds=1)


class Ticks(Protocol):
    """The moments at which an entry is due, all in UTC."""

    def first(self, now: datetime) -> datetime | None:
        """The first one of an entry that is new now."""
        ...

    def after(self, tick: datetime, now: datetime) -> datetime | None:
        """The first one after now of an entry that has one at `tick`, which is past."""
        ...

    def following(self, tick: datetime) -> datetime | None:
        """The one after `tick`."""
        ...

    def latest(self, tick: datetime, now: datetime) -> datetime:
        """The last one from `tick` to now."""
        ...


@dataclass(frozen=True, slots=True)
class Cron:
    """A cron expression of five fields, or of six with the seconds first, as Debian's cron reads it.

    In a time zone with summer time, what is due within the hour that is left out runs right after it, and
    what is due within the hour that comes twice runs once; not so with seconds, or in each hour or minute.
    """

    expression: str
    zone: tzinfo = UTC

    def first(self, now: datetime) -> datetime | None:
        """The first one after now."""
        return self.following(now)

    def after(self, tick: datetime, now: datetime) -> datetime | None:  # noqa: ARG002 - by the clock alone
        """The first one after now."""
        return self.following(now)

    def following(self, tick: datetime) -> datetime | None:
        """The one after `tick`."""
        # In an hour that comes again, CronSim begins with what was due when it came first.
        return next((found for found in self._from(tick) if found > tick), None)

    def latest(self, tick: datetime, now: datetime) -> datetime:
        """The last one from `tick` to now."""
        back = self._from(now.replace(microsecond=0) + _SECOND, reverse=True)
        found = max(tick, next((it for it in back if it <= now), tick))
        # In an hour that comes again, CronSim leaves out what was due later in the hour when it came first.
        while (coming := self.following(found)) is not None and coming <= now:
            found = coming
        return found

    def _from(self, moment: datetime, *, reverse: bool = False) -> Iterator[datetime]:
        # Imported where it is needed: few processes schedule anything.
        from cronsim import CronSim

        for found in CronSim(self.expression, moment.astimezone(self.zone), reverse):
            yield found.astimezone(UTC)


@dataclass(frozen=True, slots=True)
class Every:
    """A tick, and one more whenever so many seconds have passed."""

    seconds: float
    #: Seconds from when the entry is new to its first tick; None: as long as between any two.
    first_in: float | None = None

    def first(self, now: datetime) -> datetime | None:
        """In `first_in` seconds, or in a period."""
        wait = self.seconds if self.first_in is None else self.first_in
        return _whole(now + timedelta(seconds=wait))

    def after(self, tick: datetime, now: datetime) -> datetime | None:
        """The first one after now."""
        return self.following(self.latest(tick, now))

    def following(self, tick: datetime) -> datetime | None:
        """A period later."""
        return tick + timedelta(seconds=self.seconds)

    def latest(self, tick: datetime, now: datetime) -> datetime:
        """The last one from `tick` to now."""
        periods = max(0, math.floor((now - tick).total_seconds() / self.seconds))
        return tick + timedelta(seconds=self.seconds * periods)


@dataclass(frozen=True, slots=True)
class Never:
    """No tick at all: an entry that is only run by hand."""

    def first(self, now: datetime) -> None:
        """None."""

    def after(self, tick: datetime, now: datetime) -> None:
        """None."""

    def following(self, tick: datetime) -> None:
        """None."""

    def latest(self, tick: datetime, now: datetime) -> datetime:  # noqa: ARG002
        """The one that there was."""
        return tick


def read_cron(text: object, zone: str | None = None) -> Cron:
    """The ticks of a cron expression, whose last part may be a time zone, by default UTC.

    :raises SettingsError: it is none, or has no tick.
    """
    from cronsim import CronSimError

    if not isinstance(text, str):
        raise SettingsError(f"cron: {one_line(text)} is no text. Write five fields, such as '30 6 * * 1'.")
    parts = text.split()
    if len(parts) > 5 and _ZONE.fullmatch(parts[-1]) and not _WEEKDAY.match(parts[-1]):
        zone = parts.pop()
    cron = Cron(" ".join(parts), read_zone(zone))
    try:
        tick = cron.following(datetime.now(UTC))
    except CronSimError as error:
        raise SettingsError(
            f"cron: {one_line(text)!a}: {error}. Write minute, hour, day of the month, month and day of the "
            f"week, maybe seconds before them and a time zone after them: '30 6 * * 1 Europe/Stockholm'."
        ) from None
    if tick is None:
        raise SettingsError(f"cron: {one_line(text)!a} is never. Write a day that there is.")
    return cron


def read_zone(name: str | None) -> tzinfo:
    """The time zone of that name.

    :raises SettingsError: there is none.
    """
    if name is None or name == "UTC":
        return UTC
    if offset := _OFFSET.fullmatch(name):
        sign, hours, minutes = offset.groups()
        ahead = timedelta(hours=int(hours), minutes=int(minutes))
        return timezone(-ahead if sign == "-" else ahead)
    from zoneinfo import ZoneInfo

    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError, TypeError):
        raise SettingsError(
            f"timezone: there is no time zone {one_line(name)}. "
            f"Write a name such as Europe/Stockholm, UTC, or +01:00."
        ) from None


def read_every(period: object, first_in: object = None) -> Every:
    """The ticks of a period: seconds, a timedelta, or a text such as `1h30m`.

    :raises SettingsError: it is none.
    """
    seconds = read_seconds(period, "every")
    if not _SHORTEST <= seconds <= _LONGEST:
        raise SettingsError(f"every: {one_line(period)}: give from a second to ten years.")
    first = None if first_in is None else read_seconds(first_in, "first_in")
    if first is not None and first > _LONGEST:
        raise SettingsError(f"first_in: {one_line(first_in)}: give ten years at most.")
    return Every(seconds, first)


def read_seconds(value: object, where: str) -> float:
    """So many seconds: a number, a timedelta, or a text such as `90`, `90s`, `1h30m`, `2d`, `1w`.

    :raises SettingsError: it is no time.
    """
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < _NEVER:
        return float(value)
    if isinstance(value, str):
        text = value.replace(" ", "")
        if text.replace(".", "", 1).isdecimal():
            return float(text)
        if text and not _DURATION.sub("", text):
            return sum(float(number) * _SECONDS[unit] for number, unit in _DURATION.findall(text))
    raise SettingsError(
        f"{where}: {one_line(value)!a:.80} is no time. Write seconds, or weeks, days, hours, minutes and "
        f"seconds: '1w', '2d', '1h30m', '90s'."
    )


def _whole(moment: datetime) -> datetime:
    """In whole milliseconds, which every store keeps."""
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)
