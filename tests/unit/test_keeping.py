"""How many failures are kept, and for how long: said to a `Resque`, or to a worker of it."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from resque_core import Resque, Worker, job
from resque_core.errors import SettingsError
from resque_core.failures import Report, add_failure_backend, clear_failure_backends
from resque_core.keeping import Keeping
from resque_core.records import Reservation
from resque_core.testing.contract.factories import a_worker
from resque_core.testing.contract.scenes import take
from resque_core.worker_options import worker_options


@job(queue="kept", name="kept.break_down")
def break_down(number: int) -> None:
    raise ValueError(number)


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/jobs.sqlite3"


@pytest.fixture
def told() -> Iterator[list[str]]:
    reports: list[str] = []

    class Notes:
        def save(self, report: Report) -> None:
            reports.append(report.exception)

    add_failure_backend(Notes)
    yield reports
    clear_failure_backends()


def errors(resque: Resque) -> list[str]:
    return [failure.error for failure in resque.failures.peek()]


def test_a_resque_keeps_so_many_failures_of_the_jobs_that_it_fails(url: str) -> None:
    with Resque(url, max_failures=2) as resque:
        for number in range(4):
            resque.enqueue(break_down, number)
            with resque.reserve("kept") as held:
                assert held
                held.perform()
        assert errors(resque) == ["3", "2"]


def test_its_workers_keep_as_many(url: str) -> None:
    with Resque(url, max_failures=2) as resque:
        resque.enqueue_many([break_down.build(number) for number in range(4)])
        assert Worker(resque, "kept", burst=True, fork=False).work() == 0
        assert errors(resque) == ["3", "2"]


def test_a_worker_may_be_told_itself(url: str) -> None:
    with Resque(url) as resque:
        resque.enqueue_many([break_down.build(number) for number in range(4)])
        Worker(resque, "kept", burst=True, fork=False, max_failures=1).work()
        assert errors(resque) == ["3"]


def test_what_a_worker_says_counts_before_what_its_resque_does() -> None:
    base = Keeping(most=10, age=60.0)
    assert worker_options().kept_as(base) == base
    own = worker_options(max_failures=5, max_failure_age=30, failure_backend=("redis_multi_queue",))
    assert own.kept_as(base) == Keeping(apart=True, most=5, age=30)


def test_a_resque_names_what_its_workers_tell_of_failures(url: str, caplog: pytest.LogCaptureFixture) -> None:
    with Resque(url, failure_backend=["redis_multi_queue", "logging"]) as resque:
        assert resque.keeping == Keeping(apart=True)
        resque.enqueue(break_down, 1)
        Worker(resque, "kept", burst=True, fork=False, failure_backend=("logging",)).work()
    clear_failure_backends()
    assert [record.levelname for record in caplog.records if record.name == "resque.failures"] == ["ERROR"]


def test_ages_are_seconds_or_a_timedelta() -> None:
    assert Resque(max_failure_age=60).keeping == Keeping(age=60)
    assert Resque(max_failure_age=timedelta(days=30)).keeping == Keeping(age=30 * 86_400)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"max_failures": 0}, "max_failures: 0 cannot be used. Give a whole number from 1 on"),
        ({"max_failures": 1.5}, "max_failures: 1.5"),
        ({"max_failure_age": 0}, "max_failure_age: 0 cannot be used"),
        ({"max_failure_age": "a week"}, "max_failure_age: 'a week'"),
        ({"failure_backend": "sentri"}, "failure_backend='sentri': there is no such backend"),
        ({"failure_backend": ["logging", 7]}, "failure_backend=7: there is no such backend"),
    ],
)
def test_what_cannot_be_used_is_refused(options: dict[str, Any], said: str) -> None:
    with pytest.raises(SettingsError, match=said):
        Resque(**options)


def test_the_bundle_of_a_removed_worker_goes_back_to_its_queue(url: str) -> None:
    with Resque(url) as resque:
        jobs = [resque.push("q", {"class": "Pack", "args": [number]}) for number in range(3)]
        worker = a_worker()
        resque.storage.workers.register(worker, 60)
        held = resque.storage.jobs.reserve(["q"], worker.id, "token", most=2)
        assert isinstance(held, Reservation)
        assert len(held.bundle) == 1
        assert resque.remove_worker(worker.id)
        assert [job.id for job in resque.peek("q", 0, 9)] == [job.id for job in jobs]
        assert resque.failures.count() == 0


def test_the_job_of_a_removed_worker_is_told_of_and_kept_as_others(url: str, told: list[str]) -> None:
    with Resque(url, max_failures=1) as resque:
        for number in range(2):
            resque.enqueue(break_down, number)
            worker = a_worker()
            resque.storage.workers.register(worker, 60)
            take(resque.storage, worker.id, "kept")
            assert resque.remove_worker(worker.id)
        assert resque.failures.count() == 1
    assert told == ["DirtyExit", "DirtyExit"]
