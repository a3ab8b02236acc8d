"""When a worker may sweep (ruling 2), and when it is not sure of its own lease."""

import pytest

from resque_core.errors import StorageError
from resque_core.lease import LeaseKeeper
from resque_core.records import Beat


def _beats(keeper: LeaseKeeper, *moments: float) -> None:
    for moment in moments:
        keeper.note(Beat(alive=True, now=moment))


def test_a_new_worker_may_not_sweep() -> None:
    keeper = LeaseKeeper(30)
    _beats(keeper, 100)
    assert not keeper.steady


def test_beats_without_a_gap_for_one_lease_of_store_time_are_steady() -> None:
    keeper = LeaseKeeper(30)
    _beats(keeper, 100, 110, 120)
    assert not keeper.steady
    _beats(keeper, 130)
    assert keeper.steady


def test_a_failed_beat_starts_the_count_anew() -> None:
    keeper = LeaseKeeper(30)
    _beats(keeper, 100, 110, 120, 130)
    keeper.broken()
    assert not keeper.steady
    _beats(keeper, 140, 160)
    assert not keeper.steady
    _beats(keeper, 170)
    assert keeper.steady


def test_a_gap_longer_than_a_lease_starts_the_count_anew() -> None:
    """The machine slept: every lease has lapsed, though nobody died."""
    keeper = LeaseKeeper(30)
    _beats(keeper, 100, 110, 120, 130, 161)
    assert not keeper.steady


def test_a_clock_that_goes_back_starts_the_count_anew() -> None:
    keeper = LeaseKeeper(30)
    _beats(keeper, 100, 110, 120, 130, 90)
    assert not keeper.steady


def test_a_lost_lease_starts_the_count_anew() -> None:
    keeper = LeaseKeeper(30)
    _beats(keeper, 100, 110, 120, 130)
    keeper.note(Beat(alive=False, now=135))
    assert not keeper.steady


def test_the_next_beat_is_due_in_a_third_of_the_lease() -> None:
    keeper = LeaseKeeper(30)
    assert keeper.timer.due()
    _beats(keeper, 100)
    assert 9 < keeper.timer.left() <= 10


def test_a_lease_is_doubtful_until_a_beat_renews_it_and_a_refused_one_changes_nothing() -> None:
    def fail() -> Beat:
        raise StorageError("away")

    keeper = LeaseKeeper(30)
    with pytest.raises(StorageError):
        keeper.renew(fail)
    assert keeper.doubtful
    keeper.renew(lambda: Beat(alive=True, now=100))
    assert not keeper.doubtful


def test_a_lease_counts_from_the_question_and_not_from_the_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [1000.0]
    monkeypatch.setattr("resque_core.lease.time.monotonic", lambda: now[0])

    def answer_late() -> Beat:
        now[0] += 20
        return Beat(alive=True, now=100)

    keeper = LeaseKeeper(30)
    keeper.renew(answer_late)
    assert not keeper.doubtful
    now[0] += 10
    assert keeper.doubtful
