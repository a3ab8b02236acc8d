"""How long a worker waits between looks: Ruby's MIN_, MAX_ and BACKOFF_INTERVAL (spec ruby-resque §5.2)."""

import pytest

from resque_core.pace import Pace
from resque_core.worker_options import WorkerOptions


def _rests(pace: Pace, count: int) -> list[float]:
    return [round(pace.rest(), 3) for _ in range(count)]


def test_by_default_every_wait_is_the_interval() -> None:
    assert _rests(Pace(WorkerOptions(interval=5)), 3) == [5, 5, 5]


def test_waits_begin_at_the_longest_and_grow_from_the_shortest_after_a_job() -> None:
    pace = Pace(WorkerOptions(min_interval=0.1, max_interval=0.4, backoff_interval=0.1))
    assert _rests(pace, 2) == [0.4, 0.4]
    pace.worked()
    assert _rests(pace, 4) == [0.2, 0.3, 0.4, 0.4]


def test_who_is_not_woken_looks_sooner_after_a_job_and_then_as_seldom_as_ever(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """So a job that soon follows waits for half of the time at most that the worker had nothing to do."""
    moments = [100.0]
    monkeypatch.setattr("resque_core.pace.monotonic", lambda: moments[-1])
    pace = Pace(WorkerOptions(interval=5))
    assert pace.rest(woken=False) == 5
    pace.worked()
    while (rest := pace.rest(woken=False)) < 5:
        assert rest >= 0.1
        assert rest <= max(0.1, (moments[-1] - 100) / 2)
        moments.append(moments[-1] + rest)
    assert len(moments) <= 14
    assert moments[-1] >= 110
    assert pace.rest() == 5


def test_who_says_how_long_the_waits_are_is_obeyed_though_nothing_wakes() -> None:
    pace = Pace(WorkerOptions(min_interval=2, max_interval=3, backoff_interval=1))
    pace.worked()
    assert [pace.rest(woken=False) for _ in range(2)] == [3, 3]
    long = Pace(WorkerOptions(interval=0.05))
    long.worked()
    assert long.rest(woken=False) == 0.05


def test_the_shortest_wait_is_never_longer_than_the_longest() -> None:
    pace = Pace(WorkerOptions(min_interval=9, max_interval=2))
    pace.worked()
    assert _rests(pace, 2) == [2, 2]


@pytest.mark.parametrize(("options", "drains"), [({"min_interval": 0.0}, False), ({"interval": 0.0}, True)])
def test_only_an_interval_of_zero_ends_a_worker_that_has_nothing_to_do(
    options: dict[str, float], drains: bool
) -> None:
    assert WorkerOptions(**options).drain is drains  # type: ignore[arg-type]
