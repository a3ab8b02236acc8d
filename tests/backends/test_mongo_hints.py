"""Which of the workers on a machine is woken: the one that has waited longest, and nobody twice."""

import pytest

from resque_mongo import hints
from resque_mongo.hints import MOST_KEPT, NEW, Hints

MAIL, IMAGES = 1, 2


@pytest.fixture
def woken() -> list[str]:
    """Who was woken, in this order."""
    return []


@pytest.fixture
def board(woken: list[str]) -> Hints[str]:
    return Hints(woken.append)


def test_of_those_who_wait_for_it_the_first_is_woken(board: Hints[str], woken: list[str]) -> None:
    board.wait("other", [IMAGES])
    for who in ("first", "second"):
        board.wait(who, [IMAGES + 1, MAIL])
    board.give(MAIL)
    assert woken == ["first"]
    board.give(MAIL)
    assert woken == ["first", "second"]


def test_who_waits_anew_is_the_last(board: Hints[str], woken: list[str]) -> None:
    for who in ("first", "second", "first"):
        board.wait(who, [MAIL])
    board.give(MAIL)
    assert woken == ["second"]


def test_a_hint_that_nobody_waits_for_is_for_the_next_and_for_one(
    board: Hints[str], woken: list[str]
) -> None:
    board.give(MAIL)
    board.give(MAIL)
    board.wait("other", [IMAGES])
    for who in ("first", "second"):
        board.wait(who, [MAIL])
    assert woken == ["first"]
    assert board.anybody_waits


def test_a_hint_is_not_kept_for_ever(
    board: Hints[str], woken: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    board.give(MAIL)
    monkeypatch.setattr(hints, "LONGEST_KEPT", -1.0)
    board.wait("late", [MAIL])
    assert woken == []


def test_the_latest_hints_are_kept_and_no_more_than_so_many(board: Hints[str], woken: list[str]) -> None:
    for hint in range(MOST_KEPT + 1):
        board.give(hint)
    board.give(1)
    board.wait("unlucky", [0])
    assert woken == []
    assert len(board._kept) == MOST_KEPT
    board.give(MOST_KEPT + 1)
    board.wait("first", [1])
    board.wait("last", [MOST_KEPT + 1])
    assert woken == ["first", "last"]


def test_who_leaves_is_woken_no_more(board: Hints[str], woken: list[str]) -> None:
    board.wait("first", [MAIL])
    board.leave("first")
    board.leave("unknown")
    board.wait("second", [MAIL])
    board.give(MAIL)
    assert woken == ["second"]


def test_who_leaves_when_it_was_woken_passes_the_hint_on(board: Hints[str], woken: list[str]) -> None:
    for who in ("first", "second"):
        board.wait(who, [MAIL])
    board.give(MAIL)
    board.leave("first")
    assert woken == ["first", "second"]


def test_who_waits_anew_has_looked_after_its_hint(board: Hints[str], woken: list[str]) -> None:
    board.wait("first", [MAIL])
    board.give(MAIL)
    board.wait("first", [MAIL])
    board.leave("first")
    board.wait("second", [MAIL])
    assert woken == ["first"]


def test_a_queue_that_goes_on_wakes_all_that_wait_for_it_and_the_next(
    board: Hints[str], woken: list[str]
) -> None:
    for who, wish in (("first", MAIL), ("other", IMAGES), ("second", MAIL)):
        board.wait(who, [wish])
    board.give_all(MAIL)
    assert woken == ["first", "second"]
    board.wait("third", [MAIL])
    assert woken == ["first", "second", "third"]


def test_when_nobody_knows_what_came_all_are_woken(board: Hints[str], woken: list[str]) -> None:
    for who, wish in (("first", MAIL), ("other", IMAGES)):
        board.wait(who, [wish])
    board.give_all()
    assert woken == ["first", "other"]
    assert not board.anybody_waits


def test_one_may_be_woken_whatever_it_waits_for(board: Hints[str], woken: list[str]) -> None:
    board.wait("first", [NEW])
    board.rouse("first")
    board.rouse("first")
    assert woken == ["first"]


def test_the_number_of_a_queue_is_short_and_the_same_in_every_process() -> None:
    assert hints.hint_of("mail") == 0x5126AC48
    numbers = {hints.hint_of(f"{'long' * 1000}{number}") for number in range(100)}
    assert len(numbers) == 100
    assert max(numbers) < 2**32
