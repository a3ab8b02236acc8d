"""How many children the keeper has stand by."""

import selectors
import time
from collections.abc import Iterator

import pytest

from resque_core.job import Entry
from resque_core.process import brood
from resque_core.process.brood import ENOUGH, Brood
from resque_core.process.fork_runner import ForkRunner
from resque_core.process.frames import Channel, ChannelClosed, channel_pair
from resque_core.records import Reservation
from resque_core.shift import Shift

MANY = ENOUGH + 3


@pytest.fixture
def children() -> Iterator[tuple[Brood, list[Channel]]]:
    """Children that were forked while jobs came one after the other, and their ends."""
    with selectors.DefaultSelector() as selector:
        standing_by = Brood(selector, Shift())
        theirs = []
        for pid in range(MANY):
            ours, end = channel_pair()
            standing_by.welcome(pid, ours)
            theirs.append(end)
        yield standing_by, theirs
        standing_by.close()
        for end in theirs:
            end.close()


def let_go(theirs: list[Channel]) -> list[int]:
    """Who hears that nobody wants anything of it any more."""

    return [number for number, end in enumerate(theirs) if _hears_the_end(end)]


def _hears_the_end(end: Channel) -> bool:
    try:
        while end.poll():
            pass
    except ChannelClosed:
        return True
    return False


def test_once_no_job_has_come_for_a_while_those_beyond_need_may_leave(
    children: tuple[Brood, list[Channel]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(brood, "REST", -1.0)
    standing_by, theirs = children
    standing_by.thin_out()
    assert let_go(theirs) == list(range(ENOUGH, MANY)), "those that have waited longest are next"
    standing_by.thin_out()
    assert len(let_go(theirs)) == MANY - ENOUGH


def test_newborn_children_stand_by_however_long_no_job_has_come(
    children: tuple[Brood, list[Channel]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The app process had taken those that were let go of for used up, and forked others, without end."""
    now = time.monotonic()
    monkeypatch.setattr(time, "monotonic", lambda: now)
    standing_by, theirs = children
    now += brood.REST * 2
    ours, end = channel_pair()
    standing_by.welcome(MANY, ours)
    standing_by.thin_out()
    assert let_go([*theirs, end]) == []
    now += brood.REST * 2
    standing_by.thin_out()
    assert let_go([*theirs, end]) == [*range(ENOUGH, MANY + 1)]
    end.close()


def test_a_runner_thins_them_out_when_it_listens(monkeypatch: pytest.MonkeyPatch) -> None:
    thinned: list[Brood] = []
    monkeypatch.setattr(Brood, "thin_out", lambda it: thinned.append(it))
    with selectors.DefaultSelector() as selector:
        ForkRunner(lambda: None, 10.0, selector).listen()
    assert len(thinned) == 1


def test_while_jobs_come_all_stand_by(
    children: tuple[Brood, list[Channel]], monkeypatch: pytest.MonkeyPatch
) -> None:
    now = time.monotonic()
    monkeypatch.setattr(time, "monotonic", lambda: now)
    standing_by, theirs = children
    now += brood.REST * 2
    assert standing_by.begin(Reservation("t", "w", Entry("1", "q", b"{}")))
    now += brood.REST / 2
    standing_by.thin_out()
    assert let_go(theirs) == []
    now += brood.REST
    standing_by.thin_out()
    assert len(let_go(theirs)) == MANY - 1 - ENOUGH
