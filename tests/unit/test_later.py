"""Jobs for later: what a caller may say of time, what becomes of it, and the workers that promote."""

import logging
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from stores import prepared

from resque_core import AlreadyEnqueued, InvalidArguments, Resque, Worker, job, set_default_app
from resque_core.promoter import Promoter
from resque_core.records import Promotion
from resque_core.testing import captured, inline
from resque_core.worker_options import WorkerOptions

RAN: list[object] = []
SCHEDULED: list[tuple[str, object]] = []


@job(queue="later", name="tests.later")
def later(number: object, *, note: str = "") -> None:
    RAN.append((number, note) if note else number)


@later.hook
def before_schedule_none(number: object, **_: object) -> bool:
    SCHEDULED.append(("before", number))
    return number != "vetoed"


@later.hook
def after_schedule_note(number: object, **_: object) -> None:
    SCHEDULED.append(("after", number))


@later.hook
def before_enqueue_never(number: object, **_: object) -> bool:
    return number == "at once"


@job(queue="later", name="tests.later.unique", unique="until_done", on_duplicate="raise")
def once(number: int) -> None:
    RAN.append(number)


@pytest.fixture
def resque(tmp_path: Path) -> Iterator[Resque]:
    RAN.clear()
    SCHEDULED.clear()
    with Resque(prepared(tmp_path / "resque.sqlite3")) as resque:
        # Not just the first that was made: one of another test may live on until it is collected as garbage.
        before = set_default_app(resque)
        yield resque
        set_default_app(before)


def in_an_hour() -> datetime:
    return datetime.now(UTC) + timedelta(hours=1)


# What may be said.


@pytest.mark.parametrize("when", [datetime(2030, 1, 1), "2030-01-01", 5, None, timedelta(1)])
def test_a_moment_without_a_zone_is_refused_with_the_way_out(resque: Resque, when: object) -> None:
    with pytest.raises(
        InvalidArguments, match=r"has no time zone.*datetime\.now\(UTC\)|Give an aware datetime"
    ):
        resque.enqueue_at(when, later, 1)  # type: ignore[arg-type]
    assert resque.schedule.count() == 0


@pytest.mark.parametrize("hours", [-5, 0, 5])
def test_a_moment_more_than_a_century_ahead_is_refused(resque: Resque, hours: int) -> None:
    """Also one that no clock can show in UTC."""
    zone = timezone(timedelta(hours=hours))
    for when in (datetime.max.replace(tzinfo=zone), datetime.now(zone) + timedelta(days=366 * 100, hours=1)):
        with pytest.raises(InvalidArguments, match=r"more than a century ahead.*not milliseconds"):
            resque.enqueue_at(when, later, 1)
    assert resque.schedule.count() == 0
    assert resque.enqueue_at(datetime.now(zone) + timedelta(days=366 * 100), later, 1)


@pytest.mark.parametrize("hours", [-5, 0, 5])
def test_the_first_moment_of_all_is_past(resque: Resque, hours: int) -> None:
    """Also where none is so early in UTC."""
    assert resque.enqueue_at(datetime.min.replace(tzinfo=timezone(timedelta(hours=hours))), later, 1)
    assert resque.size("later") == 1


@pytest.mark.parametrize("delay", [float("nan"), float("inf"), 1e12, "5", True, None, in_an_hour()])
def test_a_delay_that_is_none_is_refused(resque: Resque, delay: object) -> None:
    with pytest.raises(InvalidArguments, match=r"Give seconds|Use enqueue_at"):
        resque.enqueue_in(delay, later, 1)  # type: ignore[arg-type]
    assert resque.schedule.count() == 0


def test_a_moment_in_any_zone_is_that_moment(resque: Resque) -> None:
    when = in_an_hour().astimezone(timezone(timedelta(hours=5)))
    kept = resque.enqueue_at(when, later, 1)
    assert kept
    found = resque.schedule.get(kept.id)
    assert found
    assert abs(found.run_at - when) < timedelta(milliseconds=2)
    assert found.run_at.tzinfo is UTC


@pytest.mark.parametrize("delay", [0, -5, timedelta(0)])
def test_what_is_due_already_waits_at_once(resque: Resque, delay: object) -> None:
    assert resque.enqueue_in(delay, later, 1)  # type: ignore[arg-type]
    assert resque.size("later") == 1


def test_the_job_functions_own_ways_lead_to_the_default_app(resque: Resque) -> None:
    later.enqueue_in(3600, 1, note="hour")
    later.enqueue_at(in_an_hour(), 2)
    resque.enqueue_in_to("slow", 3600, later, 3)
    resque.enqueue_at_to("slow", in_an_hour(), "Ruby::Job", 4)
    found = sorted(resque.schedule.peek(), key=lambda it: it.job.args)
    assert [(it.job.queue, it.job.args) for it in found] == [
        *[("later", (1,)), ("later", (2,)), ("slow", (3,)), ("slow", (4,))]
    ]
    assert found[0].job.kwargs == {"note": "hour"}
    assert found[3].job.name == "Ruby::Job"


