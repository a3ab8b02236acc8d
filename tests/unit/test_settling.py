"""How the end of a job is told to the store."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from stores import prepared

from resque_core import Resque
from resque_core.clock import utc_now
from resque_core.outcome import Again, Ended, Problem
from resque_core.records import Reservation, WorkerInfo
from resque_core.settling import InHand


@pytest.fixture
def resque(tmp_path: Path) -> Iterator[Resque]:
    with Resque(prepared(tmp_path / "resque.sqlite3")) as resque:
        yield resque


@pytest.fixture
def held(resque: Resque) -> InHand:
    resque.enqueue_to("q", "Pack", 1)
    worker = WorkerInfo(id="h:1:q", host="h", pid=1, queues=("q",), started_at=utc_now())
    resque.storage.workers.register(worker, 30)
    reservation = resque.storage.jobs.reserve(["q"], "h:1:q", "token")
    assert isinstance(reservation, Reservation)
    return InHand(reservation)


def _tell(resque: Resque, held: InHand, **ended: object) -> bool:
    assert held.note(Ended("token", **ended))  # type: ignore[arg-type]
    return held.tell(resque.storage.jobs)


BROKEN = Problem("ValueError", "broken", ("line",))


def test_a_job_that_ran_to_its_end_is_complete(resque: Resque, held: InHand) -> None:
    assert _tell(resque, held)
    assert resque.stats.all() == {"processed": 1}


def test_a_problem_becomes_a_failure(resque: Resque, held: InHand) -> None:
    assert _tell(resque, held, problem=BROKEN)
    (failure,) = resque.failures.all(0, 10)
    assert (failure.exception, failure.error, failure.backtrace) == ("ValueError", "broken", ("line",))
    assert failure.worker == "h:1:q"
    assert failure.name == "Pack"


def test_a_refused_job_goes_back_whatever_was_meant_for_it(resque: Resque, held: InHand) -> None:
    assert _tell(resque, held, refused="no memory")
    assert (resque.size("q"), resque.stats.all()) == (1, {})


@pytest.mark.parametrize("when", ["before its end", "after"])
def test_a_job_that_was_cancelled_and_fails_is_failed_whatever_its_policy_says(
    resque: Resque, held: InHand, when: str
) -> None:
    if when == "before its end":
        held.be_unwanted()
    held.note(Ended("token", problem=BROKEN, again=Again(b"{}", "q", 0.0)))
    held.be_unwanted()
    assert held.tell(resque.storage.jobs)
    assert (resque.size("q"), resque.failures.count()) == (0, 1)
    assert resque.failures.peek()[0].name == "Pack"


@pytest.mark.parametrize("how", [{"problem": BROKEN, "killed": True}, {"refused": "no memory"}], ids=str)
def test_a_job_that_was_cancelled_does_not_go_back(resque: Resque, held: InHand, how: dict[str, Any]) -> None:
    held.be_unwanted()
    held.fate = "release"
    assert _tell(resque, held, **how)
    assert (resque.size("q"), resque.failures.count()) == (0, 0)


def test_a_killed_job_that_was_to_be_handed_back_goes_back(resque: Resque, held: InHand) -> None:
    held.fate = "release"
    assert _tell(resque, held, problem=BROKEN, killed=True)
    assert (resque.size("q"), resque.info()["failed"]) == (1, 0)


def test_a_job_that_failed_by_itself_before_it_could_be_handed_back_has_failed(
    resque: Resque, held: InHand
) -> None:
    held.fate = "release"
    assert _tell(resque, held, problem=BROKEN)
    assert (resque.size("q"), resque.info()["failed"]) == (0, 1)


def test_a_job_that_was_done_before_it_could_be_handed_back_is_done(resque: Resque, held: InHand) -> None:
    held.fate = "release"
    assert _tell(resque, held)
    assert (resque.size("q"), resque.stats.all()) == (0, {"processed": 1})


@pytest.mark.parametrize("problem", [None, BROKEN])
def test_a_dropped_job_is_not_told_at_all(resque: Resque, held: InHand, problem: Problem | None) -> None:
    held.fate = "drop"
    assert not _tell(resque, held, problem=problem)
    assert resque.stats.all() == {}
    assert resque.working() != []


def test_the_end_of_another_job_is_not_taken_down(held: InHand) -> None:
    assert not held.note(Ended("another token"))
    assert held.running
