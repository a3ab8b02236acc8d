"""Tracked jobs in children of real workers: progress, results, and three ways to cancel one."""

from functools import partial

import pytest
from harness import Shop, wait_for

from resque_core import JobStatus, Resque


def enqueue(resque: Resque, name: str, *args: object) -> str:
    # By name: so that the keys of its text are what the store and the worker go by, not this process's code.
    placed = resque.push("shop", {"class": f"tracked.{name}", "args": list(args), "track": 3600})
    return placed.id


def status(resque: Resque, job: str) -> JobStatus:
    found = resque.job(job)
    assert found
    return found


def is_cancelled(resque: Resque, job: str) -> bool:
    return status(resque, job).status == "cancelled"


@pytest.mark.every_store
def test_progress_and_result_of_a_child_are_kept(shop: Shop, resque: Resque) -> None:
    job = enqueue(resque, "count", 3)
    shop.work_off("--require", "tracked")
    done = status(resque, job)
    assert (done.status, done.result, done.n, done.total) == ("done", [0, 1, 2], 3, 3)
    assert done.message == "number 2"
    assert done.name == "tracked.count"


@pytest.mark.every_store(always=True)
def test_a_running_job_is_cancelled_by_itself_by_force_or_by_its_end(shop: Shop, resque: Resque) -> None:
    jobs = {name: enqueue(resque, name) for name in ("go_on", "sleep", "deaf")}
    after = enqueue(resque, "count", 1)
    worker = shop.start("--term-timeout", "0.3", require="tracked")
    for name, word in (("go_on", "going"), ("sleep", "sleeping"), ("deaf", "deaf")):
        shop.wait_for_line(word)
        assert status(resque, jobs[name]).status == "running"
        assert resque.cancel(jobs[name], hard=name != "go_on") == "told"
        wait_for(partial(is_cancelled, resque, jobs[name]), f"the end of {name}")
    wait_for(lambda: status(resque, after).status == "done", "the next job")
    assert shop.lines("interrupted")
    assert resque.failures.count() == 0
    worker.signal(15)
    assert worker.wait() == 0
    assert resque.stats.all() == {"processed": 4}


def test_a_job_that_was_cancelled_and_fails_is_not_tried_again(shop: Shop, resque: Resque) -> None:
    job = enqueue(resque, "stumble")
    worker = shop.start(require="tracked")
    shop.wait_for_line("stumbling")
    assert resque.cancel(job) == "told"
    wait_for(lambda: status(resque, job).ended, "its end")
    assert status(resque, job).error == "ValueError: half done"
    worker.signal(15)
    assert worker.wait() == 0
    assert resque.stats.all() == {"processed": 1, "failed": 1}


def test_progress_of_a_job_that_runs_is_seen_and_that_of_a_killed_one_is_kept(
    shop: Shop, resque: Resque
) -> None:
    job = enqueue(resque, "go_on")
    worker = shop.start(require="tracked")
    wait_for(lambda: status(resque, job).n, "its progress")
    worker.signal(9)
    shop.start(require="tracked")
    shop.wait_for_line("going", 2)
    assert (status(resque, job).status, status(resque, job).n) == ("running", 1)
    resque.cancel(job)
    wait_for(lambda: status(resque, job).status == "cancelled", "its end")


def test_children_of_several_jobs_take_a_cancellation_for_one_of_them(shop: Shop, resque: Resque) -> None:
    first, second = enqueue(resque, "go_on"), enqueue(resque, "count", 2)
    worker = shop.start("--jobs-per-fork", "10", require="tracked")
    shop.wait_for_line("going")
    resque.cancel(first)
    wait_for(lambda: status(resque, second).status == "done", "the next job")
    assert status(resque, first).status == "cancelled"
    worker.signal(15)
    assert worker.wait() == 0


@pytest.mark.every_store
def test_a_job_is_followed_with_what_it_returned_and_without(shop: Shop, resque: Resque) -> None:
    then = [
        {"queue": "shop", "text": {"class": "tracked.take", "args": [], "id": "with"}, "result": True},
        {"queue": "shop", "text": {"class": "tracked.take", "args": [[7]], "id": "without"}},
    ]
    resque.push("shop", {"class": "tracked.count", "args": [2], "then": then})
    shop.work_off("--require", "tracked")
    assert shop.lines("took") == [["took", "0", "1"], ["took", "7"]]
    assert resque.stats.all() == {"processed": 3}
