"""Which worker is replaced, and when; without forking any."""

import time

import pytest

from resque_core.process.supervisor import MOST_SHORT_LIVES, RETIRED, SHORT_LIFE, Slot, Supervisor


def _ended(supervisor: Supervisor, slot: Slot, code: int, lived: float) -> Slot:
    slot.due, slot.born = None, time.monotonic() - lived
    supervisor._decide(slot, code)
    return slot


@pytest.fixture
def supervisor() -> Supervisor:
    return Supervisor(1, lambda: 0)


def test_a_worker_that_was_told_to_end_is_not_replaced(supervisor: Supervisor) -> None:
    assert _ended(supervisor, Slot(), 0, 100).due is None
    assert supervisor.worst == 0


def test_a_worker_that_has_worked_enough_is_replaced_at_once_however_soon_that_was(
    supervisor: Supervisor,
) -> None:
    slot = Slot()
    for _ in range(MOST_SHORT_LIVES + 1):
        assert _ended(supervisor, slot, RETIRED, 0.1).due is not None
    assert supervisor.worst == 0


def test_a_worker_that_died_after_a_long_life_is_replaced_at_once(supervisor: Supervisor) -> None:
    slot = _ended(supervisor, Slot(), -9, SHORT_LIFE + 1)
    assert slot.due is not None
    assert slot.due <= time.monotonic()


def test_short_lives_are_followed_by_ever_longer_pauses_and_then_by_none(supervisor: Supervisor) -> None:
    slot = Slot()
    pauses = []
    for _ in range(MOST_SHORT_LIVES - 1):
        due = _ended(supervisor, slot, 1, 0.1).due
        assert due is not None
        pauses.append(round(due - time.monotonic()))
    assert pauses == [1, 2, 4, 8]
    assert _ended(supervisor, slot, 1, 0.1).due is None
    assert supervisor.worst == 1


def test_a_long_life_makes_up_for_short_ones(supervisor: Supervisor) -> None:
    slot = Slot()
    for _ in range(MOST_SHORT_LIVES - 1):
        _ended(supervisor, slot, 1, 0.1)
    _ended(supervisor, slot, 1, SHORT_LIFE + 1)
    assert slot.short_lives == 0


def test_in_a_burst_nobody_is_replaced_and_the_worst_code_is_kept() -> None:
    supervisor = Supervisor(2, lambda: 0, replace=False)
    assert _ended(supervisor, Slot(), 1, 100).due is None
    assert _ended(supervisor, Slot(), 0, 100).due is None
    assert supervisor.worst == 1
