"""How long a job that asks for another attempt may wait for it."""

import math
from datetime import timedelta
from typing import Any

import pytest

from resque_core import InvalidArguments, RetryJob
from resque_core.attempts import after
from resque_core.job import Job
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


def test_an_exception_that_inherits_without_a_delay_waits_as_the_policy_does() -> None:
    class NotYet(RetryJob):
        def __init__(self) -> None:
            pass

    again = after(Job(queue="q", name="A"), Retry(limit=1, delay=7), NotYet(), PROBLEM)
    assert again
    assert again.delay == 7