def test_jobs_are_found_run_and_removed_by_call_or_by_themselves(resque: Resque) -> None:
    kept = [resque.enqueue_in(3600, later, number) for number in (1, 1, 2, 3)]
    resque.enqueue_in_to("later", 3600, "Other", 1)
    assert len(resque.schedule.find(later, 1)) == 2
    assert len(resque.schedule.find(later)) == 4
    assert resque.schedule.run_now(later, 1) == 2
    assert resque.size("later") == 2
    assert resque.schedule.remove(kept[3]) == 1
    assert resque.schedule.remove(kept[3]) == 0
    assert resque.schedule.remove("tests.later") == 1
    assert resque.schedule.reset_delayed() == 1
    assert resque.schedule.count() == 0


# Hooks.


def test_schedule_hooks_run_once_and_enqueue_hooks_never(resque: Resque) -> None:
    resque.enqueue_in(0.01, later, 1)
    Worker(resque, "later", burst=True, fork=False).work()
    while not RAN:
        Worker(resque, "later", burst=True, fork=False).work()
    assert RAN == [1]
    assert SCHEDULED == [("before", 1), ("after", 1)]


def test_a_veto_stores_nothing_and_is_logged(resque: Resque, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, "resque"):
        assert resque.enqueue_in(3600, later, "vetoed") is None
    assert "before_schedule hook vetoed" in caplog.text
    assert "vetoed" in caplog.text
    assert resque.schedule.count() == 0
    assert SCHEDULED == [("before", "vetoed")]


def test_a_unique_job_that_is_delayed_keeps_others_out(resque: Resque) -> None:
    assert once.enqueue_in(3600, 1)
    with pytest.raises(AlreadyEnqueued):
        once.enqueue_in(60, 1)
    with pytest.raises(AlreadyEnqueued):
        once.enqueue(1)
    assert resque.schedule.count() == 1


# Without a store.


def test_inline_a_job_for_later_is_performed_now(resque: Resque) -> None:
    with inline(resque):
        resque.enqueue_in(3600, later, 1)
    assert RAN == [1]


def test_captured_jobs_for_later_are_in_the_list(resque: Resque) -> None:
    with captured(resque) as jobs:
        resque.enqueue_in(3600, later, 1)
    assert [it.args for it in jobs] == [(1,)]
    assert resque.schedule.count() == 0


# Workers.


class Script:
    """A schedule that answers as it is told, and counts."""

    def __init__(self, *answers: Promotion) -> None:
        self.answers = list(answers)

    def promote(self, limit: int = 0) -> Promotion:
        return self.answers.pop(0)


def promoter_of(
    resque: Resque, monkeypatch: pytest.MonkeyPatch, *answers: Promotion, **options: object
) -> Promoter:
    monkeypatch.setattr(resque.storage, "schedule", Script(*answers))
    return Promoter(resque, WorkerOptions(**options))  # type: ignore[arg-type]


def test_a_promoter_goes_on_while_there_is_more(resque: Resque, monkeypatch: pytest.MonkeyPatch) -> None:
    promoter = promoter_of(resque, monkeypatch, Promotion(500, 0.0), Promotion(3, 700.0))
    assert promoter.promote() == 500
    assert promoter.left() == 0
    assert promoter.promote() == 3
    assert 4 < promoter.left() <= 5
    assert promoter.promote() == 0


def test_a_promoter_looks_again_when_the_next_job_is_due(
    resque: Resque, monkeypatch: pytest.MonkeyPatch
) -> None:
    promoter = promoter_of(resque, monkeypatch, Promotion(0, 1.5))
    promoter.promote()
    assert 0 < promoter.left() <= 1.5


def test_what_cannot_be_promoted_keeps_nobody_busy(resque: Resque, monkeypatch: pytest.MonkeyPatch) -> None:
    promoter = promoter_of(resque, monkeypatch, Promotion(0, 0.0))
    promoter.promote()
    assert promoter.left() > 4


@pytest.mark.parametrize(("interval", "most"), [(0.1, 1.0), (3.0, 3.0), (60.0, 5.0), (0, 5.0)])
def test_a_promoter_looks_as_often_as_its_worker_but_not_more_than_once_a_second(
    resque: Resque, monkeypatch: pytest.MonkeyPatch, interval: float, most: float
) -> None:
    promoter = promoter_of(resque, monkeypatch, Promotion(0, None), interval=interval)
    promoter.promote()
    assert most - 0.9 < promoter.left() <= most


def test_a_worker_that_is_not_to_promote_does_not(resque: Resque) -> None:
    resque.enqueue_in(0.001, later, 1)
    while resque.schedule.peek()[0].run_at > datetime.now(UTC):
        pass
    Worker(resque, "*", burst=True, fork=False, promote=False).work()
    assert RAN == []
    assert resque.schedule.count() == 1


def test_whoever_promotes_in_our_place_is_named_once(
    resque: Resque, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    held = Promotion(0, None, held_by="web1:77")
    promoter = promoter_of(resque, monkeypatch, held, held)
    with caplog.at_level(logging.INFO, "resque"):
        promoter.promote()
        promoter._timer.now()
        promoter.promote()
    assert caplog.text.count("resque-scheduler web1:77") == 1
