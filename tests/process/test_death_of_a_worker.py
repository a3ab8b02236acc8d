"""Kill any process of a worker: the job is back or in the failed store, and never settled twice."""

import os
import signal
import time
from pathlib import Path

import pytest
from harness import Shop, alive, children_of, wait_for, waits

from resque_core import Resque
from resque_core.process.nursery import CALM
from resque_core.sweeper import Sweeper


def _hold(shop: Shop, resque: Resque) -> str:
    gate = str(shop.folder / "gate")
    resque.enqueue_to("shop", "storeroom.hold", gate)
    return gate


@pytest.mark.every_store(always=True)
def test_a_killed_keepers_job_is_back_within_lease_and_sweep_and_runs_again(
    shop: Shop, resque: Resque
) -> None:
    gate = _hold(shop, resque)
    victim = shop.start(itself=True)
    child = int(shop.wait_for_line("holding")[1])
    other = shop.start(queues="shop")
    wait_for(lambda: len(resque.workers()) == 2, "the second worker")
    resque.pause("shop")
    resque.enqueue_to("shop", "storeroom.pack", 1)
    victim.signal(signal.SIGKILL)
    killed = time.monotonic()
    wait_for(lambda: resque.size("shop") == 2, "the job's return")
    # lease 1 s + sweep 0.2 s, or one lease since the second worker started, and slack for a busy machine
    assert time.monotonic() - killed < 1 + 0.2 + 30
    assert resque.peek("shop")[0].name == "storeroom.hold"
    assert not alive(child)
    Path(gate).touch()
    resque.resume("shop")
    shop.wait_for_line("packed")
    assert len(shop.lines("holding")) == 2
    wait_for(lambda: resque.stats.all() == {"processed": 2}, "both settlements")
    assert [worker.pid for worker in resque.workers()] == [other.pid]


def test_all_processes_of_a_killed_keeper_are_gone(shop: Shop, resque: Resque) -> None:
    _hold(shop, resque)
    worker = shop.start()
    shop.wait_for_line("holding")
    app = worker.app_pid
    wait_for(lambda: len(children_of(app)) == CALM.enough, "the child with the job, and those that stand by")
    family = [app, *children_of(app)]
    worker.signal(signal.SIGKILL)
    wait_for(lambda: not any(alive(pid) for pid in family), "their end")


@pytest.mark.every_store(always=True)
def test_a_killed_app_process_fails_the_job_as_dirty_exit_and_ends_the_worker(
    shop: Shop, resque: Resque
) -> None:
    _hold(shop, resque)
    worker = shop.start()
    child = int(shop.wait_for_line("holding")[1])
    app = worker.app_pid
    os.kill(app, signal.SIGKILL)
    assert worker.wait() == 1
    (failure,) = resque.failures.all(0, 10)
    assert failure.exception == "DirtyExit"
    assert failure.error == f"App process received unhandled signal pid {app} SIGKILL (signal 9)"
    assert resque.workers() == []
    wait_for(lambda: not alive(child), "the child's end")


def test_the_job_of_a_killed_app_process_is_settled_when_its_child_is_gone(
    shop: Shop, resque: Resque
) -> None:
    gate = shop.folder / "gate"
    resque.enqueue_to("shop", "storeroom.linger", str(gate))
    worker = shop.start()
    shop.wait_for_line("lingering")
    gate.touch()
    os.kill(worker.app_pid, signal.SIGKILL)
    wait_for(lambda: resque.failures.count() == 1, "the failure")
    assert shop.lines("left")
    assert worker.wait() == 1


def test_an_idle_worker_whose_app_process_dies_ends_with_status_1(shop: Shop, resque: Resque) -> None:
    worker = shop.start()
    wait_for(lambda: resque.workers(), "registration")
    os.kill(worker.app_pid, signal.SIGKILL)
    assert worker.wait() == 1
    assert resque.workers() == []


@pytest.mark.every_store
def test_a_failure_hook_that_kills_the_app_process_still_leaves_a_dirty_exit(
    shop: Shop, resque: Resque
) -> None:
    resque.enqueue_to("shop", "storeroom.KillsItsApp")
    assert shop.start().wait() == 1
    (failure,) = resque.failures.all(0, 10)
    assert failure.exception == "DirtyExit"
    assert failure.error.startswith("Child process received")


