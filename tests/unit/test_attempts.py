"""How long a job that asks for another attempt may wait for it."""

import math
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from resque_core import InvalidArguments, RegistrationError, RetryJob
from resque_core.attempts import after
from resque_core.codec import decode_job
from resque_core.job import Entry, Job
from resque_core.outcome import Problem
from resque_core.retry import Retry

PROBLEM = Problem("RetryJob", "not yet")


@pytest.mark.parametrize("delay", [math.nan, math.inf, 1e15, 1.7e12, -5, "x", True, timedelta(days=400)])
def test_a_delay_that_is_no_time_is_refused_where_it_is_said(delay: Any) -> None:
    """It would end the worker, or be so far that nobody can read when."""
    with pytest.raises(InvalidArguments, match="give seconds or a timedelta, from 0 to a year"):
        RetryJob(delay=delay)


@pytest.mark.parametrize(
    ("delay", "seconds"), [(0, 0.0), (2.5, 2.5), (timedelta(minutes=1), 60.0), (None, 7.0)]
)
def test_it_waits_as_it_says_or_as_its_policy_does(delay: Any, seconds: float) -> None:
    again = after(Job(queue="q", name="A"), Retry(limit=1, delay=7), RetryJob(delay=delay), PROBLEM)
    assert again
    assert again.delay == seconds


def test_a_retry_that_fails_by_what_is_not_retried_has_its_history_and_a_new_life() -> None:
    policy = Retry(limit=5, never_on=KeyError)
    first = {"attempt": 1, "error": "not yet"}
    job = Job(queue="q", name="A", id="1", attempt=2, history=(first,))
    again = after(job, policy, KeyError("no"), Problem("KeyError", "no"))
    assert again
    assert again.delay is None
    failed = decode_job(Entry("1", "q", again.payload))
    assert failed.attempt == 1
    assert [(line["attempt"], line["error"]) for line in failed.history] == [(1, "not yet"), (2, "no")]
    assert after(replace(job, attempt=1), policy, KeyError("no"), Problem("KeyError", "no")) is None


def test_its_times_may_be_timedeltas() -> None:
    minute = timedelta(minutes=1)
    assert Retry(3, delay=minute).seconds(2) == 60
    assert [Retry(3, delay=[minute, 5]).seconds(number) for number in (1, 2, 3)] == [60, 5, 5]
    doubled = Retry(9, backoff=minute, max_delay=timedelta(minutes=3))
    assert [doubled.seconds(number) for number in (1, 2, 3)] == [60, 120, 180]


@pytest.mark.parametrize(
    "odd", [timedelta(days=-1), timedelta(days=400), "soon", object(), True, [], {"a": 1}]
)
def test_times_of_a_policy_that_are_none_are_refused(odd: Any) -> None:
    with pytest.raises(RegistrationError, match="seconds or a timedelta, from 0 to a year"):
        Retry(3, delay=odd)


def test_an_exception_that_inherits_without_a_delay_waits_as_the_policy_does() -> None:
    class NotYet(RetryJob):
        def __init__(self) -> None:
            pass

    again = after(Job(queue="q", name="A"), Retry(limit=1, delay=7), NotYet(), PROBLEM)
    assert again
    assert again.delay == 7
