"""Times as numbers, also those that no clock can show."""

import math
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from resque_core.clock import EARLIEST, LATEST, from_epoch, to_iso


@pytest.mark.parametrize("moment", [EARLIEST, datetime(1969, 12, 31, 23, 59, 59, 500_000, UTC), LATEST])
def test_a_number_of_seconds_is_a_moment(moment: datetime) -> None:
    assert from_epoch(moment.timestamp()) == moment


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        *((253_402_300_800.0, LATEST), (1_795_782_264_000, LATEST), (10**400, LATEST), (math.inf, LATEST)),
        *((-62_135_596_801.0, EARLIEST), (-1e300, EARLIEST), (-math.inf, EARLIEST)),
    ],
)
def test_what_no_clock_can_show_is_its_last_or_first_moment_in_any_time_zone(
    seconds: float, shown: datetime
) -> None:
    found = from_epoch(seconds)
    assert found == shown
    for zone in ("Pacific/Kiritimati", "Etc/GMT+12"):
        assert to_iso(found.astimezone(ZoneInfo(zone))) == to_iso(shown)
