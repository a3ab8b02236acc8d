"""The failed jobs and the counters of a `Resque`."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from resque_core import Failure, FailureFilter, NullStats, Resque, job
from resque_core.clock import utc_now
from resque_core.job import Entry


@job(queue="files", name="failure_store.archive")
def archive(*args: Any, **kwargs: Any) -> None: ...


def a_failure(resque: Resque, number: int) -> Failure:
    resque.enqueue_to("failing", archive, number)
    with resque.reserve("failing") as held:
        assert held is not None
        held.fail(ValueError(f"number {number}"))
    return resque.failures.peek()[0]


def test_failures_are_shown_newest_first(resque: Resque) -> None:
    failures = [a_failure(resque, number) for number in range(3)]
    assert resque.failures.count() == 3
    assert resque.failures.peek(0, 2) == failures[:0:-1]
    assert resque.failures.all(2) == failures[:1]
    assert resque.failures.get(failures[1].id) == failures[1]
    assert resque.failures.get("unknown") is None


def test_a_filter_says_which_are_meant(resque: Resque) -> None:
    a_failure(resque, 1)
    other = FailureFilter(exception="KeyError")
    assert resque.failures.count(other) == 0
    assert resque.failures.peek(which=other) == list(resque.failures.each(other)) == []
    assert resque.failures.requeue_all(other) == resque.failures.clear(other) == 0
    assert resque.failures.count(FailureFilter(exception="ValueError")) == 1


@pytest.fixture
def small_windows(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("failure_store", "leafing"):
        monkeypatch.setattr(f"resque_core.{module}.WINDOW", 2)


@pytest.mark.usefixtures("small_windows")
def test_each_goes_through_all_that_are_there_and_no_newer_ones(resque: Resque) -> None:
    failures = [a_failure(resque, number) for number in range(5)]
    seen = []
    for failure in resque.failures.each():
        seen.append(failure)
        a_failure(resque, 9)
    assert seen == failures[::-1]


@pytest.mark.usefixtures("small_windows")
@pytest.mark.parametrize("removed", [set(), {0, 2, 4}, {1, 3}, {3, 4}, {0, 1, 2, 3, 4}])
def test_failures_may_be_removed_while_going_through_them(resque: Resque, removed: set[int]) -> None:
    failures = [a_failure(resque, number) for number in range(5)]
    seen = []
    for failure in resque.failures.each():
        seen.append(failure)
        if failures.index(failure) in removed:
            assert resque.failures.remove(failure.id)
    assert seen == failures[::-1]
    assert resque.failures.count() == 5 - len(removed)


def test_a_failure_is_requeued_to_its_queue_or_another(resque: Resque) -> None:
    first, second = a_failure(resque, 1), a_failure(resque, 2)
    assert resque.failures.requeue(first.id)
    assert resque.failures.requeue(second.id, "elsewhere", keep=True)
    assert resque.peek("failing")[0].args == (1,)
    assert resque.peek("elsewhere")[0].args == (2,)
    assert resque.failures.count() == 1
    assert not resque.failures.requeue(first.id)
    resque.clear_queue("elsewhere")
    assert not resque.failures.requeue(second.id)
    assert resque.failures.requeue(second.id, again=True)


@pytest.mark.usefixtures("small_windows")
@pytest.mark.parametrize(("limit", "done"), [(None, 5), (0, 0), (1, 1), (3, 3), (9, 5)])
def test_all_failures_are_requeued_or_so_many(resque: Resque, limit: int | None, done: int) -> None:
    for number in range(5):
        a_failure(resque, number)
    assert resque.failures.requeue_all(queue="again", limit=limit) == done
    assert (resque.size("again"), resque.failures.count()) == (done, 5 - done)


@pytest.mark.usefixtures("small_windows")
def test_those_that_cannot_be_requeued_do_not_keep_the_others(resque: Resque) -> None:
    failures = [a_failure(resque, number) for number in range(5)]
    for failure in failures[1::2]:
        resque.storage.jobs.enqueue([Entry(failure.job_id, "elsewhere", b"{}")])
    assert resque.failures.requeue_all() == 3
    assert resque.failures.peek() == failures[3::-2]


def test_those_that_were_retried_before_are_left_alone_unless_asked_for(resque: Resque) -> None:
    retried, _ = a_failure(resque, 1), a_failure(resque, 2)
    resque.failures.requeue(retried.id, keep=True)
    resque.clear_queue("failing")
    assert resque.failures.requeue_all() == 1
    assert resque.failures.requeue_all() == 0
    assert resque.failures.requeue_all(FailureFilter(retried=True)) == 1
    assert resque.failures.count() == 0


@pytest.mark.usefixtures("small_windows")
def test_a_job_that_fails_again_at_once_is_not_requeued_for_ever(
    resque: Resque, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(3):
        a_failure(resque, number)
    original = resque.storage.failures.requeue

    def requeue_and_fail(*args: Any, **kwargs: Any) -> Sequence[str]:
        done = original(*args, **kwargs)
        for _ in done:
            with resque.reserve("failing") as held:
                assert held is not None
                held.fail(ValueError("again"))
        return done

    monkeypatch.setattr(resque.storage.failures, "requeue", requeue_and_fail)
    assert resque.failures.requeue_all() == 3
    assert resque.failures.count() == 3


def test_a_snapshot_of_the_past_can_be_asked_for(resque: Resque) -> None:
    a_failure(resque, 1)
    before = FailureFilter(until=utc_now() - timedelta(hours=1))
    assert resque.failures.requeue_all(before) == 0
    assert list(resque.failures.each(replace(before, until=utc_now())))


def test_failures_are_removed_one_by_one_or_cleared(resque: Resque) -> None:
    failure = a_failure(resque, 1)
    a_failure(resque, 2)
    assert resque.failures.remove(failure.id)
    assert not resque.failures.remove(failure.id)
    assert resque.failures.clear() == 1


# By index, as in Ruby


def test_an_index_counts_from_the_oldest_as_in_ruby(resque: Resque) -> None:
    failures = [a_failure(resque, number) for number in range(3)]
    assert [resque.failures.get(index) for index in range(3)] == failures
    assert resque.failures.get(3) is resque.failures.get(-1) is None
    assert resque.failures.remove(1)
    assert resque.failures.requeue(1)
    assert resque.failures.peek(0, 9) == [failures[0]]
    assert resque.peek("failing")[0].args == (2,)
    assert not resque.failures.requeue(1)
    assert not resque.failures.remove(1)


def test_a_ruby_client_keeps_what_it_retried(tmp_path: Path) -> None:
    with Resque(f"sqlite:///{tmp_path}/jobs.sqlite3", ruby=True) as resque:
        failures = [a_failure(resque, number) for number in range(3)]
        assert resque.failures.requeue(0)
        assert resque.failures.requeue_all() == 2
        assert [job.args for job in resque.peek("failing", 0, 3)] == [(0,), (1,), (2,)]
        assert [found.id for found in resque.failures.each() if found.retried_at] == [
            failure.id for failure in failures[::-1]
        ]
        assert resque.failures.clear_retried() == 3


def test_a_queue_is_requeued_or_removed_and_the_others_stay(resque: Resque) -> None:
    first, second = a_failure(resque, 1), a_failure(resque, 2)
    assert resque.failures.requeue_queue("other") == resque.failures.remove_queue("other") == 0
    assert resque.failures.requeue_queue("failing", keep=True) == 2
    assert [job.id for job in resque.peek("failing", 0, 2)] == [first.job_id, second.job_id]
    assert resque.failures.remove_queue("failing") == 2


# Counters


def test_counters_count(resque: Resque) -> None:
    assert resque.stats.get("mine") == 0
    resque.stats.increment("mine")
    resque.stats.increment("mine", 4)
    assert resque.stats.get("mine") == resque.stats.all()["mine"] == 5
    assert sum(bucket.value for bucket in resque.stats.history("mine")) == 5
    assert len(resque.stats.history("mine", "day", 7)) == 7
    resque.stats.clear("mine")
    assert resque.stats.get("mine") == 0


def test_counters_are_looked_up_and_counted_as_in_ruby(resque: Resque) -> None:
    resque.stats.incr("mails", 5)
    resque.stats.decr("mails", 2)
    resque.stats.decrement("mails")
    assert (resque.stats["mails"], resque.stats["none"]) == (2, 0)


def test_counters_may_be_kept_elsewhere_and_those_of_jobs_stay(resque: Resque, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/jobs.sqlite3"
    with Resque(url, stat_store=NullStats()) as other:
        other.stats.increment("mails")
        a_failure(other, 1)
        assert other.stats.all() == {}
        assert other.stats.history("mails") == []
        other.stats.clear("mails")
        other.stats.store = None
        assert other.stats.all() == {"processed": 1, "failed": 1}
        other.stats.store = resque.storage.stats
        other.stats.increment("mails")
    assert resque.stats.all() == {"mails": 1}
