"""Time limits: a job that runs for too long is told, then killed with all that it started, and fails."""

import pytest
from harness import Shop, alive, wait_for

from resque_core import Resque


def test_a_job_past_its_limit_is_told_by_an_exception_and_fails_with_it(shop: Shop, resque: Resque) -> None:
    resque.enqueue_to("shop", "timed.dawdle")
    assert shop.start("--burst", require="timed").wait() == 0
    (failure,) = resque.failures.peek()
    assert (failure.exception, failure.name) == ("JobTimeout", "timed.dawdle")
    assert "0.5 s" in failure.error
    assert any("time.sleep(60)" in line for line in failure.backtrace)
    assert shop.lines("cleaned")
    assert resque.stats.all() == {"processed": 1, "failed": 1}


@pytest.mark.every_store
def test_one_that_goes_on_is_killed_with_what_it_started_and_the_worker_goes_on(
    shop: Shop, resque: Resque
) -> None:
    resque.enqueue_to("shop", "timed.Deaf")
    resque.enqueue_to("shop", "storeroom.pack", 1)
    worker = shop.start("--burst", "--term-timeout", "0.3", require="timed")
    pids = [int(pid) for pid in shop.wait_for_line("deaf")[1:]]
    assert worker.wait() == 0
    assert not any(alive(pid) for pid in pids)
    (failure,) = resque.failures.peek()
    assert failure.exception == "JobTimeout"
    assert "SIGKILL" in failure.error
    assert shop.lines("on_failure") == [["on_failure", "JobTimeout"]]
    assert shop.lines("packed")


def test_the_workers_limit_is_for_jobs_that_name_none(shop: Shop, resque: Resque) -> None:
    resque.enqueue_to("shop", "timed.brief")
    resque.enqueue_to("shop", "storeroom.hold", str(shop.folder / "gate"))
    assert shop.start("--burst", "--timeout", "0.2", "--term-timeout", "5", require="timed").wait() == 0
    assert shop.lines("brief")
    (failure,) = resque.failures.peek()
    assert (failure.exception, failure.name) == ("JobTimeout", "storeroom.hold")


def test_a_queue_may_have_a_limit_of_its_own(shop: Shop, resque: Resque) -> None:
    gate = shop.folder / "gate"
    resque.enqueue_to("slow", "storeroom.hold", str(gate))
    resque.enqueue_to("shop", "storeroom.hold", str(gate))
    worker = shop.start("--queues", "shop,slow", "--timeout", "60", "--timeout", "shop=0.2")
    wait_for(lambda: resque.failures.count(), "the end of the one")
    shop.wait_for_line("holding", 2)
    gate.touch()
    shop.wait_for_line("held")
    wait_for(lambda: not resque.working(), "the end of the other")
    worker.signal(15)
    assert worker.wait() == 0
    assert [failure.queue for failure in resque.failures.peek()] == ["shop"]


def test_a_job_that_takes_its_limit_for_its_end_is_done(shop: Shop, resque: Resque) -> None:
    resque.enqueue_to("shop", "timed.forgiving")
    assert shop.start("--burst", require="timed").wait() == 0
    assert resque.stats.all() == {"processed": 1}


def test_a_worker_that_does_not_fork_refuses_limits_at_its_start(shop: Shop, resque: Resque) -> None:
    worker = shop.start("--no-fork", require="timed")
    assert worker.wait() == 1
    assert "timed.Deaf, timed.brief" in worker.log
    other = shop.start("--no-fork", "--timeout", "3", require="storeroom")
    assert other.wait() == 1
    assert "cannot end a job" in other.log


def test_what_cannot_be_a_limit_is_refused_with_its_name(shop: Shop) -> None:
    worker = shop.start("--timeout", "shop=soon")
    assert worker.wait() != 0
    assert "--timeout" in worker.log
    assert "more than 0" in worker.log


@pytest.mark.every_store
def test_a_job_that_comes_too_late_is_put_aside_without_a_child(shop: Shop, resque: Resque) -> None:
    resque.enqueue_to("shop", "timed.perishable", expires=0.001)
    resque.enqueue_to("shop", "storeroom.pack", 1, expires=600)
    assert shop.start("--burst", require="timed").wait() == 0
    assert not shop.lines("perishable")
    assert shop.lines("packed")
    assert [failure.exception for failure in resque.failures.peek(0, 2)] == ["JobExpired"]
    assert resque.stats.all() == {"processed": 2, "failed": 1, "expired": 1}
