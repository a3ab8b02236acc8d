"""`resque_core.testing.work_off`: what waits is performed here and now."""

import os

import pytest

from resque_core import Resque, register
from resque_core.registry import registry
from resque_core.testing import work_off

PERFORMED: list[tuple[object, int]] = []


class Weigh:
    queue = "scales"

    @staticmethod
    def perform(grams: int) -> None:
        PERFORMED.append((grams, os.getpid()))
        if grams < 0:
            raise ValueError("lighter than air")


class WeighTwice:
    queue = "counter"
    app: Resque

    @classmethod
    def perform(cls) -> None:
        cls.app.enqueue(Weigh, 1)
        cls.app.enqueue(Weigh, 2)


@pytest.fixture(autouse=True)
def _registered() -> None:
    PERFORMED.clear()
    for target in (Weigh, WeighTwice):
        if registry.made_of(target) is None:
            register(target)


def test_jobs_are_performed_in_this_process_until_the_queues_are_empty(resque: Resque) -> None:
    resque.enqueue(Weigh, 5)
    resque.enqueue(Weigh, 6)
    worked = work_off(resque)
    assert [(5, os.getpid()), (6, os.getpid())] == PERFORMED
    assert [job.args for job in worked.jobs] == [(5,), (6,)]
    assert worked.failures == ()
    assert resque.stats.all() == {"processed": 2}
    assert resque.workers() == []


def test_failures_are_stored_and_reported_in_order(resque: Resque) -> None:
    for grams in (-1, 3, -2):
        resque.enqueue(Weigh, grams)
    worked = work_off(resque)
    assert len(worked.jobs) == 3
    assert [failure.exception for failure in worked.failures] == ["ValueError", "ValueError"]
    assert [failure.payload for failure in worked.failures] == [
        job.payload for job in worked.jobs if job.args[0] < 0
    ]
    assert resque.info()["failed"] == 2


def test_jobs_that_jobs_enqueue_are_performed_too(resque: Resque) -> None:
    WeighTwice.app = resque
    resque.enqueue(WeighTwice)
    assert len(work_off(resque).jobs) == 3


def test_the_limit_ends_what_would_never_end(resque: Resque) -> None:
    for grams in range(5):
        resque.enqueue(Weigh, grams)
    assert len(work_off(resque, limit=2).jobs) == 2
    assert resque.size("scales") == 3


def test_only_the_named_queues_are_worked_off(resque: Resque) -> None:
    WeighTwice.app = resque
    resque.enqueue(WeighTwice)
    assert len(work_off(resque, "counter").jobs) == 1
    assert resque.size("scales") == 2
