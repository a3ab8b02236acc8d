"""When a recurring entry is due: cron expressions in time zones, and periods."""

from datetime import UTC, datetime, timedelta
from itertools import islice

import pytest

from resque_core.errors import SettingsError
from resque_core.ticks import Cron, Every, Ticks, read_cron, read_every, read_seconds

NOON = datetime(2026, 11, 25, 12, 0, 0, 250_000, UTC)


def from_on(ticks: Ticks, moment: datetime, count: int) -> list[str]:
    """The next ones, without the date's year and the zone."""

    def following() -> object:
        nonlocal moment
        found = ticks.following(moment)
        assert found is not None
        moment = found
        return moment.strftime("%m-%d %H:%M:%S")

    return [str(tick) for tick in islice(iter(following, None), count)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("*/5 * * * *", ["11-25 12:05:00", "11-25 12:10:00"]),
        ("30 6 * * 1", ["11-30 06:30:00", "12-07 06:30:00"]),
        ("*/20 * * * * *", ["11-25 12:00:20", "11-25 12:00:40"]),
        ("30 6 * * 1 Europe/Stockholm", ["11-30 05:30:00", "12-07 05:30:00"]),
        ("15 30 6 * * 1 America/New_York", ["11-30 11:30:15", "12-07 11:30:15"]),
        ("0 0 L * *", ["11-30 00:00:00", "12-31 00:00:00"]),
        ("0 12 * * * UTC", ["11-26 12:00:00", "11-27 12:00:00"]),
    ],
)
def test_a_cron_expression_may_have_seconds_and_a_time_zone(text: str, expected: list[str]) -> None:
    assert from_on(read_cron(text), NOON, 2) == expected


def test_a_time_zone_may_be_said_apart() -> None:
    assert from_on(read_cron("0 3 * * *", "Asia/Tokyo"), NOON, 1) == ["11-25 18:00:00"]


def test_a_time_in_the_hour_that_summer_time_leaves_out_comes_right_after_it() -> None:
    """In Berlin, 2026-03-29 has no 02:30: at 02:00 it is 03:00, which is 01:00 in UTC."""
    ticks = read_cron("30 2 * * * Europe/Berlin")
    assert from_on(ticks, datetime(2026, 3, 28, 12, tzinfo=UTC), 2) == ["03-29 01:00:00", "03-30 00:30:00"]


def test_a_time_in_the_hour_that_comes_twice_comes_once() -> None:
    """In Berlin, 2026-10-25 has 02:30 twice, at 00:30 and at 01:30 in UTC."""
    ticks = read_cron("30 2 * * * Europe/Berlin")
    assert from_on(ticks, datetime(2026, 10, 24, 12, tzinfo=UTC), 2) == ["10-25 00:30:00", "10-26 01:30:00"]


def test_each_hour_of_a_day_with_25_has_its_tick() -> None:
    ticks = read_cron("0 * * * * Europe/Berlin")
    found = from_on(ticks, datetime(2026, 10, 24, 22, 59, tzinfo=UTC), 4)
    assert found == ["10-24 23:00:00", "10-25 00:00:00", "10-25 01:00:00", "10-25 02:00:00"]


def test_a_moment_in_the_hour_that_comes_again_is_after_what_was_due_in_it() -> None:
    """From 01:00 to 01:30 in UTC, Stockholm's clocks show again what is before 02:30."""
    ticks = read_cron("30 2 * * * Europe/Stockholm")
    again = datetime(2026, 10, 25, 1, 5, tzinfo=UTC)
    assert ticks.following(again) == datetime(2026, 10, 26, 1, 30, tzinfo=UTC)
    once = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert ticks.latest(once - timedelta(days=1), again) == once
    assert ticks.latest(again, again) == again


