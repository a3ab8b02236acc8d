"""How a worker works short jobs in bundles: fewer calls, and whatever happens, none is lost or done twice."""

import json
import logging
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from stores import prepared
from watched_jobs import Watched

from resque_core import Resque, Retry, Worker, job
from resque_core.bundle import CALM, PATIENCE, SHORT, Bundle, BundleSize, wants_alone
from resque_core.job import Entry
from resque_core.records import Lapsed, Reservation, Verdict
from resque_core.settling import InHand
from resque_core.worker_options import WorkerOptions

#: So many that bundles of some size come.
MANY = 60

RAN: list[int] = []
#: What happens within the job of that number.
ACTS: dict[int, Callable[[], object]] = {}


@job(queue="shop", name="bundling.short")
def short(number: int) -> None:
    RAN.append(number)
    ACTS.get(number, int)()


@job(queue="shop", name="bundling.tracked", track=True)
def tracked(number: int) -> int:
    short(number)
    return number


@job(queue="shop", name="bundling.limited", limit=1)
def limited(number: int) -> None:
    short(number)


@job(queue="shop", name="bundling.once", on_worker_death="fail")
def once(number: int) -> None:
    short(number)


@job(queue="shop", name="bundling.retried", retry=Retry(limit=1, delay=0.0))
def retried(number: int) -> None:
    short(number)


@job(queue="shop", name="bundling.refresh", unique="until_done")
def refresh(number: int) -> None:
    short(number)


@pytest.fixture(autouse=True)
def _new() -> None:
    RAN.clear()
    ACTS.clear()


@pytest.fixture
def resque(tmp_path: Path) -> Iterator[Resque]:
    with Resque(prepared(tmp_path / "resque.sqlite3")) as resque:
        yield resque


@pytest.fixture
def worker(resque: Resque, watched: Watched, monkeypatch: pytest.MonkeyPatch) -> Worker:
    # However slow this machine is just now, the jobs here count as short.
    monkeypatch.setattr("resque_core.bundle.SHORT", 10.0)
    monkeypatch.setattr("resque_core.bundle.PATIENCE", 60.0)
    resque.enqueue_many([(short, number) for number in range(MANY)])
    return Worker(resque, "shop", burst=True, fork=False, bundle=8)


def fail() -> None:
    raise ValueError("a bad job")


def in_a_bundle(number: int) -> int:
    """A number that comes in a bundle, and not as its first: after `CALM` jobs alone, bundles of 2 and 4."""
    return CALM + 2 + 4 + 3 + number


def test_short_jobs_come_in_bundles_once_and_in_order(
    resque: Resque, watched: Watched, worker: Worker
) -> None:
    assert worker.work() == 0
    assert list(range(MANY)) == RAN
    assert resque.stats.all() == {"processed": MANY}
    assert max(watched.brought) == 8
    assert sum(watched.brought) == MANY
    assert set(watched.calls) == {"enqueue", "reserve", "complete_and_reserve"}
    assert len(watched.calls) < MANY / 2
    assert resque.workers() == []


def test_a_bundle_of_one_is_one_job_a_call(resque: Resque, watched: Watched, worker: Worker) -> None:
    Worker(resque, "shop", burst=True, fork=False, bundle=1).work()
    assert watched.brought == [1] * MANY


