"""When a job that is to end is interrupted, and when it is killed."""

import math

from resque_core.ending import Ending, Patience
from resque_core.worker_options import WorkerOptions


def test_a_job_of_which_nobody_asked_anything_runs_for_as_long_as_it_likes() -> None:
    ending = Ending()
    assert ending.left() == math.inf
    assert not ending.interrupts()
    assert not ending.kills()


def test_the_earliest_time_counts() -> None:
    ending = Ending()
    ending.ask(Patience(60))
    assert 59 < ending.left() <= 60
    ending.ask(Patience(1))
    ending.ask(Patience(60))
    assert ending.left() <= 1
    ending.ask(Patience(0))
    assert ending.left() == 0


def test_it_is_interrupted_once_and_killed_once() -> None:
    ending = Ending()
    ending.ask(Patience(60, interrupt=0))
    assert (ending.interrupts(), ending.interrupts(), ending.kills()) == (True, False, False)
    ending.ask(Patience(0))
    assert (ending.kills(), ending.kills()) == (True, False)


def test_a_job_that_is_killed_is_not_interrupted_any_more() -> None:
    ending = Ending()
    ending.ask(Patience(0, interrupt=60))
    assert ending.kills()
    assert ending.left() == math.inf


def test_a_job_that_somebody_wants_to_fail_is_not_handed_back_by_a_stop() -> None:
    ending = Ending()
    ending.ask(Patience(10, fails=True))
    ending.ask(Patience(1))
    assert ending.fails


def test_a_stop_gives_the_job_its_grace() -> None:
    assert WorkerOptions(grace=7).stop_patience == Patience(7)


def test_with_term_child_the_job_is_told_within_its_grace_and_has_a_term_timeout_from_then() -> None:
    assert WorkerOptions(term_child=True, grace=20, term_timeout=5).stop_patience == Patience(20, 15)
    assert WorkerOptions(term_child=True, grace=2, term_timeout=5).stop_patience == Patience(5, 0)


def test_a_pre_shutdown_timeout_says_when_the_job_is_told() -> None:
    options = WorkerOptions(term_child=True, grace=60, term_timeout=8, pre_shutdown_timeout=20)
    assert options.stop_patience == Patience(28, 20)
    assert options.kill_patience == Patience(28, 20, fails=True)


def test_a_job_that_is_to_end_by_itself_is_killed_at_once_or_with_term_child_told_at_once() -> None:
    assert WorkerOptions().kill_patience == Patience(0, fails=True)
    assert WorkerOptions(term_child=True).kill_patience == Patience(4, 0, fails=True)
