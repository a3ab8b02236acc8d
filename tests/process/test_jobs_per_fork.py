"""`--jobs-per-fork` and `--seconds-per-fork`: a child takes job after job, and the promise is the same."""

import os
import signal

import pytest
from harness import Shop, children_of, wait_for

from resque_core import Resque
from resque_core.errors import SettingsError
from resque_core.worker_options import worker_options


def _pack(resque: Resque, *numbers: int) -> None:
    for number in numbers:
        resque.enqueue_to("shop", "storeroom.pack", number)


def _packers(shop: Shop) -> list[str]:
    """The pid of the child that packed each, in their order."""
    return [words[2] for words in shop.lines("packed")]


def test_the_last_child_runs_its_functions_for_the_exit_before_the_worker_is_gone(
    shop: Shop, resque: Resque
) -> None:
    for _ in range(3):
        resque.enqueue_to("shop", "storeroom.leave_something_for_the_exit", 0.1)
    shop.work_off("--jobs-per-fork", "2", "--run-at-exit-hooks")
    assert len(shop.lines("at_exit")) == 3


@pytest.mark.every_store
def test_a_child_performs_so_many_jobs_and_then_another_does(shop: Shop, resque: Resque) -> None:
    _pack(resque, *range(7))
    shop.work_off("--jobs-per-fork", "3")
    first, _, _, second, _, _, third = packers = _packers(shop)
    assert packers == [first] * 3 + [second] * 3 + [third]
    assert len({first, second, third}) == 3
    assert resque.stats.all() == {"processed": 7}


def test_a_child_performs_jobs_for_so_many_seconds(shop: Shop, resque: Resque) -> None:
    _pack(resque, 1, 2, 3)
    shop.work_off("--seconds-per-fork", "600")
    assert len(set(_packers(shop))) == 1
    _pack(resque, 4, 5, 6)
    shop.work_off("--seconds-per-fork", "0.000001")
    assert len(set(_packers(shop))) == 1 + 3


def test_whichever_limit_comes_first_ends_a_childs_work(shop: Shop, resque: Resque) -> None:
    _pack(resque, 1, 2, 3, 4)
    shop.work_off("--jobs-per-fork", "2", "--seconds-per-fork", "600")
    first, _, second, _ = packers = _packers(shop)
    assert packers == [first, first, second, second]
    assert first != second


def test_a_job_that_fails_does_not_end_the_childs_work(shop: Shop, resque: Resque) -> None:
    _pack(resque, 1)
    resque.enqueue_to("shop", "storeroom.break_down", "no tape")
    _pack(resque, 2)
    shop.work_off("--jobs-per-fork", "10")
    assert len(set(_packers(shop))) == 1
    assert [failure.error for failure in resque.failures.all(0, 10)] == ["no tape"]
    assert resque.stats.all() == {"processed": 3, "failed": 1}


@pytest.mark.every_store
def test_a_child_that_dies_fails_the_job_that_it_has_and_no_other(shop: Shop, resque: Resque) -> None:
    _pack(resque, 1, 2)
    resque.enqueue_to("shop", "storeroom.die", int(signal.SIGKILL))
    _pack(resque, 3)
    shop.work_off("--jobs-per-fork", "10")
    (failure,) = resque.failures.all(0, 10)
    first, again, other = _packers(shop)
    assert failure.error == f"Child process received unhandled signal pid {first} SIGKILL (signal 9)"
    assert (again, other != first) == (first, True)
    assert resque.stats.all() == {"processed": 4, "failed": 1}


def test_a_killed_keepers_job_is_rescued_and_those_before_it_stay_done(shop: Shop, resque: Resque) -> None:
    gate = shop.folder / "gate"
    _pack(resque, 1)
    resque.enqueue_to("shop", "storeroom.hold", str(gate))
    victim = shop.start("--jobs-per-fork", "10")
    shop.wait_for_line("holding")
    victim.signal(signal.SIGKILL)
    shop.start("--jobs-per-fork", "10")
    shop.wait_for_line("holding", 2)
    gate.touch()
    wait_for(lambda: resque.stats.all() == {"processed": 2}, "both settlements")
    assert [words[1] for words in shop.lines("packed")] == ["1"]


def test_a_child_that_dies_between_two_jobs_takes_none_with_it(shop: Shop, resque: Resque) -> None:
    worker = shop.start("--jobs-per-fork", "10")
    _pack(resque, 1)
    veteran = int(shop.wait_for_line("packed")[2])
    wait_for(lambda: resque.stats.all() == {"processed": 1}, "the settlement")
    os.kill(veteran, signal.SIGKILL)
    wait_for(lambda: veteran not in children_of(worker.app_pid), "its end")
    _pack(resque, 2)
    assert int(shop.wait_for_line("packed", 2)[2]) != veteran
    wait_for(lambda: resque.stats.all() == {"processed": 2}, "the other settlement")


def test_a_stopped_worker_hands_back_the_job_of_a_child_that_had_others(shop: Shop, resque: Resque) -> None:
    _pack(resque, 1)
    resque.enqueue_to("shop", "storeroom.hold", str(shop.folder / "gate"))
    worker = shop.start("--jobs-per-fork", "10", "--grace", "0")
    shop.wait_for_line("holding")
    worker.signal(signal.SIGTERM)
    assert worker.wait() == 0
    assert resque.size("shop") == 1
    assert resque.stats.all() == {"processed": 1}


@pytest.mark.parametrize("option", ["jobs_per_fork", "seconds_per_fork"])
def test_a_worker_that_forks_none_refuses_to_be_told_how_long_a_child_works(option: str) -> None:
    with pytest.raises(SettingsError, match="this worker forks none"):
        worker_options(fork=False, **{option: 5})


def test_hooks_of_the_fork_run_once_for_the_jobs_of_a_child(shop: Shop, resque: Resque) -> None:
    _pack(resque, 1, 2, 3)
    worker = shop.start("--burst", "--jobs-per-fork", "2", "--require", "hooked")
    assert worker.wait() == 0
    first, _, second = _packers(shop)
    ran = [words[2] for words in shop.lines("hook") if words[1:2] == ["after_fork"] and words[3] != "again"]
    assert ran == [first, second]


def test_a_job_that_wants_to_be_alone_gets_a_child_before_and_after_which_there_is_no_other(
    shop: Shop, resque: Resque
) -> None:
    _pack(resque, 1, 2)
    resque.enqueue_to("shop", "loners.wash")
    resque.enqueue_to("shop", "loners.wash")
    _pack(resque, 3, 4)
    worker = shop.start("--burst", "--jobs-per-fork", "10", "--require", "loners")
    assert worker.wait() == 0
    first, again, after, then = _packers(shop)
    washers = [words[1] for words in shop.lines("washed")]
    assert (first, after) == (again, then)
    assert len({first, *washers, after}) == 4
    assert resque.stats.all() == {"processed": 6}


def test_a_worker_that_forks_none_refuses_a_job_that_wants_to_be_alone(shop: Shop, resque: Resque) -> None:
    resque.enqueue_to("shop", "loners.wash")
    worker = shop.start("--burst", "--no-fork", require="loners")
    assert worker.wait() == 1
    assert "loners.wash is to have a process of its own (isolate=True)" in worker.log
    assert resque.size("shop") == 1
