"""How a worker ends: by signal, by command, by itself."""

import os
import signal
import time

import pytest
from harness import Shop, alive, wait_for

from resque_core import Resque

SLOW = """
import time
from storeroom import tell
tell("loading")
time.sleep(60)
"""


def _hold(shop: Shop, resque: Resque) -> None:
    resque.enqueue_to("shop", "storeroom.hold", str(shop.folder / "gate"))


@pytest.mark.every_store(always=True)
def test_an_idle_worker_ends_at_once_and_leaves_nothing_behind(shop: Shop, resque: Resque) -> None:
    worker = shop.start("--interval", "600", "--lease", "1800", "--sweep", "600")
    worker.wait_for_log(r"worker \S+ on ")
    wait_for(lambda: resque.workers(), "registration")
    app = worker.app_pid
    worker.signal(signal.SIGTERM)
    assert worker.wait() == 0
    assert resque.workers() == []
    assert not alive(app)


@pytest.mark.every_store
def test_a_busy_worker_finishes_its_job_first_and_takes_no_other(shop: Shop, resque: Resque) -> None:
    _hold(shop, resque)
    resque.enqueue_to("shop", "storeroom.pack", 1)
    worker = shop.start(itself=True)
    shop.wait_for_line("holding")
    worker.signal(signal.SIGTERM)
    (shop.folder / "gate").touch()
    assert worker.wait() == 0
    assert resque.stats.all() == {"processed": 1}
    assert resque.size("shop") == 1


@pytest.mark.every_store
def test_when_its_grace_is_over_the_job_is_handed_back_to_the_head_and_not_counted(
    shop: Shop, resque: Resque
) -> None:
    _hold(shop, resque)
    resque.enqueue_to("shop", "storeroom.pack", 1)
    worker = shop.start("--grace", "0.3")
    child = int(shop.wait_for_line("holding")[1])
    worker.signal(signal.SIGTERM)
    assert worker.wait() == 0
    assert not alive(child)
    assert [job.name for job in resque.peek("shop", 0, 10)] == ["storeroom.hold", "storeroom.pack"]
    assert resque.stats.all() == {}
    assert resque.info()["failed"] == 0
    assert resque.workers() == []
    assert shop.lines("on_failure") == []


def test_ctrl_c_twice_hands_the_job_back_at_once(shop: Shop, resque: Resque) -> None:
    _hold(shop, resque)
    worker = shop.start("--grace", "60")
    shop.wait_for_line("holding")
    worker.signal(signal.SIGINT)
    worker.wait_for_log("ctrl-c: none")
    worker.signal(signal.SIGTERM)
    worker.wait_for_log("has 60 seconds\\.")
    assert worker.exit_code is None
    worker.signal(signal.SIGINT)
    assert worker.wait() == 0
    assert resque.size("shop") == 1


def test_quit_waits_for_the_job_however_long_it_takes(shop: Shop, resque: Resque) -> None:
    _hold(shop, resque)
    worker = shop.start("--grace", "0.1")
    shop.wait_for_line("holding")
    worker.signal(signal.SIGQUIT)
    limit = time.monotonic() + 0.5
    wait_for(lambda: time.monotonic() > limit)
    assert worker.exit_code is None
    (shop.folder / "gate").touch()
    assert worker.wait() == 0
    assert resque.stats.all() == {"processed": 1}


def test_a_term_to_the_whole_group_loses_nothing(shop: Shop, resque: Resque) -> None:
    _hold(shop, resque)
    worker = shop.start()
    shop.wait_for_line("holding")
    os.killpg(worker.pid, signal.SIGTERM)
    (shop.folder / "gate").touch()
    assert worker.wait() == 0
    assert resque.stats.all() == {"processed": 1}


def test_a_term_while_the_jobs_are_loaded_ends_the_worker(shop: Shop, resque: Resque) -> None:
    (shop.folder / "slow.py").write_text(SLOW)
    worker = shop.start(require="slow")
    shop.wait_for_line("loading")
    worker.signal(signal.SIGTERM)
    assert worker.wait() == 0


