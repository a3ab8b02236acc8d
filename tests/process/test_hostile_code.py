"""Modules and jobs that do what they should not, and the traps that a review found."""

import math
import os
import selectors
import signal
import subprocess
import time
from collections.abc import Iterator

import pytest
from harness import Shop, alive, children_of, wait_for

from resque_core import Resque
from resque_core.job import Entry
from resque_core.outcome import DIRTY_EXIT, Ended, Problem
from resque_core.process.app_handle import AppHandle
from resque_core.process.births import BirthChannel, birth_channel_pair
from resque_core.process.brood import Brood
from resque_core.process.fork_runner import BIRTH_PATIENCE, ForkRunner
from resque_core.process.frames import Frame, channel_pair, text_frame
from resque_core.process.results import result_frame
from resque_core.records import Reservation
from resque_core.shift import Shift


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
    wait_for(lambda: not alive(program), "the end of the program")


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
    assert time.monotonic() - began < 50  # The hook would take 60.
    # Its child was dead before anybody stopped the worker: that is how it ended.
    (failure,) = resque.failures.all(0, 10)
    assert failure.error.endswith("SIGKILL (signal 9)")
    assert resque.size("shop") == 0


def test_a_large_job_is_handed_over_within_a_minute(shop: Shop) -> None:
    with Resque(shop.url, max_payload=40_000_000) as resque:
        resque.enqueue_to("shop", "storeroom.shout", "x" * 32_000_000)
        shop.work_off()
        assert resque.stats.all() == {"processed": 1}


def test_a_worker_beats_and_can_be_stopped_while_a_child_does_not_take_its_job(
    shop: Shop, resque: Resque
) -> None:
    resque.enqueue_to("shop", "storeroom.shout", "x" * 900_000)
    worker = shop.start("--setup", "storeroom:hang_after_forks", "--grace", "0.1")
    wait_for(resque.working, "the job in hand")
    time.sleep(2.5)  # two leases and a half
    assert [info.state for info in resque.workers()] == ["working"]
    worker.signal(signal.SIGTERM)
    assert worker.wait() == 0
    assert resque.size("shop") == 1


def test_a_length_of_thousands_of_digits_is_no_message(shop: Shop, resque: Resque) -> None:
    resque.enqueue_to("shop", "storeroom.claim_gigabytes")
    resque.enqueue_to("shop", "storeroom.pack", 1)
    shop.work_off()
    (failure,) = resque.failures.all(0, 10)
    assert failure.exception == DIRTY_EXIT
    assert len(shop.lines("packed")) == 1


@pytest.mark.parametrize("spare", range(1, 6))
def test_with_few_descriptors_no_child_is_lost_sight_of(
    shop: Shop, resque: Resque, monkeypatch: pytest.MonkeyPatch, spare: int
) -> None:
    monkeypatch.setenv("SHOP_SPARE", str(spare))
    resque.enqueue_to("shop", "storeroom.leave", 0)
    worker = shop.start("--burst", "--setup", "storeroom:leave_few_descriptors")
    assert worker.wait() in (0, 1)
    # Some are enough for a child or two. With fewer, the job goes back and the worker gives up.
    assert resque.size("shop") + resque.failures.count() == 1
    assert resque.working() == []


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
    first.wait()
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


@pytest.fixture
def hand_made() -> Iterator[tuple[ForkRunner, BirthChannel, selectors.BaseSelector]]:
    """A runner whose app process is a program that sleeps; and the app process's end of their channel."""
    with selectors.DefaultSelector() as selector, subprocess.Popen(["sleep", "60"]) as process:
        runner = ForkRunner(lambda: None, 1.0, selector)
        runner._app = AppHandle.__new__(AppHandle)
        runner._app.channel, theirs = birth_channel_pair()
        runner._app.pid = process.pid
        runner._app._lifeline = os.open(os.devnull, os.O_RDONLY)
        selector.register(runner._app.channel, selectors.EVENT_READ)
        yield runner, theirs, selector
        runner.close()
        theirs.close()


def a_reservation(token: str) -> Reservation:
    return Reservation(token, "worker", Entry("1", "shop", b"{}"))


def test_a_late_word_about_another_job_leaves_the_present_one_in_hand(
    hand_made: tuple[ForkRunner, BirthChannel, selectors.BaseSelector],
) -> None:
    """Else the death of the app process would leave the present job without an end."""
    runner, theirs, _ = hand_made
    runner.start(a_reservation("present"))
    theirs.send(text_frame("mourned", "earlier", "E", "e", ""))
    runner.listen()
    assert runner.ended() is None
    theirs.send(text_frame("mourned", "present", "E", "e", ""))
    runner.listen()
    assert runner.ended() == Ended("present", Problem("E", "e"))


def test_what_a_child_said_counts_though_its_app_process_was_gone_before_we_heard_it(
    hand_made: tuple[ForkRunner, BirthChannel, selectors.BaseSelector],
) -> None:
    """Else a job that ran to its end would be in the failed store."""
    runner, theirs, _ = hand_made
    ours, childs = channel_pair()
    runner._brood.welcome(4711, ours)
    runner.start(a_reservation("present"))
    assert runner._app
    listen = runner._app.channel.poll

    def too_late_to_hear_the_child() -> Frame | None:
        childs.send(result_frame("shop", 0.1, None))
        theirs.close()
        return listen()

    runner._app.channel.poll = too_late_to_hear_the_child  # type: ignore[method-assign]
    runner.listen()
    assert runner.ended() == Ended("present", None, name="shop", seconds=0.1)
    childs.close()


def test_patience_ends_with_the_app_process(
    hand_made: tuple[ForkRunner, BirthChannel, selectors.BaseSelector],
) -> None:
    """Else a worker that waits out an outage afterwards would not sleep."""
    runner, theirs, _ = hand_made
    runner.start(a_reservation("present"))
    assert runner.left() <= BIRTH_PATIENCE
    theirs.close()
    runner.listen()
    ended = runner.ended()
    assert ended
    assert ended.refused
    assert runner.dead is not None
    assert runner.left() == math.inf


def test_a_birth_without_a_socket_ends_the_app_process(
    hand_made: tuple[ForkRunner, BirthChannel, selectors.BaseSelector],
) -> None:
    runner, theirs, _ = hand_made
    theirs.send(text_frame("born", "4711"))
    runner.listen()
    assert runner.ended() is None
    assert "a birth without a socket" in str(runner.dead)


@pytest.mark.parametrize("word", ["nonsense", "ended", "born"])
def test_an_app_process_that_says_what_no_part_of_ours_says_is_ended(
    hand_made: tuple[ForkRunner, BirthChannel, selectors.BaseSelector], word: str
) -> None:
    runner, theirs, _ = hand_made
    theirs.send(text_frame(word, "x", "y"))
    runner.listen()
    assert runner.ended() is None
    assert runner.dead is not None


def test_only_young_children_count_as_early_deaths(monkeypatch: pytest.MonkeyPatch) -> None:
    def lose_one() -> int:
        ours, theirs = channel_pair()
        theirs.close()
        brood.welcome(4711, ours)
        brood.forget(4711)
        return brood.early_deaths

    with selectors.DefaultSelector() as selector:
        brood = Brood(selector, Shift())
        assert lose_one() == 1
        assert lose_one() == 2
        monkeypatch.setattr("resque_core.process.brood.YOUNG", 0.0)
        assert lose_one() == 0