#: Moments at which clocks are set, an hour, or half of one, or two: forward and back.
CHANGES = [
    ("Europe/Stockholm", datetime(2026, 3, 29, 1, tzinfo=UTC)),
    ("Europe/Stockholm", datetime(2026, 10, 25, 1, tzinfo=UTC)),
    ("America/New_York", datetime(2026, 11, 1, 6, tzinfo=UTC)),
    ("America/Havana", datetime(2026, 3, 8, 5, tzinfo=UTC)),
    ("America/Havana", datetime(2026, 11, 1, 5, tzinfo=UTC)),
    ("Africa/Cairo", datetime(2026, 10, 29, 21, tzinfo=UTC)),
    ("Australia/Lord_Howe", datetime(2026, 4, 4, 15, tzinfo=UTC)),
    ("Australia/Lord_Howe", datetime(2026, 10, 3, 15, 30, tzinfo=UTC)),
    ("Antarctica/Troll", datetime(2026, 10, 25, 1, tzinfo=UTC)),
]
EXPRESSIONS = [
    *("30 2 * * *", "30 1 * * *", "0 0 * * *", "30 0 * * *", "15 1,2,3 * * *", "0,20,40 0-3 * * *"),
    *("10 1/2 * * *", "30 2 * * 0", "0 */2 * * *", "*/20 * * * *", "0 30 2 * * *"),
]


@pytest.mark.parametrize(("zone", "change"), CHANGES, ids=lambda it: str(it))
@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_wherever_clocks_change_a_tick_follows_and_none_lies_between_the_latest_and_it(
    expression: str, zone: str, change: datetime
) -> None:
    ticks = read_cron(expression, zone)
    before = change - timedelta(days=8)
    for minutes in range(-180, 240, 15):
        now = change + timedelta(minutes=minutes, seconds=17)
        latest, coming = ticks.latest(before, now), ticks.following(now)
        assert coming
        assert before < latest <= now < coming
        assert ticks.following(latest) == coming


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("* * *", "Wrong number of fields"),
        ("61 * * * *", "Bad minute"),
        ("every day", "Wrong number"),
        ("0 0 31 2 *", "Bad day-of-month"),
        ("0 0 * * * Europe/Nowhere", "no time zone Europe/Nowhere"),
        (17, "is no text"),
    ],
)
def test_a_bad_expression_is_refused_with_the_way_out(text: object, said: str) -> None:
    with pytest.raises(SettingsError, match=said):
        read_cron(text)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        (90, 90), ("90", 90), ("90s", 90), ("5m", 300), ("1h30m", 5400), ("1h 30m", 5400), ("2d", 172_800),
        ("1w", 604_800), (timedelta(minutes=5), 300), (1.5, 1.5), ("1.5h", 5400),
    ],
)  # fmt: skip
def test_a_period_is_seconds_or_a_timedelta_or_a_text(value: object, seconds: float) -> None:
    assert read_seconds(value, "every") == seconds


@pytest.mark.parametrize("value", [0, -1, "", "5x", "m5", True, None, "1M", float("nan"), 10**12, "soon"])
def test_a_bad_period_is_refused(value: object) -> None:
    with pytest.raises(SettingsError, match="every"):
        read_every(value)


def test_a_period_begins_when_the_entry_is_new_and_goes_on_from_its_ticks() -> None:
    """Whatever was restarted in between."""
    ticks = Every(3600)
    assert ticks.first(NOON) == NOON + timedelta(hours=1)
    assert Every(3600, first_in=60).first(NOON) == NOON + timedelta(minutes=1)
    late = NOON + timedelta(hours=3, minutes=10)
    assert ticks.latest(NOON, late) == NOON + timedelta(hours=3)
    assert ticks.after(NOON, late) == NOON + timedelta(hours=4)


def test_the_latest_tick_of_a_cron_expression_is_found_from_now_backwards() -> None:
    ticks = Cron("*/5 * * * *")
    assert ticks.latest(NOON - timedelta(days=400), NOON) == NOON.replace(microsecond=0)
    assert ticks.latest(NOON - timedelta(days=400), NOON - timedelta(seconds=1)).minute == 55