@pytest.mark.every_store
def test_a_worker_obeys_a_stop_that_was_left_in_the_store(shop: Shop, resque: Resque) -> None:
    worker = shop.start()
    (info,) = wait_for(lambda: resque.workers(), "registration")
    assert resque.storage.workers.command(info.id, "stop")
    assert worker.wait() == 0


@pytest.mark.every_store
def test_a_program_can_have_a_worker_end_its_job_be_quiet_and_stop(shop: Shop, resque: Resque) -> None:
    _hold(shop, resque)
    worker = shop.start()
    shop.wait_for_line("holding")
    (info,) = resque.workers()
    assert resque.kill_job(info.id)
    wait_for(lambda: resque.failures.count() == 1, "the end of the job")
    assert [failure.exception for failure in resque.failures.peek()] == ["DirtyExit"]
    assert resque.quiet_worker(info.id)
    worker.wait_for_log("Told to quiet")
    assert resque.stop_worker(info.id)
    assert worker.wait() == 0
    assert not resque.stop_worker(info.id)


@pytest.mark.every_store
@pytest.mark.parametrize("mode", ["--fork", "--no-fork"])
def test_jobs_follow_each_other_without_waiting_for_any_timer(shop: Shop, resque: Resque, mode: str) -> None:
    for number in range(10):
        resque.enqueue_to("shop", "storeroom.pack", number)
    worker = shop.start(mode, "--burst", "--interval", "600", "--lease", "1800", "--sweep", "600")
    assert worker.wait() == 0
    assert len(shop.lines("packed")) == 10


@pytest.mark.every_store
def test_a_quiet_worker_stays_and_takes_nothing(shop: Shop, resque: Resque) -> None:
    worker = shop.start()
    (info,) = wait_for(lambda: resque.workers(), "registration")
    resque.storage.workers.command(info.id, "quiet")
    worker.wait_for_log("Told to quiet")
    resque.enqueue_to("shop", "storeroom.pack", 1)
    limit = time.monotonic() + 0.4
    wait_for(lambda: time.monotonic() > limit)
    assert resque.size("shop") == 1
    assert len(resque.workers()) == 1


@pytest.mark.every_store
def test_a_worker_that_cannot_reach_its_store_at_the_end_leaves_the_job_to_a_sweep(
    shop: Shop, resque: Resque
) -> None:
    _hold(shop, resque)
    worker = shop.start("--grace", "0.5")
    shop.wait_for_line("holding")
    resque.close()
    shop.store.break_down()
    worker.wait_for_log("The store does not answer")
    worker.signal(signal.SIGTERM)
    (shop.folder / "gate").touch()
    assert worker.wait() == 1
    assert "a sweep will take it back" in worker.log
    shop.store.come_back()
    assert resque.workers()[0].reservation is not None


@pytest.mark.parametrize("fork", ["--fork", "--no-fork"])
def test_a_module_that_raises_ends_the_worker_with_one_line_and_one_traceback(shop: Shop, fork: str) -> None:
    (shop.folder / "broken.py").write_text("def begin():\n    return {}['shelf']\n\nbegin()\n")
    worker = shop.start(fork, require="broken")
    assert worker.wait() == 2
    # Python 3.13 marks the call, too.
    assert [line for line in worker.log.splitlines() if line != "    ~~~~~^^"] == [
        "resque: error: --require broken: importing it raised KeyError: 'shelf'",
        "Traceback (most recent call last):",
        f'  File "{shop.folder}/broken.py", line 4, in <module>',
        "    begin()",
        f'  File "{shop.folder}/broken.py", line 2, in begin',
        "    return {}['shelf']",
        "           ~~^^^^^^^^^",
        "KeyError: 'shelf'",
    ]


