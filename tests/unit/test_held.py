"""Jobs that a program reserves for itself."""

import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

from resque_core import Resque, Retry, current_job, job
from resque_core.clock import utc_now
from resque_core.errors import NoQueueError, SettingsError, StorageError, WorkerError
from resque_core.held import Held
from resque_core.job import Entry
from resque_core.records import Lost, Verdict, WorkerInfo

CALLS: list[Any] = []


@pytest.fixture(autouse=True)
def _no_calls() -> None:
    CALLS.clear()


@job(queue="q", name="held.note")
def note(number: int) -> None:
    CALLS.append(number)


@job(queue="q", name="held.explode")
def explode() -> None:
    raise ZeroDivisionError("boom")


@explode.hook
def on_failure_note(error: Exception) -> None:
    CALLS.append(error)


@job(queue="q", name="held.interrupted")
def interrupted(kind: str) -> None:
    raise {"ctrl-c": KeyboardInterrupt, "exit": SystemExit}[kind]


@job(queue="q", name="held.broken_hook")
def broken_hook() -> None: ...


@broken_hook.hook
def on_failure_break(error: Exception) -> None:
    raise TypeError("hook")


@job(queue="q", name="held.exiting_hook")
def exiting_hook() -> None:
    raise ValueError("original")


@exiting_hook.hook
def on_failure_exit(error: Exception) -> None:
    raise SystemExit(3)


def eventually(condition: Callable[[], object]) -> bool:
    deadline = time.monotonic() + 60
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def heartbeats() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "resque-heartbeat"]


def take_away(resque: Resque) -> None:
    """What a sweep does to a job whose holder was silent for too long."""
    (worker,) = resque.workers()
    lapsed = resque.storage.workers.lapsed()
    assert [one.worker for one in lapsed] == [worker.id]
    assert resque.storage.workers.sweep(lapsed[0], Verdict())


def reserve_and_perform(resque: Resque) -> bool | None:
    with resque.reserve("q") as held:
        return held.perform() if held else None


def counts(resque: Resque) -> tuple[int, int, int]:
    """Waiting, failed, processed."""
    return resque.size("q"), resque.failures.count(), resque.stats.get("processed")


def test_an_empty_queue_gives_none_and_leaves_nothing_behind(resque: Resque) -> None:
    with resque.reserve("q") as held:
        assert held is None
        assert heartbeats() == []
    assert resque.workers() == []


def test_a_held_job_is_no_longer_waiting_and_its_holder_is_shown(resque: Resque) -> None:
    stored = resque.enqueue(note, 1)
    with resque.reserve("other", "q") as held:
        assert held is not None
        assert held.job == stored
        (worker,) = resque.working()
        assert worker.reservation == held.reservation
        assert worker.queues == ("other", "q")
        assert worker.id.endswith(":other,q")
        assert resque.size("q") == 0
        assert len(heartbeats()) == 1
    assert heartbeats() == []
    assert resque.workers() == []


@job(queue="q", name="held.tried", retry=Retry(limit=1, delay=60), track=True)
def tried(act: str) -> None:
    running = current_job()
    assert running
    CALLS.append(running.attempt)
    running.progress(running.attempt, 2)
    if act == "wait":
        assert eventually(lambda: running.cancelled)
        running.progress(2, 2)
    raise ValueError("not yet")


def test_a_job_that_is_performed_obeys_its_retry_policy_and_its_progress_is_kept(resque: Resque) -> None:
    mine = resque.enqueue(tried, "fail")
    assert mine
    assert reserve_and_perform(resque)
    found = resque.job(mine.id)
    assert found
    assert (found.status, found.attempt, found.n) == ("retrying", 2, 1)
    assert resque.schedule.run_now(mine)
    assert reserve_and_perform(resque)
    found = resque.job(mine.id)
    assert found
    assert (found.status, found.n) == ("failed", 2)
    assert CALLS == [1, 2]
    assert resque.failures.peek()[0].payload.count(b"not yet") == 2
    assert resque.stats.all() == {"processed": 2, "retried": 1, "failed": 1}


def test_a_job_that_is_performed_hears_that_it_is_cancelled(resque: Resque) -> None:
    mine = resque.enqueue(tried, "wait")
    assert mine
    with resque.reserve("q", lease=0.3) as held:
        assert held
        assert resque.cancel(mine.id) == "told"
        assert held.perform()
        assert held.cancelled
    found = resque.job(mine.id)
    assert found
    assert found.status == "cancelled"
    assert (resque.schedule.count(), resque.failures.count()) == (0, 0)


def test_a_cancelled_job_is_not_handed_back(resque: Resque) -> None:
    mine = resque.enqueue(note, 1)
    assert mine
    with resque.reserve("q") as held:
        assert held
        held.obey("cancel somebody-else")
        assert not held.cancelled
        held.obey(f"cancel {mine.id}")
    assert counts(resque) == (0, 0, 1)


