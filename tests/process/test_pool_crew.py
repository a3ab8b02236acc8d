"""The crew of a pool: which ends of its workers make it patient, on processes that do nothing else."""

import contextlib
import os
import selectors
import signal
from collections.abc import Callable, Iterator

import pytest
from harness import wait_for

from resque_core.pool.group import Group
from resque_core.process.pool.crew import Crew
from resque_core.process.pool.seat import REGISTERED

End = Callable[[int], None]


def leave_in_order(writer: int) -> None:
    os.write(writer, REGISTERED)
    os._exit(0)


def be_killed(writer: int) -> None:
    os.write(writer, REGISTERED)
    os.kill(os.getpid(), signal.SIGKILL)


def fail(writer: int) -> None:
    os.write(writer, REGISTERED)
    os._exit(1)


def leave_before_it_is_there(_writer: int) -> None:
    os._exit(0)


@contextlib.contextmanager
def crew_of(end: End, spawn_delay: float = 0.0) -> Iterator[Crew]:
    with selectors.DefaultSelector() as selector:
        yield Crew(lambda _group, writer: end(writer), selector, [signal.SIGCHLD], spawn_delay)


@pytest.mark.parametrize(
    ("end", "early"), [(leave_in_order, 0), (be_killed, 0), (fail, 3), (leave_before_it_is_there, 3)]
)
def test_only_workers_that_fail_at_once_make_their_group_wait(end: End, early: int) -> None:
    with crew_of(end) as crew:
        assert len(list(crew.reconcile({"shop": Group("shop", 3)}))) == 3
        wait_for(lambda: crew.reap() and not len(crew), "their ends")
        assert crew.backoff("shop").early_ends == early


def test_with_a_delay_each_call_forks_one_and_says_when_the_next_is_due() -> None:
    wanted = {"shop": Group("shop", 2)}
    with crew_of(leave_in_order, spawn_delay=60.0) as crew:
        assert crew.left(wanted) == 0.0
        assert len(list(crew.reconcile(wanted))) == 1
        assert not crew.complete(wanted)
        assert 50.0 < crew.left(wanted) <= 60.0
        assert list(crew.reconcile(wanted)) == []
        assert crew.complete({"shop": Group("shop", 1)})
        wait_for(crew.reap, "its end")


@pytest.mark.parametrize(("end", "arrived"), [(leave_in_order, True), (leave_before_it_is_there, False)])
def test_who_was_in_the_register_has_arrived_however_soon_it_left(end: End, arrived: bool) -> None:
    wanted = {"shop": Group("shop", 2)}
    with crew_of(end) as crew:
        assert not crew.arrived(wanted)
        list(crew.reconcile(wanted))
        wait_for(lambda: crew.reap() and not len(crew), "their ends")
        assert crew.arrived(wanted) is arrived