@pytest.mark.every_store(always=True)
def test_a_keeper_frozen_longer_than_two_leases_is_told_that_it_lost(shop: Shop, resque: Resque) -> None:
    gate = _hold(shop, resque)
    frozen = shop.start()
    shop.wait_for_line("holding")
    before = resque.workers()[0].id
    frozen.signal(signal.SIGSTOP)
    shop.start()
    shop.wait_for_line("holding", count=2)
    Path(gate).touch()
    wait_for(lambda: resque.stats.all().get("processed") == 1, "the one settlement")
    frozen.signal(signal.SIGCONT)
    frozen.wait_for_log("lost: job .* was taken from worker")
    resque.enqueue_to("shop", "storeroom.pack", 1)
    wait_for(lambda: resque.stats.all() == {"processed": 2}, "the next job, and no second settlement")
    # It learns at its next wish for a job that the store gave it up, and the other worker may be quicker.
    (again,) = wait_for(lambda: [it.id for it in resque.workers() if it.pid == frozen.pid], "its return")
    assert again != before


@pytest.mark.every_store
def test_a_keeper_that_lost_its_job_while_it_runs_ends_the_child(shop: Shop, resque: Resque) -> None:
    _hold(shop, resque)
    worker = shop.start()
    child = int(shop.wait_for_line("holding")[1])
    held = resque.workers()[0]
    resque.pause("shop")
    worker.signal(signal.SIGSTOP)
    wait_for(lambda: resque.storage.workers.lapsed(), "the end of its lease")
    wait_for(lambda: Sweeper(resque.storage).sweep_all().requeued or resque.size("shop"), "the sweep")
    assert alive(child)
    worker.signal(signal.SIGCONT)
    wait_for(lambda: not alive(child), "the end of the child")
    worker.wait_for_log("lost: the store does not know worker")
    assert resque.size("shop") == 1
    wait_for(lambda: [w.id for w in resque.workers() if w.id != held.id], "its new id")


@pytest.mark.every_store
def test_a_job_that_keeps_killing_its_workers_fails_after_the_last_rescue(shop: Shop, resque: Resque) -> None:
    _hold(shop, resque)
    shop.start("--max-rescues", "2", queues="other")
    for run in (1, 2, 3):
        victim = shop.start("--sweep", "1000", queues="shop")
        shop.wait_for_line("holding", count=run)
        victim.signal(signal.SIGKILL)
        victim.wait()
        wait_for(lambda: resque.size("shop") or resque.failures.count(), "the sweep")
    (failure,) = resque.failures.all(0, 10)
    assert failure.exception == "PruneDeadWorkerDirtyExit"
    assert failure.name == "storeroom.hold"
    assert "taken back from dead workers 2 times before" in failure.error
    assert resque.size("shop") == 0


@pytest.mark.every_store
def test_a_job_that_must_not_run_twice_fails_when_its_worker_dies(shop: Shop) -> None:
    with Resque(shop.url, on_worker_death="fail") as resque:
        _hold(shop, resque)
        victim = shop.start()
        shop.wait_for_line("holding")
        shop.start(queues="other")
        victim.signal(signal.SIGKILL)
        (failure,) = wait_for(lambda: resque.failures.all(0, 10), "the failure")
        assert failure.exception == "PruneDeadWorkerDirtyExit"
        assert "did not gracefully exit while processing storeroom.hold" in failure.error
        assert resque.size("shop") == 0
        assert len(shop.lines("holding")) == 1


@pytest.mark.every_store
def test_a_worker_lives_through_an_outage_of_the_store_and_its_job_too(shop: Shop, resque: Resque) -> None:
    gate = _hold(shop, resque)
    worker = shop.start()
    child = int(shop.wait_for_line("holding")[1])
    resque.close()
    shop.store.break_down()
    worker.wait_for_log("The store does not answer")
    Path(gate).touch()
    shop.wait_for_line("held")
    wait_for(lambda: not alive(child), "the end of the child")
    assert worker.exit_code is None
    shop.store.come_back()
    worker.wait_for_log("The store answers again")
    wait_for(lambda: resque.stats.all() == {"processed": 1}, "the settlement")
    resque.enqueue_to("shop", "storeroom.pack", 1)
    shop.wait_for_line("packed")
    assert len(shop.lines("holding")) == 1


