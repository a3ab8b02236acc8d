"""Jobs that are not worth running late: not run, and in the failed store with the reason."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from stores import prepared

from resque_core import InvalidArguments, RegistrationError, Resque, Worker, job

RAN: list[str] = []
PAST = datetime(2026, 1, 2, tzinfo=UTC)


@job(queue="shop", name="tests.fresh", expires=0.5)
def fresh(note: str) -> None:
    RAN.append(note)


@job(queue="shop", name="tests.lasting")
def lasting(note: str) -> None:
    RAN.append(note)


@pytest.fixture
def resque(tmp_path: Path) -> Iterator[Resque]:
    RAN.clear()
    with Resque(prepared(tmp_path / "resque.sqlite3")) as resque:
        yield resque


def work(resque: Resque) -> None:
    assert Worker(resque, "shop", burst=True, fork=False).work() == 0


def test_a_job_that_is_reserved_too_late_is_not_run_but_failed_and_counted(resque: Resque) -> None:
    resque.enqueue(lasting, "late", expires=PAST)
    resque.enqueue(lasting, "in time", expires=3600)
    work(resque)
    assert RAN == ["in time"]
    (failure,) = resque.failures.peek()
    assert (failure.exception, failure.queue, failure.name) == ("JobExpired", "shop", "tests.lasting")
    assert "2026-01-02T00:00:00.000000Z" in failure.error
    assert resque.stats.all() == {"processed": 2, "failed": 1, "expired": 1}
    assert resque.info()["expired"] == 1


def test_the_definition_says_it_for_every_call_and_a_call_may_say_it_otherwise(resque: Resque) -> None:
    before = datetime.now(UTC)
    usual = resque.enqueue(fresh, "usual")
    longer = resque.enqueue(fresh, "longer", expires=timedelta(hours=1))
    assert usual
    assert usual.expires_at
    assert usual.expires_at - before < timedelta(minutes=1)
    assert longer
    assert longer.expires_at
    assert longer.expires_at - before > timedelta(minutes=59)
    assert [found.expires_at for found in resque.peek("shop", 0, 2)] == [usual.expires_at, longer.expires_at]


def test_the_time_of_a_delayed_job_begins_when_it_is_due(resque: Resque) -> None:
    due = datetime(2100, 1, 1, tzinfo=UTC)
    found = resque.enqueue_at(due, lasting, "later", expires=60)
    assert found
    assert found.expires_at == due + timedelta(seconds=60)
    soon = resque.enqueue_in(3600, fresh, "later")
    assert soon
    assert soon.expires_at
    assert soon.expires_at > datetime.now(UTC) + timedelta(minutes=59)


def test_the_time_of_a_job_that_follows_begins_when_it_is_enqueued(resque: Resque) -> None:
    resque.enqueue(lasting, "before", then=[fresh.build("after"), (fresh, "too"), lasting.build("never")])
    before = datetime.now(UTC)
    with resque.reserve("shop") as held:
        assert held
        assert all(said["text"].get("expires_at") is None for said in held.job.then)
        held.complete()
    first, second, never = resque.peek("shop", 0, 9)
    for found in (first, second):
        assert found.expires_at
        assert timedelta(seconds=0.5) <= found.expires_at - before < timedelta(minutes=1)
        assert found.expires_after == 0
        assert found.enqueued_at
        assert found.enqueued_at >= before
    assert never.expires_at is None


@pytest.mark.parametrize(
    "callback", [fresh, (fresh, "told"), fresh.build("built")], ids=["target", "call", "job"]
)
def test_the_time_of_the_callback_of_a_batch_begins_at_its_end(resque: Resque, callback: object) -> None:
    resque.batch([(lasting, "part")], then=callback)
    before = datetime.now(UTC)
    with resque.reserve("shop") as held:
        assert held
        held.complete()
    (found,) = resque.peek("shop", 0, 9)
    assert found.name == "tests.fresh"
    assert found.expires_at
    assert timedelta(seconds=0.49) <= found.expires_at - before < timedelta(minutes=1)
    assert found.expires_after == 0


def test_a_job_that_was_built_may_say_it_and_its_time_begins_when_it_is_enqueued(resque: Resque) -> None:
    built = [
        fresh.build("usual"),
        resque.build(lasting, "told", expires=60),
        resque.build(lasting, "until", expires=PAST),
    ]
    assert [job.expires_at for job in built] == [None, None, PAST]
    before = datetime.now(UTC)
    usual, told, until = resque.enqueue_many(built)
    assert usual
    assert told
    assert until
    assert usual.expires_at
    assert told.expires_at
    assert timedelta(minutes=1) <= told.expires_at - before < timedelta(minutes=2)
    assert until.expires_at == PAST
    assert "expires_after" not in told.payload.decode()


@pytest.mark.parametrize("odd", [0, -5, timedelta(0), "soon", True])
def test_no_time_at_all_is_refused_where_it_is_said(resque: Resque, odd: Any) -> None:
    with pytest.raises(InvalidArguments, match="expires="):
        resque.enqueue(lasting, "never", expires=odd)
    with pytest.raises(InvalidArguments, match="expires="):
        resque.enqueue_in(5, lasting, "never", expires=odd)
    assert resque.queues() == []


@pytest.mark.parametrize("hours", [-5, 0])
def test_a_moment_more_than_a_century_ahead_is_refused_where_it_is_said(resque: Resque, hours: int) -> None:
    never = datetime.max.replace(tzinfo=timezone(timedelta(hours=hours)))
    with pytest.raises(InvalidArguments, match=r"expires=9999.*more than a century ahead"):
        resque.enqueue(lasting, "never", expires=never)
    assert resque.queues() == []


def test_who_retries_it_by_hand_has_it_run(resque: Resque) -> None:
    resque.enqueue(lasting, "late", expires=PAST)
    work(resque)
    assert resque.failures.requeue_all() == 1
    work(resque)
    assert RAN == ["late"]


def test_a_program_that_reserves_for_itself_does_not_get_it(resque: Resque) -> None:
    resque.enqueue(lasting, "late", expires=PAST)
    resque.enqueue(lasting, "next")
    with resque.reserve("shop") as held:
        assert held
        assert held.job.args == ("next",)
        held.complete()
    assert [failure.exception for failure in resque.failures.peek(0, 2)] == ["JobExpired"]
    assert resque.info()["expired"] == 1


@pytest.mark.parametrize("expires", [-1, 0, "soon", True, 1e12])
def test_a_definition_says_a_time_that_can_be_kept(expires: object) -> None:
    with pytest.raises(RegistrationError, match="expires="):
        job(queue="shop", name="tests.odd", expires=expires)(lambda: None)  # type: ignore[call-overload]


def test_a_call_says_a_time_of_a_known_zone(resque: Resque) -> None:
    with pytest.raises(InvalidArguments, match="time zone"):
        resque.enqueue(lasting, "late", expires=datetime(2026, 1, 2))
    assert resque.size("shop") == 0


def test_what_another_code_base_means_by_that_key_is_kept(resque: Resque) -> None:
    resque.push("shop", {"class": "tests.lasting", "args": ["odd"], "expires_at": 17})
    assert resque.peek("shop")[0].extras == {"expires_at": 17}
    work(resque)
    assert RAN == ["odd"]
