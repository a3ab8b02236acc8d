"""Pause, quiet, finish: whether a worker takes more jobs, and whether it ends."""

from resque_core.stopping import Stopping


def test_at_first_it_takes_jobs() -> None:
    stopping = Stopping()
    assert stopping.taking
    assert not stopping.ending


def test_a_quiet_worker_takes_no_more_but_does_not_end() -> None:
    stopping = Stopping()
    stopping.quiet()
    assert not stopping.taking
    assert not stopping.ending


def test_a_paused_worker_takes_jobs_again_once_it_is_resumed() -> None:
    stopping = Stopping()
    stopping.pause()
    assert not stopping.taking
    stopping.resume()
    assert stopping.taking


def test_a_worker_that_finishes_takes_no_more_even_if_it_is_resumed() -> None:
    stopping = Stopping()
    stopping.pause()
    stopping.finish()
    stopping.resume()
    assert stopping.ending
    assert not stopping.taking