@pytest.mark.every_store
def test_a_worker_without_forks_beats_during_its_job(shop: Shop, resque: Resque) -> None:
    gate = _hold(shop, resque)
    worker = shop.start("--no-fork", "--lease", "0.5")
    assert int(shop.wait_for_line("holding")[1]) == worker.pid
    shop.start("--lease", "0.5", queues="other")
    wait_for(lambda: len(resque.workers()) == 2, "the other worker")
    limit = time.monotonic() + 1.5
    wait_for(lambda: time.monotonic() > limit, "three leases")
    Path(gate).touch()
    wait_for(lambda: resque.stats.all() == {"processed": 1}, "the settlement")
    assert len(shop.lines("holding")) == 1


def test_a_worker_that_cannot_fork_hands_jobs_back_and_gives_up(shop: Shop, resque: Resque) -> None:
    resque.enqueue_to("shop", "storeroom.pack", 1)
    worker = shop.start("--setup", "storeroom:refuse_forks")
    assert worker.wait() == 1
    assert worker.log.count("it is back on its queue") == 5
    assert "Resource temporarily unavailable" in worker.log
    assert resque.size("shop") == 1
    assert resque.stats.all() == {}
    assert resque.workers() == []


def test_an_app_process_that_does_not_end_its_child_is_ended_itself(shop: Shop, resque: Resque) -> None:
    _hold(shop, resque)
    worker = shop.start("--grace", "0.1")
    child = int(shop.wait_for_line("holding")[1])
    app = worker.app_pid
    os.kill(app, signal.SIGSTOP)
    worker.signal(signal.SIGTERM)
    assert worker.wait() == 1
    assert "did not end its child in time" in worker.log
    assert not alive(child)
    assert resque.size("shop") == 1


def test_children_that_die_before_they_get_a_job_end_the_worker(shop: Shop, resque: Resque) -> None:
    worker = shop.start()
    app = worker.app_pid
    for _ in range(5):
        standby = wait_for(lambda: children_of(app), "a child that stands by")[0]
        os.kill(standby, signal.SIGKILL)
        wait_for(lambda: standby not in children_of(app), "its end")  # noqa: B023
    assert worker.wait() == 1
    assert "children in a row died before they got a job" in worker.log


def test_a_job_that_comes_after_a_standby_died_runs_in_another(shop: Shop, resque: Resque) -> None:
    # Its app process has a third of that to have another child, on a busy machine, too.
    worker = shop.start("--lease", "9")
    for standby in _standbys(worker.app_pid):
        os.kill(standby, signal.SIGKILL)
        # One that is still dying could be given the job.
        wait_for(lambda: not alive(standby), "its end")  # noqa: B023
    resque.enqueue_to("shop", "storeroom.pack", 1)
    shop.wait_for_line("packed")
    wait_for(lambda: resque.stats.all() == {"processed": 1}, "its settlement")


def test_jobs_run_in_the_children_that_are_left_while_the_app_process_hangs(
    shop: Shop, resque: Resque
) -> None:
    worker = shop.start("--lease", "6")
    _standbys(worker.app_pid)
    os.kill(worker.app_pid, signal.SIGSTOP)
    for number in range(CALM.enough):
        resque.enqueue_to("shop", "storeroom.pack", number)
    wait_for(lambda: resque.stats.all() == {"processed": CALM.enough}, "the jobs")
    assert worker.exit_code is None


def test_a_job_for_which_a_hanging_app_process_has_no_child_goes_back_to_its_queue(
    shop: Shop, resque: Resque
) -> None:
    worker = shop.start("--lease", "1.5")
    _standbys(worker.app_pid)
    os.kill(worker.app_pid, signal.SIGSTOP)
    for number in range(CALM.enough + 1):
        resque.enqueue_to("shop", "storeroom.pack", number)
    assert worker.wait() == 1
    assert "had no child for a job in time" in worker.log
    assert resque.stats.all() == {"processed": CALM.enough}
    assert resque.size("shop") == 1
    assert resque.failures.count() == 0


def _standbys(app: int) -> list[int]:
    """The children of an app process that has as many as it keeps, and waits."""

    def ready() -> list[int] | None:
        pids = children_of(app)
        return pids if len(pids) == CALM.enough and waits(app) else None

    return wait_for(ready, "the children")


@pytest.mark.every_store
def test_a_payload_of_ten_megabytes_reaches_its_job(shop: Shop) -> None:
    with Resque(shop.url, max_payload=20_000_000) as resque:
        resque.enqueue_to("shop", "storeroom.shout", "x" * 10_000_000)
        shop.work_off()
        assert resque.stats.all() == {"processed": 1}
    assert shop.lines("shouted") == [["shouted"]]