@pytest.mark.parametrize(
    "named",
    [
        ("--require", "nowhere"),
        ("--require", "storeroom.py"),
        ("--setup", "nowhere:begin"),
        ("--setup", "storeroom:nothing"),
        ("--failure-backend", "storeroom:nothing"),
    ],
)
def test_what_cannot_be_loaded_is_told_in_one_line_as_without_a_fork(
    shop: Shop, named: tuple[str, str]
) -> None:
    forking, inline = shop.start("--burst", *named), shop.start("--burst", "--no-fork", *named)
    assert (forking.wait(), inline.wait()) == (2, 2)
    assert forking.log.count("\n") == 1
    assert forking.log == inline.log


def test_a_hook_that_raises_at_the_start_is_told_in_one_line_before_its_traceback(shop: Shop) -> None:
    (shop.folder / "hooks_that_raise.py").write_text(
        "from resque_core import worker_hooks\n\n@worker_hooks.worker_setup\n"
        "def begin():\n    raise OSError('no shelf\\nno floor')\n"
    )
    worker = shop.start(require="hooks_that_raise")
    assert worker.wait() == 1
    first, *rest = worker.log.splitlines()
    said = "A worker hook worker_setup raised OSError: no shelf"
    assert first == f"resque: error: The jobs could not be loaded: {said}"
    assert "OSError: no shelf" in rest


def test_the_start_line_tells_the_store_the_queues_and_the_jobs(shop: Shop, resque: Resque) -> None:
    worker = shop.start(queues="shop,!low")
    line = worker.wait_for_log(r"resque \S+ worker .*").group()
    assert f"{shop.folder}/store/resque.sqlite3" in line
    assert "(--url)" in line
    assert "namespace resque" in line
    assert "queues shop,!low" in line
    assert "storeroom.break_down" in line


def test_a_worker_without_jobs_is_warned(shop: Shop) -> None:
    (shop.folder / "empty.py").touch()
    assert shop.start("--burst", require="empty").wait() == 0
    assert "No job is registered" in shop.start("--burst", require="empty").wait_for_log("No job.*").group()


def test_set_up_runs_once_in_the_app_process(shop: Shop, resque: Resque) -> None:
    resque.enqueue_to("shop", "storeroom.pack", 1)
    resque.enqueue_to("shop", "storeroom.pack", 2)
    worker = shop.start("--burst", "--setup", "storeroom:set_up")
    assert worker.wait() == 0
    assert len(shop.lines("setup")) == 1
    assert shop.lines("setup")[0][1] != str(worker.pid)


@pytest.mark.every_store
def test_a_critical_queue_comes_first_and_negated_ones_not_at_all(shop: Shop, resque: Resque) -> None:
    for queue, number in (("alpha", 1), ("critical", 2), ("low", 3), ("beta", 4)):
        resque.enqueue_to(queue, "storeroom.pack", number)
    assert shop.start("--burst", queues="critical,*,!low").wait() == 0
    assert [words[1] for words in shop.lines("packed")] == ["2", "1", "4"]
    assert resque.size("low") == 1


@pytest.mark.every_store
def test_a_paused_queue_is_left_alone_until_it_is_resumed(shop: Shop, resque: Resque) -> None:
    resque.pause("shop")
    resque.enqueue_to("shop", "storeroom.pack", 1)
    resque.enqueue_to("other", "storeroom.pack", 2)
    shop.start()
    shop.wait_for_line("packed")
    assert resque.size("shop") == 1
    resque.resume("shop")
    shop.wait_for_line("packed", count=2)


@pytest.mark.every_store
def test_a_pause_of_everything_stops_all(shop: Shop, resque: Resque) -> None:
    resque.pause_all()
    resque.enqueue_to("shop", "storeroom.pack", 1)
    shop.work_off()
    assert resque.size("shop") == 1
    resque.resume_all()
    shop.work_off()
    assert resque.size("shop") == 0
