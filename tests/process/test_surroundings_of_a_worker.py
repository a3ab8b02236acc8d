"""What a worker takes from its environment and leaves there: logs, pidfiles, daemons, its own end."""

import json
import os
import re
import signal
from pathlib import Path

import pytest
from harness import Shop, alive, wait_for

from resque_core import Resque


def test_what_a_jobs_own_logger_says_carries_the_job_and_a_moved_log_file_is_opened_anew(
    shop: Shop, resque: Resque
) -> None:
    path, moved = shop.folder / "shop.log", shop.folder / "shop.log.1"
    job = resque.enqueue_to("shop", "storeroom.log", "hello")
    assert job
    worker = shop.start("--log-file", str(path), "--log-format", "json")
    record = wait_for(lambda: _record(path, "hello"), "what the job said")
    assert (record["logger"], record["level"]) == ("storeroom", "info")
    assert (record["job_id"], record["queue"], record["attempt"]) == (job.id, "shop", 1)
    path.rename(moved)
    worker.signal(signal.SIGHUP)
    wait_for(path.exists, "a new log file")
    resque.enqueue_to("shop", "storeroom.log", "again")
    wait_for(lambda: _record(path, "again"), "what the job said after that")
    assert _record(moved, "again") is None
    worker.signal(signal.SIGTERM)
    assert worker.wait() == 0
    assert worker.log == ""


def test_the_text_of_a_log_names_the_job_and_rubys_variables_choose_rubys_lines(
    shop: Shop, resque: Resque
) -> None:
    job = resque.enqueue_to("shop", "storeroom.log", "hello")
    assert job
    worker = shop.start("--burst")
    assert worker.wait() == 0
    assert re.search(rf" INFO hello \[job {job.id} queue shop attempt 1\]$", worker.log, re.MULTILINE)
    ruby = shop.start("--burst", env={"VVERBOSE": ""})
    assert ruby.wait() == 0
    assert re.search(r"^\*\* \[\d\d:\d\d:\d\d \d{4}-\d\d-\d\d\] \d+: resque ", ruby.log, re.MULTILINE)
    assert "Idle" in ruby.log


def test_a_daemon_goes_on_alone_with_its_pid_in_a_file_and_ends_when_it_is_told(
    shop: Shop, resque: Resque
) -> None:
    pidfile = shop.folder / "shop.pid"
    started = shop.start(
        "--log-file", "shop.log", env={"BACKGROUND": "no", "PIDFILE": str(pidfile)}, itself=True
    )
    assert started.wait() == 0
    pid = int(wait_for(lambda: pidfile.read_text() if pidfile.exists() else "", "a pidfile"))
    assert pid != started.pid
    try:
        (worker,) = wait_for(lambda: resque.workers(), "registration")
        assert worker.pid == pid
        assert os.getsid(pid) != os.getsid(0)
        assert str(Path(f"/proc/{pid}/fd/1").readlink()) == os.devnull
    finally:
        os.kill(pid, signal.SIGTERM)
    wait_for(lambda: not alive(pid), "the end of the daemon")
    assert not pidfile.exists()
    assert resque.workers() == []


def test_a_worker_that_has_worked_enough_ends_well_and_leaves_the_rest(shop: Shop, resque: Resque) -> None:
    for number in range(3):
        resque.enqueue_to("shop", "storeroom.pack", number)
    worker = shop.start("--max-jobs", "2")
    assert worker.wait() == 0
    assert resque.size("shop") == 1
    assert "it has worked 2 jobs" in worker.log


def test_round_robin_takes_one_job_of_each_queue_in_turn(shop: Shop, resque: Resque) -> None:
    for queue, number in (("a", 1), ("a", 2), ("b", 3), ("b", 4)):
        resque.enqueue_to(queue, "storeroom.pack", number)
    assert shop.start("--burst", "--order", "round-robin", queues="a,b").wait() == 0
    assert [words[1] for words in shop.lines("packed")] == ["1", "3", "2", "4"]


@pytest.mark.parametrize("wanted", [True, False])
def test_functions_for_the_exit_of_a_job_are_run_if_that_is_wanted(
    shop: Shop, resque: Resque, wanted: bool
) -> None:
    resque.enqueue_to("shop", "storeroom.leave_something_for_the_exit")
    assert shop.start("--burst", env={"RUN_AT_EXIT_HOOKS": "1"} if wanted else {}).wait() == 0
    assert resque.stats.all() == {"processed": 1}
    assert bool(shop.lines("at_exit")) == wanted


def _record(path: Path, message: str) -> dict[str, object] | None:
    if not path.exists():
        return None
    records = map(json.loads, path.read_text().splitlines())
    return next((record for record in records if record["message"] == message), None)
