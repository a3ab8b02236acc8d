"""What a job may do to the process that it runs in, and what becomes of it then."""

import signal
import time

import pytest
from harness import Shop, alive, cpu_ticks, wait_for
from soak import SOAKING, times
from storeroom import pack
from stores import SQLITE, Kind

from resque_core import Resque
from resque_core.job import Entry


def test_each_job_runs_in_a_child_of_its_own(shop: Shop, resque: Resque) -> None:
    for number in range(5):
        resque.enqueue_to("shop", "storeroom.pack", number)
    worker = shop.start("--burst", itself=True)
    assert worker.wait() == 0, worker.log
    packed = shop.lines("packed")
    assert [words[1] for words in packed] == ["0", "1", "2", "3", "4"]
    assert len({words[2] for words in packed} | {str(worker.pid)}) == 6


@pytest.mark.soak
@pytest.mark.every_store(always=True)
def test_two_workers_run_many_jobs_each_exactly_once(shop: Shop, resque: Resque, store_kind: Kind) -> None:
    jobs, itself = times(100, 2000), SOAKING or store_kind is SQLITE
    resque.enqueue_many([(pack, number) for number in range(jobs)])
    first, second = shop.start("--burst", itself=itself), shop.start("--burst", itself=itself)
    assert (first.wait(120), second.wait(120)) == (0, 0)
    assert sorted(int(words[1]) for words in shop.lines("packed")) == list(range(jobs))
    assert resque.stats.all()["processed"] == jobs
    assert resque.info()["failed"] == 0
    assert resque.info()["pending"] == 0


@pytest.mark.every_store
def test_a_raised_exception_is_kept_with_its_backtrace(shop: Shop, resque: Resque) -> None:
    resque.enqueue_to("shop", "storeroom.break_down", "the lid is stuck")
    shop.work_off()
    (failure,) = resque.failures.all(0, 10)
    assert (failure.exception, failure.error) == ("ValueError", "the lid is stuck")
    assert any("break_down" in line for line in failure.backtrace)
    assert not any("performer.py" in line for line in failure.backtrace)
    assert resque.stats.all() == {"processed": 1, "failed": 1}


@pytest.mark.every_store(always=True)
def test_a_killed_child_fails_as_dirty_exit_and_the_worker_goes_on(shop: Shop, resque: Resque) -> None:
    resque.enqueue_to("shop", "storeroom.die", int(signal.SIGKILL))
    resque.enqueue_to("shop", "storeroom.pack", 1)
    log = shop.work_off().log
    (failure,) = resque.failures.all(0, 10)
    pid = shop.lines("dying")[0][1]
    assert f"failed: storeroom.die {failure.job_id}: DirtyExit: {failure.error}\n" in log
    assert failure.exception == "DirtyExit"
    assert failure.error == f"Child process received unhandled signal pid {pid} SIGKILL (signal 9)"
    assert failure.backtrace == ()
    assert len(shop.lines("packed")) == 1
    assert resque.stats.all() == {"processed": 2, "failed": 1}


def test_a_segmentation_fault_is_named(shop: Shop, resque: Resque) -> None:
    resque.enqueue_to("shop", "storeroom.die", int(signal.SIGSEGV))
    shop.work_off()
    assert "SIGSEGV (signal 11)" in resque.failures.all(0, 1)[0].error


def test_leaving_with_status_zero_is_not_success(shop: Shop, resque: Resque) -> None:
    resque.enqueue_to("shop", "storeroom.leave", 0)
    resque.enqueue_to("shop", "storeroom.leave", 3)
    shop.work_off()
    errors = sorted(failure.error for failure in resque.failures.all(0, 10))
    assert len(errors) == 2
    assert any("exited with status 0 before it said" in error for error in errors)
    assert any("exited with status 3 before it said" in error for error in errors)


def test_sys_exit_in_a_job_is_a_failure(shop: Shop, resque: Resque) -> None:
    resque.enqueue_to("shop", "storeroom.raise_exit", 0)
    shop.work_off()
    assert resque.failures.all(0, 1)[0].exception == "SystemExit"


def test_a_forked_grandchild_does_not_speak_for_the_job(shop: Shop, resque: Resque) -> None:
    resque.enqueue_to("shop", "storeroom.fall_through_a_fork")
    shop.work_off()
    assert len(shop.lines("forked")) == 1
    assert resque.stats.all() == {"processed": 1}


def test_what_a_job_leaves_running_ends_with_it(shop: Shop, resque: Resque) -> None:
    resque.enqueue_to("shop", "storeroom.leave_a_grandchild")
    shop.work_off()
    grandchild = int(shop.lines("left")[0][1])
    wait_for(lambda: not alive(grandchild), "the end of the grandchild")
    assert resque.stats.all() == {"processed": 1}


