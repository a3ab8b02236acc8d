"""Histograms of how long jobs waited and took."""

import math

import pytest

from resque_core.timing import Histogram, histogram


@pytest.mark.parametrize(
    ("counts", "share", "seconds"),
    [
        ({"50": 10, "2500": 9, "inf": 1}, 0.5, 0.05),
        ({"50": 10, "2500": 9, "inf": 1}, 0.51, 2.5),
        ({"50": 10, "2500": 9, "inf": 1}, 0.95, 2.5),
        ({"50": 10, "2500": 9, "inf": 1}, 0.96, math.inf),
        ({"1": 1}, 0.5, 0.001),
    ],
)
def test_a_share_was_done_within_the_bound_of_its_bucket(
    counts: dict[str, int], share: float, seconds: float
) -> None:
    assert histogram(counts, 1.0).within(share) == seconds


def test_of_nothing_all_was_done_at_once() -> None:
    assert Histogram().within(0.95) == 0.0
