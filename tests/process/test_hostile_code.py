"""Modules and jobs that do what they should not, and the traps that a review found."""

import math
import os
import selectors
import signal
import subprocess
import sys
import time
from typing import NoReturn

import pytest
from harness import Shop, alive, children_of, wait_for

from resque_core import Resque
from resque_core.outcome import DIRTY_EXIT
from resque_core.process.fork_runner import KILL_PATIENCE, ForkRunner
from resque_core.process.frames import Frame, channel_pair
from resque_core.process.nursery import YOUNG, Child, Nursery


def test_a_job_ended_by_a_signal_without_a_name_is_a_dirty_exit(shop: Shop, resque: Resque) -> None:
    resque.enqueue_to("shop", "storeroom.die", signal.SIGRTMIN + 5)
    resque.enqueue_to("shop", "storeroom.pack", 1)
    shop.work_off()
    (failure,) = resque.failures.all(0, 10)
    assert failure.error.endswith(f"signal {signal.SIGRTMIN + 5}")
    assert len(shop.lines("packed")) == 1


def test_a_module_that_collects_our_children_neither_ends_the_worker_nor_fails_its_jobs(
    shop: Shop, resque: Resque
) -> None:
    for number in range(20):
        resque.enqueue_to("shop", "storeroom.pack", number)
    resque.enqueue_to("shop", "storeroom.die", int(signal.SIGKILL))
    shop.work_off("--setup", "storeroom:reap_every_child")
    assert len(shop.lines("packed")) == 20
    (failure,) = resque.failures.all(0, 10)
    assert failure.exception == DIRTY_EXIT


def test_signals_that_a_module_took_or_blocked_are_as_new_for_jobs(shop: Shop, resque: Resque) -> None:
    resque.enqueue_to("shop", "storeroom.tell_handlers")
    resque.enqueue_to("shop", "storeroom.die", int(signal.SIGKILL))
    shop.work_off("--setup", "storeroom:take_signals")
    assert shop.lines("handlers") == [["handlers", "True", "0"]]
    assert [failure.exception for failure in resque.failures.all(0, 10)] == [DIRTY_EXIT]


def test_what_a_job_started_ends_when_its_keeper_is_killed(shop: Shop, resque: Resque) -> None:
    resque.enqueue_to("shop", "storeroom.start_a_program", 60)
    worker = shop.start()
    program = int(shop.wait_for_line("program")[1])
    worker.signal(signal.SIGKILL)
    wait_for(lambda: not alive(program), "the end of the program", seconds=3)


def test_a_job_that_reads_the_terminal_finds_nothing_there(shop: Shop, resque: Resque) -> None:
    resque.enqueue_to("shop", "storeroom.read_the_terminal")
    shop.work_off()
    assert shop.lines("read") == [["read", "''"]]


def test_a_hook_that_hangs_does_not_hold_up_the_end_for_longer_than_patience(
    shop: Shop, resque: Resque
) -> None:
    resque.enqueue_to("shop", "storeroom.HangsInItsHook")
    worker = shop.start("--grace", "0.2", "--lease", "60", "--sweep", "60", "--interval", "0.05")
    shop.wait_for_line("hanging")
    worker.signal(signal.SIGTERM)
    began = time.monotonic()
    assert worker.wait() == 1
    assert time.monotonic() - began < 5 + 0.2 + 4
    assert resque.size("shop") == 1


@pytest.mark.every_store
def test_without_forks_a_process_that_a_job_forked_does_not_become_a_second_worker(
    shop: Shop, resque: Resque
) -> None:
    resque.enqueue_to("shop", "storeroom.fork_and_fall_through")
    resque.enqueue_to("shop", "storeroom.pack", 1)
    worker = shop.work_off("--no-fork")
    assert len(shop.lines("packed")) == 1
    assert resque.stats.all() == {"processed": 2}
    assert "lost" not in worker.log