def test_jobs_that_are_not_short_come_alone(
    resque: Resque, watched: Watched, worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("resque_core.bundle.SHORT", 0.0)
    worker.work()
    assert watched.brought == [1] * MANY


def test_a_job_of_a_bundle_that_fails_is_told_of_by_itself(
    resque: Resque, watched: Watched, worker: Worker
) -> None:
    bad = in_a_bundle(0)
    ACTS[bad] = fail
    worker.work()
    assert list(range(MANY)) == RAN
    assert resque.stats.all() == {"processed": MANY, "failed": 1}
    (failure,) = resque.failures.peek()
    assert b'"args":[%d]' % bad in failure.payload
    assert failure.error == "a bad job"
    at = watched.calls.index("fail")
    assert watched.calls[at - 1 : at + 1] == ["narrow", "fail"]


def test_a_worker_that_is_told_to_stop_in_a_bundle_hands_back_what_it_has_not_begun(
    resque: Resque, worker: Worker
) -> None:
    last = in_a_bundle(0)
    ACTS[last] = worker.shutdown
    worker.work()
    assert list(range(last + 1)) == RAN
    assert resque.stats.all() == {"processed": last + 1}
    assert [job.args for job in resque.peek("shop", 0, MANY)] == [
        (number,) for number in range(last + 1, MANY)
    ]
    assert resque.workers() == []


def test_jobs_behind_one_that_takes_long_go_back_to_their_queue_while_it_runs(
    resque: Resque, worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    long = in_a_bundle(0)
    seen: list[int] = []

    def take_long() -> None:
        monkeypatch.setattr("resque_core.bundle.PATIENCE", PATIENCE)
        # Whoever looks after them reckons with the patience of before, for one more look.
        worker.runner._wake.set()  # type: ignore[attr-defined]
        until(lambda: resque.size("shop") == MANY - long - 1)
        seen.extend(number_of(it) for it in held_by_workers(resque))

    ACTS[long] = take_long
    worker.work()
    assert seen == [long]
    assert list(range(MANY)) == RAN
    assert resque.stats.all() == {"processed": MANY}


def test_jobs_before_one_that_takes_long_are_told_of_while_it_runs_though_it_is_the_last(
    resque: Resque, worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[int] = []

    def take_long() -> None:
        monkeypatch.setattr("resque_core.bundle.PATIENCE", PATIENCE)
        worker.runner._wake.set()  # type: ignore[attr-defined]
        until(lambda: resque.stats.all() == {"processed": MANY - 1})
        seen.extend(number_of(it) for it in held_by_workers(resque))

    ACTS[MANY - 1] = take_long
    worker.work()
    assert seen == [MANY - 1]
    assert list(range(MANY)) == RAN
    assert resque.stats.all() == {"processed": MANY}


def test_nothing_of_a_bundle_is_begun_once_the_store_may_have_put_it_back(
    resque: Resque, watched: Watched, worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    long = in_a_bundle(0)

    def take_long() -> None:
        watched.to_lose = ["narrow"]
        monkeypatch.setattr("resque_core.bundle.PATIENCE", PATIENCE)
        worker.runner._wake.set()  # type: ignore[attr-defined]
        until(lambda: "narrow" in watched.calls)
        monkeypatch.setattr("resque_core.bundle.PATIENCE", 60.0)

    ACTS[long] = take_long
    worker.work()
    assert list(range(MANY)) == RAN
    assert resque.stats.all() == {"processed": MANY}
    assert resque.workers() == []


@pytest.mark.parametrize("call", ["complete_and_reserve", "narrow", "reserve"])
def test_with_any_lost_reply_each_job_runs_once(
    resque: Resque, watched: Watched, worker: Worker, call: str, caplog: pytest.LogCaptureFixture
) -> None:
    def lose() -> None:
        watched.to_lose = [call]

    def lose_and_fail() -> None:
        lose()
        fail()

    ACTS[in_a_bundle(0)] = lose_and_fail
    ACTS[in_a_bundle(20)] = lose
    with caplog.at_level(logging.WARNING, "resque"):
        worker.work()
    assert sorted(RAN) == list(range(MANY))
    assert resque.stats.all() == {"processed": MANY, "failed": 1}
    assert "lost: job" not in caplog.text
    assert resque.workers() == []


def test_a_bundle_that_was_taken_away_counts_for_whoever_runs_it_then(
    resque: Resque, worker: Worker, caplog: pytest.LogCaptureFixture
) -> None:
    at = in_a_bundle(0)

    def be_swept() -> None:
        if RAN.count(at) == 1:
            resque.storage.workers.beat(worker.id, -1)
            (held,) = [it.reservation for it in resque.storage.workers.all()]
            assert held
            assert held.bundle
            assert resque.storage.workers.sweep(Lapsed(worker.id, held), Verdict())

    ACTS[at] = be_swept
    with caplog.at_level(logging.WARNING, "resque"):
        worker.work()
    assert set(RAN) == set(range(MANY))
    assert max(RAN.count(number) for number in RAN) == 2
    assert resque.stats.all() == {"processed": MANY}
    assert caplog.text.count("lost: job") == len(RAN) - MANY


def test_a_worker_that_slept_in_a_bundle_begins_nothing_that_another_may_have(
    resque: Resque, worker: Worker
) -> None:
    at = in_a_bundle(0)

    def sleep() -> None:
        lease = worker.presence._lease
        lease._until -= lease.seconds
        resque.storage.workers.beat(worker.id, -1)
        (held,) = [it.reservation for it in resque.storage.workers.all()]
        assert resque.storage.workers.sweep(Lapsed(worker.id, held), Verdict())
        ACTS.clear()
        Worker(resque, "shop", burst=True, fork=False).work()

    ACTS[at] = sleep
    worker.work()
    assert max(RAN.count(number) for number in RAN) == 2
    assert all(RAN.count(number) == 1 for number in range(at + 1, MANY))
    assert resque.stats.all() == {"processed": MANY}


def test_jobs_that_say_more_than_that_they_are_done_are_told_of_by_themselves(
    resque: Resque, watched: Watched, worker: Worker
) -> None:
    resque.clear_queue("shop")
    jobs = [
        resque.enqueue(tracked, number) if number % 10 == 0 else resque.enqueue(short, number)
        for number in range(MANY)
    ]
    worker.work()
    assert list(range(MANY)) == RAN
    results = [status.result for it in jobs[::10] if it and (status := resque.job(it.id))]
    assert results == list(range(0, MANY, 10))
    assert resque.stats.all() == {"processed": MANY}


@pytest.mark.parametrize("kind", [limited, once])
def test_a_job_that_must_not_be_held_beside_others_is_held_alone_while_it_runs(
    resque: Resque, watched: Watched, worker: Worker, kind: Any
) -> None:
    resque.clear_queue("shop")
    held: list[Reservation] = []
    chosen = range(9, MANY, 7)
    ACTS.update(dict.fromkeys(chosen, lambda: held.extend(held_by_workers(resque))))
    for number in range(MANY):
        resque.enqueue(kind if number in chosen else short, number)
    worker.work()
    assert list(range(MANY)) == RAN
    assert [number_of(it) for it in held] == list(chosen)
    assert all(it.bundle == () for it in held)
    assert max(watched.brought) > 1
    assert resque.stats.all() == {"processed": MANY}


def test_a_job_of_a_bundle_that_is_retried_keeps_its_place_in_its_history(
    resque: Resque, worker: Worker
) -> None:
    resque.clear_queue("shop")
    for number in range(MANY):
        resque.enqueue(retried if number == in_a_bundle(0) else short, number)
    ACTS[in_a_bundle(0)] = lambda: fail() if RAN.count(in_a_bundle(0)) == 1 else None
    worker.work()
    assert sorted(RAN) == sorted([*range(MANY), in_a_bundle(0)])
    assert resque.stats.all() == {"processed": MANY + 1, "retried": 1}


def test_a_unique_job_that_is_done_keeps_none_of_its_kind_out_that_comes_later_in_the_bundle(
    resque: Resque, worker: Worker
) -> None:
    resque.clear_queue("shop")
    first, later = in_a_bundle(0), in_a_bundle(1)
    for number in range(MANY):
        resque.enqueue(refresh if number == first else short, number)
    accepted: list[object] = []
    ACTS[later] = lambda: accepted.append(resque.enqueue(refresh, first))
    worker.work()
    assert accepted != [None]
    assert RAN.count(first) == 2


def test_what_is_cancelled_in_a_bundle_is_not_run_again(resque: Resque, worker: Worker) -> None:
    at = in_a_bundle(0)
    ids = [job.id for job in resque.peek("shop", 0, MANY)]

    def cancel_another() -> None:
        resque.cancel(ids[at + 1])

    ACTS[at] = cancel_another
    worker.work()
    assert sorted(RAN) == list(range(MANY))
    assert resque.stats.all()["processed"] == MANY


def test_who_overrides_a_step_sees_each_job(resque: Resque, watched: Watched, worker: Worker) -> None:
    class Own(Worker):
        def settle(self) -> None:
            super().settle()

    Own(resque, "shop", burst=True, fork=False).work()
    assert watched.brought == [1] * MANY


@pytest.mark.parametrize(
    ("options", "most"),
    [
        ({"fork": False}, 32),
        ({"fork": False, "bundle": 5}, 5),
        ({"jobs_per_fork": 100}, 32),
        ({"seconds_per_fork": 1.0}, 32),
        ({}, 32),
        ({"jobs_per_fork": 1}, 32),
        ({"bundle": 1}, 1),
        ({"max_jobs": 9}, 1),
        ({"ruby": True}, 1),
        ({"fork": False, "max_jobs": 9}, 1),
        ({"fork": False, "max_rss": 900.0}, 1),
        ({"fork": False, "order": "round-robin"}, 1),
        ({"fork": False, "on_worker_death": "fail"}, 1),
        ({"fork": False, "ruby": True}, 1),
    ],
)
def test_bundles_are_for_workers_whose_jobs_need_no_look_at_each(options: dict[str, Any], most: int) -> None:
    assert WorkerOptions(**options).most_at_once == most


def a_bundle(count: int) -> Bundle:
    entries = [Entry(str(number), "shop", b"{}") for number in range(count)]
    return Bundle(Reservation("token", "worker", entries[0], bundle=tuple(entries[1:])))


def test_jobs_of_a_bundle_come_in_order_under_tokens_that_differ() -> None:
    bundle = a_bundle(4)
    jobs = [bundle.next() for _ in range(3)]
    assert [it.entry.id for it in jobs] == ["1", "2", "3"]
    assert len({it.token for it in jobs} | {"token"}) == 4
    assert all(it.bundle == () for it in jobs)
    assert bundle.over
    assert bundle.left() <= PATIENCE
    assert a_bundle(1).left() == float("inf")


def test_spells_say_when_each_job_ran_from_the_reservation_on() -> None:
    bundle = a_bundle(2)
    first = InHand(bundle.held)
    first.since, first.until = bundle._since + 1.0, bundle._since + 3.0
    (spell,) = bundle.spells(first)
    assert spell.job_id == "0"
    assert [spell.began, spell.ended] == pytest.approx([1.0, 3.0])


def test_bundles_grow_twofold_up_to_what_is_short_and_begin_anew_after_trouble() -> None:
    size, seen = BundleSize(32), []
    for _ in range(CALM + 4):
        size.note(a_bundle(1))
        seen.append(size.now)
    assert seen == [1] * CALM + [2, 4, 8, 16]
    slow = a_bundle(1)
    slow._since -= SHORT / 3.5
    size.note(slow)
    assert size.now == 3
    size.be_one()
    size.note(a_bundle(1))
    assert size.now == 1


def test_a_job_is_read_for_what_keeps_it_alone_by_its_text_only() -> None:
    assert wants_alone(Entry("1", "shop", b'{"class":"A","args":[],"limit":{"key":"a","most":1}}'))
    assert wants_alone(Entry("1", "shop", b'{"class":"A","args":[],"on_worker_death":"fail"}'))
    assert wants_alone(Entry("1", "shop", b'{"class":"A","args":[],"unique":{"key":"a","until":"done"}}'))
    assert not wants_alone(Entry("1", "shop", b'{"class":"A","args":["limit"]}'.replace(b'"limit"', b"1")))


def held_by_workers(resque: Resque) -> list[Reservation]:
    return [it.reservation for it in resque.storage.workers.all() if it.reservation]


def number_of(held: Reservation) -> int:
    number = json.loads(held.entry.payload)["args"][0]
    assert isinstance(number, int)
    return number


def until(what: Callable[[], bool], seconds: float = 20.0) -> None:
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end
        time.sleep(0.005)