def test_a_job_that_closes_every_descriptor_cannot_say_done(shop: Shop, resque: Resque) -> None:
    resque.enqueue_to("shop", "storeroom.close_everything")
    resque.enqueue_to("shop", "storeroom.pack", 1)
    shop.work_off()
    assert [failure.exception for failure in resque.failures.all(0, 10)] == ["DirtyExit"]
    assert len(shop.lines("packed")) == 1


def test_a_silent_job_does_not_make_the_app_process_spin(shop: Shop, resque: Resque) -> None:
    """Its end of the pipe is closed, and so readable for ever."""
    gate = shop.folder / "gate"
    resque.enqueue_to("shop", "storeroom.close_everything_and_hold", str(gate))
    worker = shop.start("--burst")
    shop.wait_for_line("closed")
    before, limit = cpu_ticks(worker.app_pid), time.monotonic() + 0.5
    wait_for(lambda: time.monotonic() > limit)
    assert cpu_ticks(worker.app_pid) - before < 10
    gate.touch()
    assert worker.wait() == 0


def test_a_job_that_writes_rubbish_to_our_pipe_is_ended(shop: Shop, resque: Resque) -> None:
    resque.enqueue_to("shop", "storeroom.write_rubbish")
    resque.enqueue_to("shop", "storeroom.pack", 1)
    shop.work_off()
    (failure,) = resque.failures.all(0, 10)
    assert failure.exception == "DirtyExit"
    assert "sent a message that is not ours" in failure.error
    assert len(shop.lines("packed")) == 1


def test_what_a_job_prints_is_not_lost(shop: Shop, resque: Resque) -> None:
    resque.enqueue_to("shop", "storeroom.shout", "hear, hear")
    assert "hear, hear" in shop.work_off().log


def test_what_a_handler_keeps_back_is_not_lost(shop: Shop, resque: Resque) -> None:
    resque.enqueue_to("shop", "storeroom.log_into_memory", "remember me")
    assert "remember me" in shop.work_off().log


def test_a_job_finds_the_signal_handlers_of_a_fresh_program(shop: Shop, resque: Resque) -> None:
    resque.enqueue_to("shop", "storeroom.report_signals")
    shop.work_off()
    assert shop.lines("signals") == [["signals", "True", "-1"]]


def test_a_job_is_ended_by_its_worker_alone_and_what_it_started_by_anybody(
    shop: Shop, resque: Resque
) -> None:
    resque.enqueue_to("shop", "storeroom.survive_signals_of_others")
    shop.work_off()
    assert shop.lines("ended") == [["ended", "15", "15"]]
    assert resque.stats.all() == {"processed": 1}


def test_a_dead_childs_failure_hooks_run_in_the_app_process(shop: Shop, resque: Resque) -> None:
    resque.enqueue_to("shop", "storeroom.Watched", int(signal.SIGKILL))
    worker = shop.start()
    words = shop.wait_for_line("on_failure")
    assert words[1:3] == ["DirtyExit", "9"]
    assert int(words[3]) == worker.app_pid


@pytest.mark.every_store
def test_a_job_enqueues_another_on_the_workers_store(shop: Shop, resque: Resque) -> None:
    resque.enqueue_to("shop", "storeroom.pass_on", 7)
    shop.work_off()
    assert [words[1] for words in shop.lines("packed")] == ["7"]


@pytest.mark.every_store
def test_hostile_payloads_go_to_the_failed_store_with_their_bytes(shop: Shop, resque: Resque) -> None:
    hostile = [
        b"", b"{", b"42", b"[]", b"null", b'{"args":[]}', b'{"class":7}',
        b'{"class":"storeroom.pack","args":{}}',
        b'{"class":"storeroom.pack","args":[NaN]}', b'{"class":"storeroom.pack","args":[1e999]}', b"\xff\xfe",
        b'{"class":"storeroom.pack","args":[' + b"[" * 100_000 + b"]" * 100_000 + b"]}",
        b'{"class":"storeroom.pack","args":[' + b"9" * 5000 + b"]}",
    ]  # fmt: skip
    resque.storage.jobs.enqueue([Entry(f"{n}", "shop", payload) for n, payload in enumerate(hostile)])
    resque.enqueue_to("shop", "storeroom.pack", 1)
    shop.work_off()
    failures = resque.failures.all(0, 50)
    assert [failure.payload for failure in reversed(failures)] == hostile
    assert {failure.exception for failure in failures} == {"BadPayload"}
    assert len(shop.lines("packed")) == 1


def test_an_unknown_job_fails_and_says_how_to_make_it_known(shop: Shop, resque: Resque) -> None:
    resque.enqueue_to("shop", "os.system", "touch /tmp/never")
    shop.work_off()
    (failure,) = resque.failures.all(0, 10)
    assert failure.exception == "UnknownJobClass"
    assert "--require" in failure.error
