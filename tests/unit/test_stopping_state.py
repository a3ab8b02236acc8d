"""Quiet, finish, stop: whether a worker takes more, and for how long its job may run."""

import math

from resque_core.stopping import Stopping


def test_at_first_it_takes_jobs_without_a_deadline() -> None:
    stopping = Stopping()
    assert stopping.taking
    assert stopping.left() == math.inf


def test_a_quiet_worker_takes_no_more_but_does_not_end() -> None:
    stopping = Stopping()
    stopping.quiet()
    assert not stopping.taking
    assert not stopping.ending


def test_finishing_has_no_deadline() -> None:
    stopping = Stopping()
    stopping.finish()
    assert stopping.ending
    assert not stopping.taking
    assert stopping.left() == math.inf


def test_the_earliest_deadline_counts() -> None:
    stopping = Stopping()
    stopping.stop(60)
    assert 59 < stopping.left() <= 60
    stopping.stop(1)
    assert stopping.left() <= 1
    stopping.stop(60)
    assert stopping.left() <= 1
    stopping.stop(0)
    assert stopping.left() == 0