def test_a_daemon_of_a_job_does_not_hold_the_pidfile(shop: Shop, resque: Resque) -> None:
    path = str(shop.folder / "pid")
    resque.enqueue_to("shop", "storeroom.start_a_daemon")
    first = shop.start("--pidfile", path)
    daemon = int(shop.wait_for_line("daemon")[1])
    first.signal(signal.SIGKILL)
    first.process.wait()
    try:
        assert alive(daemon)
        assert shop.start("--burst", "--pidfile", path).wait() == 0
    finally:
        os.kill(daemon, signal.SIGKILL)


@pytest.mark.parametrize("attempt", range(3))
def test_a_term_while_workers_are_being_forked_ends_them_all(shop: Shop, attempt: int) -> None:
    supervisor = shop.start("--count", "6")
    wait_for(lambda: children_of(supervisor.pid), "the first worker")
    supervisor.signal(signal.SIGTERM)
    assert supervisor.wait(20) == 0


def test_a_terminal_that_hangs_up_stops_the_worker_as_a_term_does(shop: Shop, resque: Resque) -> None:
    resque.enqueue_to("shop", "storeroom.hold", str(shop.folder / "gate"))
    worker = shop.start()
    shop.wait_for_line("holding")
    os.killpg(worker.pid, signal.SIGHUP)
    worker.wait_for_log("Stopping")
    (shop.folder / "gate").touch()
    assert worker.wait() == 0
    assert resque.stats.all() == {"processed": 1}


@pytest.mark.every_store
def test_a_quit_does_not_wait_for_ever_for_a_store_that_is_gone(shop: Shop, resque: Resque) -> None:
    resque.enqueue_to("shop", "storeroom.hold", str(shop.folder / "gate"))
    worker = shop.start("--grace", "0.3")
    shop.wait_for_line("holding")
    resque.close()
    shop.store.break_down()
    worker.wait_for_log("The store does not answer")
    worker.signal(signal.SIGQUIT)
    (shop.folder / "gate").touch()
    assert worker.wait() == 1
    shop.store.come_back()


def test_a_late_word_about_another_job_leaves_the_present_one_in_hand() -> None:
    """Else the death of the app process would leave the present job without an end."""
    runner = ForkRunner(lambda: None, 1.0)
    runner._token = "present"
    failed = {"exception": "E", "error": "e", "backtrace": []}
    runner._take_down(Frame("failed", {"token": "earlier", **failed}))
    assert runner._token == "present"
    runner._take_down(Frame("failed", {"token": "present", **failed}))
    assert runner._token is None


def test_patience_with_a_kill_ends_with_the_app_process() -> None:
    """Else a worker that waits out an outage afterwards would not sleep."""
    runner = ForkRunner(lambda: None, 1.0)
    process = subprocess.Popen(["sleep", "60"])
    runner._channel, theirs = channel_pair()
    runner._lifeline = os.dup(theirs.fileno())
    runner._pid = process.pid
    runner.kill()
    assert runner.left() <= KILL_PATIENCE
    theirs.close()
    runner._bury("is gone")
    process.wait()
    assert runner.dead is not None
    assert runner.left() == math.inf


def test_only_young_children_count_as_early_deaths() -> None:
    def reaped(age: float) -> int:
        process = subprocess.Popen([sys.executable, "-c", ""], stdout=subprocess.DEVNULL)
        process.wait()
        ours, theirs = channel_pair()
        theirs.close()
        child = Child(process.pid, ours, born=time.monotonic() - age)
        nursery.children[child.pid] = child
        nursery._forget(child)
        return nursery._early_deaths

    def never(_: object) -> NoReturn:
        raise AssertionError

    with selectors.DefaultSelector() as selector:
        nursery = Nursery(selector, never, never, never)
        assert reaped(0.1) == 1
        assert reaped(0.1) == 2
        assert reaped(YOUNG + 1) == 0