def test_a_completed_job_is_done(resque: Resque) -> None:
    resque.enqueue(note, 1)
    with resque.reserve("q") as held:
        assert held is not None
        assert held.complete()
    assert counts(resque) == (0, 0, 1)


def test_a_failed_job_is_kept_with_the_reason_after_its_hooks(resque: Resque) -> None:
    resque.enqueue(explode)
    error = ValueError("said so")
    with resque.reserve("q") as held:
        assert held is not None
        assert held.fail(error)
    assert counts(resque) == (0, 1, 1)
    (failure,) = resque.failures.peek()
    assert (failure.exception, failure.error, failure.name) == ("ValueError", "said so", "held.explode")
    assert failure.worker.endswith(":q")
    assert [error] == CALLS


def test_a_broken_failure_hook_does_not_keep_a_job_from_failing(resque: Resque) -> None:
    resque.enqueue(broken_hook)
    with resque.reserve("q") as held:
        assert held is not None
        assert held.fail(ValueError("original"))
    (failure,) = resque.failures.peek()
    assert failure.exception == "RuntimeError"
    assert "Additional error (TypeError: hook)" in failure.error
    assert "was ValueError: original" in failure.error


@pytest.mark.parametrize("end", [lambda held: held.fail(ValueError("original")), lambda held: held.perform()])
def test_a_failure_hook_that_exits_does_not_keep_a_job_from_failing(
    resque: Resque, end: Callable[[Held], bool]
) -> None:
    resque.enqueue(exiting_hook)
    with resque.reserve("q") as held:
        assert held is not None
        assert end(held)
    (failure,) = resque.failures.peek()
    assert failure.exception == "RuntimeError"
    assert "Additional error (SystemExit: 3)" in failure.error
    assert "was ValueError: original" in failure.error


def test_a_released_job_is_at_the_head_again_and_nothing_is_counted(resque: Resque) -> None:
    resque.enqueue_many([(note, 1), (note, 2)])
    with resque.reserve("q") as held:
        assert held is not None
        assert held.release()
    assert [waiting.args for waiting in resque.peek("q", 0, 9)] == [(1,), (2,)]
    assert counts(resque) == (2, 0, 0)


def test_what_is_left_unsettled_is_released(resque: Resque) -> None:
    resque.enqueue(note, 1)
    with resque.reserve("q"):
        assert resque.size("q") == 0
    assert counts(resque) == (1, 0, 0)


def test_an_exception_in_the_block_releases_the_job_and_goes_on(resque: Resque) -> None:
    resque.enqueue(note, 1)
    with pytest.raises(ZeroDivisionError), resque.reserve("q"):
        _ = 1 / 0
    assert counts(resque) == (1, 0, 0)
    assert resque.workers() == []
    assert heartbeats() == []


# perform


def test_perform_runs_the_registered_job_and_completes_it(resque: Resque) -> None:
    resque.enqueue(note, 7)
    assert reserve_and_perform(resque)
    assert CALLS == [7]
    assert counts(resque) == (0, 0, 1)


def test_perform_fails_the_job_with_what_it_raises_and_its_hooks_run_once(resque: Resque) -> None:
    resque.enqueue(explode)
    assert reserve_and_perform(resque)
    (failure,) = resque.failures.peek()
    assert (failure.exception, failure.error) == ("ZeroDivisionError", "boom")
    assert failure.backtrace[1].endswith("in explode")
    assert [str(error) for error in CALLS] == ["boom"]


def test_an_exit_of_the_job_is_a_failure(resque: Resque) -> None:
    resque.enqueue(interrupted, "exit")
    assert reserve_and_perform(resque)
    assert resque.failures.peek()[0].exception == "SystemExit"


def test_ctrl_c_is_passed_on_and_the_job_released(resque: Resque) -> None:
    resque.enqueue(interrupted, "ctrl-c")
    with pytest.raises(KeyboardInterrupt):
        reserve_and_perform(resque)
    assert counts(resque) == (1, 0, 0)


def test_a_job_that_nobody_registered_fails(resque: Resque) -> None:
    resque.enqueue_to("q", "os.system", "true")
    assert reserve_and_perform(resque)
    assert resque.failures.peek()[0].exception == "UnknownJobClass"


# Which job


def test_patterns_mean_what_they_mean_to_a_worker(resque: Resque) -> None:
    for queue in ("a", "low", "critical"):
        resque.enqueue_to(queue, note, 1)
    taken = []
    for _ in range(3):
        with resque.reserve("critical", "*", "!low") as held:
            taken.append(held and held.job.queue)
            assert held is None or held.complete()
    assert taken == ["critical", "a", None]


def test_bytes_that_are_no_job_are_failed_and_the_next_is_taken(resque: Resque) -> None:
    resque.storage.jobs.enqueue([Entry("1", "q", b"\xff"), Entry("2", "q", b"[]")])
    resque.enqueue(note, 1)
    with resque.reserve("q") as held:
        assert held is not None
        assert held.job.args == (1,)
        assert held.complete()
    failures = resque.failures.peek()
    assert [failure.exception for failure in failures] == ["BadPayload"] * 2
    assert {failure.payload for failure in failures} == {b"\xff", b"[]"}
    assert counts(resque) == (0, 2, 3)


