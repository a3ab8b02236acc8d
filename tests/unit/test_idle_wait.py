"""How a worker waits between two looks: its waker listens then, and is believed within limits."""

import logging
import math
from collections.abc import Sequence

import pytest

from resque_core.errors import StorageError
from resque_core.idle_wait import FIRST_IN_VAIN, LONGEST_BROKEN, LONGEST_IN_VAIN, IdleWait


class Bell:
    """A waker that hears what a test says, and notes what it is asked for."""

    def __init__(self) -> None:
        self.asked: list[object] = []
        self.rings = False
        self.trouble: StorageError | None = None

    def _meet_trouble(self) -> None:
        if self.trouble:
            raise self.trouble

    def listen(self, queues: Sequence[str], seconds: float, *, discover: bool = False) -> None:
        self.asked.append(("listen", *queues, round(seconds), discover))
        self._meet_trouble()

    def fileno(self) -> int:
        return 7

    def left(self) -> float:
        return math.inf

    def heard(self) -> bool:
        self._meet_trouble()
        return self.rings

    def stop(self) -> None:
        self.asked.append("stop")

    def close(self) -> None:
        self.asked.append("close")


@pytest.fixture
def bell() -> Bell:
    return Bell()


@pytest.fixture
def wait(bell: Bell) -> IdleWait:
    return IdleWait(lambda: bell)


def begin(wait: IdleWait) -> None:
    wait.begin(["mail"], 5.0, discover=True)


def pass_time(wait: IdleWait) -> None:
    """As if the time for which it holds off were over."""
    wait._again.now()


def test_it_listens_while_the_worker_waits(wait: IdleWait, bell: Bell) -> None:
    assert wait.fileno() == -1
    begin(wait)
    assert bell.asked == [("listen", "mail", 5, True)]
    assert wait.fileno() == 7
    assert not wait.woken()
    wait.end()
    assert bell.asked[1:] == ["stop"]
    assert wait.fileno() == -1
    assert math.isinf(wait.left())


def test_who_is_woken_looks_and_does_not_listen_meanwhile(wait: IdleWait, bell: Bell) -> None:
    begin(wait)
    bell.rings = True
    assert wait.woken()
    assert wait.fileno() == -1
    assert not wait.woken()


def test_who_found_a_job_listens_at_once_when_it_waits_again(wait: IdleWait, bell: Bell) -> None:
    begin(wait)
    bell.rings = True
    assert wait.woken()
    wait.worked()
    begin(wait)
    assert wait.fileno() == 7


def test_who_was_woken_in_vain_does_not_listen_for_a_while(wait: IdleWait, bell: Bell) -> None:
    """Longer each time: or a store that wakes without a job would be asked as fast as it can answer."""
    bell.rings = True
    begin(wait)
    pauses = []
    for _ in range(10):
        assert wait.woken()
        begin(wait)
        assert wait.fileno() == -1
        assert not wait.woken()
        pauses.append(wait.left())
        pass_time(wait)
        assert not wait.woken()
        assert wait.fileno() == 7
    assert FIRST_IN_VAIN / 2 < pauses[0] <= FIRST_IN_VAIN
    assert LONGEST_IN_VAIN / 2 < pauses[-1] <= LONGEST_IN_VAIN
    assert len(bell.asked) == 11


def test_a_look_between_does_not_make_up_for_being_woken_in_vain(wait: IdleWait, bell: Bell) -> None:
    begin(wait)
    bell.rings = True
    assert wait.woken()
    wait.end()
    begin(wait)
    assert wait.fileno() == -1


@pytest.mark.parametrize("when", ["listen", "heard"])
def test_a_waker_that_is_out_of_order_is_left_alone_longer_and_longer(
    wait: IdleWait, bell: Bell, caplog: pytest.LogCaptureFixture, when: str
) -> None:
    with caplog.at_level(logging.WARNING, "resque"):
        begin(wait)
        bell.trouble = StorageError("no such command")
        for _ in range(10):
            if when == "listen":
                wait.end()
                begin(wait)
            assert not wait.woken()
            assert wait.fileno() == -1
            assert wait.left() > 0
            pass_time(wait)
            bell.trouble = None if when == "heard" else bell.trouble
            assert not wait.woken()
            bell.trouble = StorageError("no such command")
    assert bell.asked.count("close") >= 10
    assert LONGEST_BROKEN / 2 < wait._pause <= LONGEST_BROKEN
    assert len(caplog.records) == 1
    assert "no such command" in caplog.text


def test_a_waker_that_is_in_order_again_wakes(wait: IdleWait, bell: Bell) -> None:
    bell.trouble = StorageError("gone")
    begin(wait)
    bell.trouble = None
    assert wait.fileno() == -1
    pass_time(wait)
    assert not wait.woken()
    bell.rings = True
    assert wait.woken()


def test_on_a_store_without_a_waker_there_is_nothing_to_wait_for() -> None:
    wait = IdleWait(lambda: None)
    begin(wait)
    assert wait.fileno() == -1
    assert math.isinf(wait.left())
    assert not wait.woken()
    wait.end()
    wait.close()


def test_when_the_worker_ends_its_waker_is_closed(wait: IdleWait, bell: Bell) -> None:
    begin(wait)
    wait.close()
    assert bell.asked[-2:] == ["stop", "close"]
    begin(wait)
    assert wait.fileno() == 7
