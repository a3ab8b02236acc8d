"""Jobs that are tracked: how far they are, what they returned, how they ended; and cancelling."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from stores import prepared

from resque_core import (
    InvalidArguments,
    JobCancelled,
    JobStatus,
    RegistrationError,
    Resque,
    Retry,
    Worker,
    current_job,
    job,
)
from resque_core.errors import StorageError
from resque_core.job import Job
from resque_core.records import Lapsed, Verdict
from resque_core.sequel import Note
from resque_core.sweeper import Sweeper
from resque_core.tracker import Tracker

SEEN: list[JobStatus | None] = []
#: What the job of that name does.
ACTS: dict[str, Callable[[], Any]] = {}


@job(queue="shop", name="tests.tracked", track=True)
def tracked(act: str) -> Any:
    return ACTS[act]()


@job(queue="shop", name="tests.tried", track=True, retry=Retry(limit=1, delay=3600))
def tried() -> None:
    raise ValueError("not today")


@job(queue="shop", name="tests.plain")
def plain(act: str) -> Any:
    return ACTS[act]()


@pytest.fixture
def resque(tmp_path: Path) -> Iterator[Resque]:
    SEEN.clear()
    ACTS.clear()
    with Resque(prepared(tmp_path / "resque.sqlite3")) as resque:
        yield resque


def work(resque: Resque) -> None:
    assert Worker(resque, "shop", burst=True, fork=False).work() == 0


def placed(resque: Resque, target: Any, *args: Any) -> Job:
    done = resque.enqueue(target, *args)
    assert done
    return done


def found(resque: Resque, of: Job) -> JobStatus:
    status = resque.job(of.id)
    assert status
    return status


def test_a_tracked_job_is_known_from_its_queue_to_its_result(resque: Resque) -> None:
    def act() -> dict[str, int]:
        running = current_job()
        assert running
        running.meta["stage"] = "rows"
        running.progress(1, 4, "the first")
        SEEN.append(resque.job(running.id))
        running.progress(2, 4)
        return {"rows": 4}

    ACTS["count"] = act
    mine = placed(resque, tracked, "count")
    queued = found(resque, mine)
    assert (queued.status, queued.name, queued.queue) == ("queued", "tests.tracked", "shop")
    assert queued.enqueued_at == mine.enqueued_at
    work(resque)
    (running,) = SEEN
    assert running
    assert (running.status, running.n, running.total, running.message) == ("running", 1, 4, "the first")
    assert running.meta == {"stage": "rows"}
    assert running.fraction == 0.25
    assert running.started_at
    assert running.worker
    done = found(resque, mine)
    assert (done.status, done.result, done.n, done.meta) == ("done", {"rows": 4}, 2, {"stage": "rows"})
    assert done.ended_at
    assert done.worker == running.worker
    assert done.fraction == 1.0


def test_a_failed_job_says_why_and_its_failure_is_where_all_are(resque: Resque) -> None:
    ACTS["fail"] = lambda: int("x")
    mine = placed(resque, tracked, "fail")
    work(resque)
    assert found(resque, mine).status == "failed"
    assert found(resque, mine).error.startswith("ValueError: invalid literal")
    assert resque.failures.count() == 1
    resque.failures.requeue_all()
    assert found(resque, mine).status == "queued"


def test_a_job_that_is_tried_again_is_retrying_until_it_runs(resque: Resque) -> None:
    mine = placed(resque, tried)
    work(resque)
    waits = found(resque, mine)
    assert (waits.status, waits.attempt, waits.error) == ("retrying", 2, "ValueError: not today")
    assert waits.run_at
    resque.schedule.run_now(mine)
    assert found(resque, mine).status == "retrying"
    work(resque)
    assert (found(resque, mine).status, found(resque, mine).attempt) == ("failed", 2)


def test_a_delayed_job_is_delayed(resque: Resque) -> None:
    mine = resque.enqueue_in(3600, tracked, "later")
    assert mine
    assert found(resque, mine).status == "delayed"
    assert found(resque, mine).name == "tests.tracked"


@pytest.mark.parametrize(
    ("result", "words"), [(object(), "object is not JSON"), ("x" * 1_100_000, "1100002 characters")]
)
def test_a_result_that_cannot_be_kept_says_so_and_the_job_is_done(
    resque: Resque, result: object, words: str
) -> None:
    ACTS["return"] = lambda: result
    mine = placed(resque, tracked, "return")
    work(resque)
    done = found(resque, mine)
    assert (done.status, done.result) == ("done", None)
    assert words in done.error


def test_nothing_is_kept_of_a_job_that_is_not_tracked(resque: Resque) -> None:
    def act() -> int:
        running = current_job()
        assert running
        running.progress(1, 2)
        SEEN.append(resque.job(running.id))
        return 7

    ACTS["count"] = act
    mine = placed(resque, plain, "count")
    assert found(resque, mine) == JobStatus(id=mine.id, status="queued")
    work(resque)
    (running,) = SEEN
    assert running
    assert (running.status, running.n, running.name) == ("running", None, "tests.plain")
    assert resque.job(mine.id) is None


@pytest.mark.parametrize("later", [False, True])
def test_a_waiting_job_that_is_cancelled_does_not_run(resque: Resque, later: bool) -> None:
    mine = resque.enqueue_in(60 if later else 0, tracked, "never")
    assert mine
    assert resque.cancel(mine.id) == "cancelled"
    assert resque.cancel(mine.id) is None
    work(resque)
    assert found(resque, mine).status == "cancelled"
    assert resque.stats.all().get("processed", 0) == 0


def test_a_running_job_that_is_cancelled_sees_it_and_ends_by_its_progress(resque: Resque) -> None:
    worker = Worker(resque, "shop", burst=True, fork=False)

    def act() -> None:
        running = current_job()
        assert running
        assert resque.cancel(running.id) == "told"
        worker._beat_beside()
        worker.presence._lease.timer.now()
        worker._beat_beside()
        assert running.cancelled
        running.progress(1)

    ACTS["go on"] = act
    mine = placed(resque, tracked, "go on")
    assert worker.work() == 0
    assert found(resque, mine).status == "cancelled"
    assert resque.failures.count() == 0
    assert resque.stats.all() == {"processed": 1}


def test_a_cancellation_is_for_one_job_and_not_for_the_next(resque: Resque) -> None:
    worker = Worker(resque, "shop", burst=True, fork=False)

    def act() -> None:
        worker.obey("cancel somebody-else")
        running = current_job()
        assert running
        assert not running.cancelled

    ACTS["go on"] = act
    mine = placed(resque, tracked, "go on")
    assert worker.work() == 0
    assert found(resque, mine).status == "done"


@job(queue="shop", name="tests.stubborn", track=True, retry=Retry(limit=5))
def stubborn(act: str) -> Any:
    ACTS[act]()
    raise ValueError("on its own account")


@pytest.mark.parametrize("hard", [False, True])
def test_a_cancelled_job_that_fails_is_not_tried_again(resque: Resque, hard: bool) -> None:
    worker = Worker(resque, "shop", burst=True, fork=False)
    hooks: list[str] = []
    stubborn.hook(_named("on_retry_x", lambda *_: hooks.append("retry")))

    def act() -> None:
        running = current_job()
        assert running
        worker.obey(f"cancel{'-hard' * hard} {running.id}")

    ACTS["end"] = act
    mine = placed(resque, stubborn, "end")
    assert worker.work() == 0
    assert found(resque, mine).status == "failed"
    assert (resque.schedule.count(), resque.size("shop"), hooks) == (0, 0, [])
    assert resque.stats.all() == {"processed": 1, "failed": 1}


def test_a_cancellation_follows_a_job_that_has_left_its_worker(resque: Resque) -> None:
    worker = Worker(resque, "shop", burst=True, fork=False)
    mine = placed(resque, tried)
    assert worker.work() == 0
    assert found(resque, mine).status == "retrying"
    worker.obey(f"cancel {mine.id}")
    assert resque.schedule.count() == 0


def _named(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
    function.__name__ = name
    return function


def test_a_tracked_job_whose_worker_died_too_often_is_failed(resque: Resque) -> None:
    mine = placed(resque, tracked, "die")
    with resque.reserve("shop") as held:
        assert held
        seen = Lapsed(held.reservation.worker, held.reservation)
        verdict: Verdict = Sweeper(resque.storage, max_rescues=0).verdict(seen)
        assert resque.storage.workers.sweep(seen, verdict, forced=True)
        held.settled = True
    assert found(resque, mine).status == "failed"
    assert found(resque, mine).error.startswith("PruneDeadWorkerDirtyExit: ")


@pytest.mark.parametrize("requeue", [False, True])
def test_a_tracked_job_whose_worker_is_removed_is_failed_or_queued(resque: Resque, requeue: bool) -> None:
    mine = placed(resque, tracked, "hang")
    with resque.reserve("shop") as held:
        assert held
        assert resque.remove_worker(held.reservation.worker, requeue=requeue)
        held.settled = True
    assert found(resque, mine).status == ("queued" if requeue else "failed")


def test_a_tracked_job_that_comes_too_late_is_failed(resque: Resque) -> None:
    mine = resque.enqueue(tracked, "late", expires=datetime(2026, 1, 1, tzinfo=UTC))
    assert mine
    with resque.reserve("shop") as held:
        assert held is None
    assert found(resque, mine).status == "failed"
    assert found(resque, mine).error.startswith("JobExpired: ")


def test_a_note_that_cannot_be_opened_does_not_say_that_the_job_is_not_stored(
    resque: Resque, monkeypatch: pytest.MonkeyPatch
) -> None:
    def be_away(notes: dict[str, Note]) -> None:
        raise StorageError("away")

    monkeypatch.setattr(resque.storage.records, "open", be_away)
    assert placed(resque, tracked, "x").id == resque.peek("shop")[0].id


def test_many_words_in_a_short_time_are_two_writes() -> None:
    sent: list[str] = []
    tracker = Tracker(Job(queue="q", name="n", track=60.0), sent.append)
    for number in range(1000):
        tracker.progress(number, 1000, None)
    assert len(sent) <= 3
    tracker.finish(None)
    assert '"n":999' in sent[-1]


@pytest.mark.parametrize(("n", "total"), [("1", None), (True, None), (float("nan"), None), (1, "2")])
def test_progress_is_numbers(n: Any, total: Any) -> None:
    with pytest.raises(InvalidArguments, match="give a number"):
        Tracker(Job(queue="q", name="n")).progress(n, total, None)


def test_meta_that_is_not_json_is_refused_where_it_is_told() -> None:
    tracker = Tracker(Job(queue="q", name="n", track=60.0))
    tracker.meta["when"] = object()
    with pytest.raises(InvalidArguments, match="meta"):
        tracker.progress(1, None, None)


def test_progress_of_a_cancelled_job_raises() -> None:
    with pytest.raises(JobCancelled):
        Tracker(Job(queue="q", name="n"), asked=lambda: True).progress(1, None, None)


@pytest.mark.parametrize("options", [{"track": 1}, {"track": True, "result_ttl": 0}, {"result_ttl": "day"}])
def test_options_that_cannot_be_used_are_refused(options: dict[str, Any]) -> None:
    with pytest.raises(RegistrationError, match=r"(track|result_ttl)="):
        job(queue="shop", name="tests.odd", **options)(lambda: None)


def test_a_result_is_kept_as_long_as_the_definition_says(resque: Resque) -> None:
    brief = job(queue="shop", name="tests.brief", track=True, result_ttl=timedelta(minutes=2))(lambda: None)
    assert placed(resque, brief).track == 120.0
    assert resque.peek("shop")[0].track == 120.0


def test_what_another_code_base_means_by_track_is_kept(resque: Resque) -> None:
    resque.push("shop", {"class": "tests.plain", "args": ["x"], "track": "B-side"})
    assert resque.peek("shop")[0].extras == {"track": "B-side"}
