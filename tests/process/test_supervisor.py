"""`resque work --count N`."""

import os
import signal

from harness import Shop, alive, children_of, wait_for

from resque_core import Resque


def test_so_many_workers_register_and_a_term_ends_them_all(shop: Shop, resque: Resque) -> None:
    supervisor = shop.start("--count", "3", itself=True)
    wait_for(lambda: len(resque.workers()) == 3, "three workers")
    pids = [worker.pid for worker in resque.workers()]
    assert sorted(pids) == sorted(children_of(supervisor.pid))
    supervisor.signal(signal.SIGTERM)
    assert supervisor.wait() == 0
    assert resque.workers() == []
    assert not any(alive(pid) for pid in pids)


def test_ctrl_c_reaches_each_worker_once_so_that_jobs_finish(shop: Shop, resque: Resque) -> None:
    gate = shop.folder / "gate"
    for _ in range(2):
        resque.enqueue_to("shop", "storeroom.hold", str(gate))
    supervisor = shop.start("--count", "2")
    shop.wait_for_line("holding", count=2)
    os.killpg(supervisor.pid, signal.SIGINT)
    gate.touch()
    assert supervisor.wait() == 0
    assert resque.stats.all() == {"processed": 2}


def test_a_worker_that_dies_is_replaced(shop: Shop, resque: Resque) -> None:
    supervisor = shop.start("--count", "2")
    wait_for(lambda: len(resque.workers()) == 2, "two workers")
    victim = children_of(supervisor.pid)[0]
    os.kill(victim, signal.SIGKILL)
    wait_for(lambda: len(children_of(supervisor.pid)) == 2 and victim not in children_of(supervisor.pid))
    wait_for(lambda: len({w.pid for w in resque.workers()} & set(children_of(supervisor.pid))) == 2)


def test_workers_whose_jobs_cannot_be_loaded_are_given_up(shop: Shop) -> None:
    (shop.folder / "broken.py").write_text("raise RuntimeError('no shelf')\n")
    supervisor = shop.start("--count", "2", "--burst", require="broken")
    assert supervisor.wait() == 2
    told = [line for line in supervisor.log.splitlines() if "ERROR" in line]
    assert len(told) == 2
    assert all("ERROR --require broken: importing it raised RuntimeError: no shelf" in line for line in told)
    assert supervisor.log.count("Traceback") == 2


def test_a_burst_of_several_ends_when_all_have(shop: Shop, resque: Resque) -> None:
    for number in range(40):
        resque.enqueue_to("shop", "storeroom.pack", number)
    supervisor = shop.start("--count", "2", "--burst")
    assert supervisor.wait() == 0
    assert len(shop.lines("packed")) == 40


def test_workers_end_when_their_supervisor_is_killed(shop: Shop, resque: Resque) -> None:
    supervisor = shop.start("--count", "2")
    wait_for(lambda: len(resque.workers()) == 2, "two workers")
    pids = children_of(supervisor.pid)
    supervisor.signal(signal.SIGKILL)
    wait_for(lambda: not any(alive(pid) for pid in pids), "their end")
    assert resque.workers() == []


def test_the_pidfile_is_held_while_it_runs_and_gone_afterwards(shop: Shop, resque: Resque) -> None:
    path = shop.folder / "worker.pid"
    worker = shop.start("--pidfile", str(path))
    wait_for(lambda: resque.workers(), "registration")
    assert path.read_text() == str(worker.pid)
    second = shop.start("--pidfile", str(path))
    assert second.wait() != 0
    assert f"held by a running process ({worker.pid})" in second.log
    worker.signal(signal.SIGTERM)
    assert worker.wait() == 0
    assert not path.exists()
