"""How long a child of a worker works."""

import pytest

from resque_core.shift import Shift, shift_of


@pytest.mark.parametrize(
    ("jobs", "seconds", "shift"),
    [
        (None, None, Shift(1)),
        (100, None, Shift(100)),
        (None, 60.0, Shift(None, 60.0)),
        (100, 60.0, Shift(100, 60.0)),
    ],
)
def test_without_a_number_of_jobs_it_is_one_unless_there_is_a_time(
    jobs: int | None, seconds: float | None, shift: Shift
) -> None:
    assert shift_of(jobs, seconds) == shift


@pytest.mark.parametrize(
    ("shift", "jobs", "seconds", "over"),
    [
        (Shift(1), 1, 0.0, True),
        (Shift(3), 2, 1e9, False),
        (Shift(3), 3, 0.0, True),
        (Shift(None, 60.0), 10**6, 59.9, False),
        (Shift(None, 60.0), 1, 60.0, True),
        (Shift(3, 60.0), 2, 60.0, True),
    ],
)
def test_a_shift_is_over_with_the_first_limit(shift: Shift, jobs: int, seconds: float, over: bool) -> None:
    assert shift.is_over(jobs, seconds) is over