def test_only_bytes_that_are_no_job_are_no_job(resque: Resque) -> None:
    resque.storage.jobs.enqueue([Entry("1", "q", b"")])
    with resque.reserve("q") as held:
        assert held is None
    assert counts(resque) == (0, 1, 1)


@pytest.mark.parametrize("queues", [(), ("!low",)])
def test_at_least_one_queue_must_be_named(resque: Resque, queues: tuple[str, ...]) -> None:
    with pytest.raises(NoQueueError):
        resque.reserve(*queues)


@pytest.mark.parametrize("lease", [0, -1, float("nan"), float("inf")])
def test_a_lease_is_a_time_that_passes(resque: Resque, lease: float) -> None:
    with pytest.raises(SettingsError, match="lease="):
        resque.reserve("q", lease=lease)


# Leases


def test_heartbeats_keep_a_job_for_longer_than_its_lease(resque: Resque) -> None:
    resque.enqueue(note, 1)
    with resque.reserve("q", lease=1.5) as held:
        assert held is not None
        (before,) = resque.workers()
        assert eventually(lambda: seconds_since(before, resque.workers()[0]) > 2)
        assert resque.storage.workers.lapsed() == []
        assert held.complete()


def seconds_since(before: WorkerInfo, now: WorkerInfo) -> float:
    # None before the first beat.
    return ((now.heartbeat_at or before.started_at) - before.started_at).total_seconds()


@pytest.fixture
def silent(monkeypatch: pytest.MonkeyPatch) -> None:
    """Heartbeats are sent, and do not arrive."""
    monkeypatch.setattr("resque_core.held._Heartbeat._beat", lambda self: None)


@pytest.mark.usefixtures("silent")
@pytest.mark.parametrize("settle", ["complete", "release", "perform"])
def test_a_job_that_was_taken_away_cannot_be_settled(resque: Resque, settle: str) -> None:
    resque.enqueue(note, 1)
    with resque.reserve("q", lease=0.05) as held:
        assert held is not None
        assert eventually(resque.storage.workers.lapsed)
        take_away(resque)
        assert getattr(held, settle)() is False
        assert held.fail(ValueError()) is False
    assert counts(resque) == (1, 0, 0)


@pytest.mark.usefixtures("silent")
def test_a_job_that_was_taken_away_is_not_released_a_second_time(resque: Resque) -> None:
    resque.enqueue(note, 1)
    with resque.reserve("q", lease=0.05):
        assert eventually(resque.storage.workers.lapsed)
        take_away(resque)
        assert resque.pop("q")
    assert counts(resque) == (0, 0, 0)


def test_the_heartbeat_ends_when_the_store_has_given_the_holder_up(
    resque: Resque, monkeypatch: pytest.MonkeyPatch
) -> None:
    workers = resque.storage.workers
    beat, gone = workers.beat, threading.Event()

    def silent_until_gone(worker: str, lease: float) -> Any:
        return beat(worker, lease) if gone.is_set() else beat("nobody:1:q", 1)

    resque.enqueue(note, 1)
    with resque.reserve("q", lease=0.3):
        assert len(heartbeats()) == 1
        monkeypatch.setattr(workers, "beat", silent_until_gone)
        assert eventually(lambda: heartbeats() == [])


def test_the_heartbeat_survives_a_store_that_is_away(resque: Resque, monkeypatch: pytest.MonkeyPatch) -> None:
    workers = resque.storage.workers
    beat, calls = workers.beat, []

    def unreachable_at_first(worker: str, lease: float) -> Any:
        calls.append(worker)
        if len(calls) < 3:
            raise StorageError("away")
        return beat(worker, lease)

    monkeypatch.setattr(workers, "beat", unreachable_at_first)
    resque.enqueue(note, 1)
    with resque.reserve("q", lease=0.3):
        assert eventually(lambda: len(calls) >= 4)
        assert len(heartbeats()) == 1


def test_a_store_that_gives_the_holder_up_at_once_is_an_error(
    resque: Resque, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(resque.storage.jobs, "reserve", lambda *args, **options: Lost())
    with pytest.raises(WorkerError, match="Give it a longer lease"), resque.reserve("q"):
        raise AssertionError


def test_a_store_that_is_gone_at_the_end_does_not_hide_the_blocks_own_error(
    resque: Resque, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*args: Any) -> Any:
        raise StorageError("away")

    monkeypatch.setattr(resque.storage.workers, "unregister", away)
    with pytest.raises(ZeroDivisionError), resque.reserve("q"):
        _ = 1 / 0


def test_a_holder_started_when_it_says(resque: Resque) -> None:
    resque.enqueue(note, 1)
    with resque.reserve("q"):
        assert abs((resque.workers()[0].started_at - utc_now()).total_seconds()) < 60
