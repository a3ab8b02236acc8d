"""How many commands each step sends to MongoDB, whatever the store holds."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from mongo_spy import Spied

from resque_core import depths, mending
from resque_core.job import Entry
from resque_core.limit import Limit
from resque_core.records import Idle, Reservation
from resque_core.storage import Storage
from resque_core.testing.contract.factories import a_failure, a_worker, numbered
from resque_core.testing.contract.scenes import take, until
from resque_core.worker_options import WorkerOptions
from resque_mongo import changes, pauses

HUNDRED = [f"queue{number}" for number in range(100)]


def test_reserving_takes_two_round_trips_however_many_queues_are_asked(
    mongo: Storage, watched: Storage, spied: Spied
) -> None:
    mongo.jobs.enqueue([Entry(uuid4().hex, queue, b"") for queue in HUNDRED[50:]])
    assert isinstance(watched.jobs.reserve(HUNDRED, "w", "t", discover=True), Reservation)
    assert spied.spy.names == ["aggregate resque_workers", "findAndModify resque_jobs"]


def test_completing_and_reserving_takes_what_the_two_take(
    mongo: Storage, watched: Storage, spied: Spied
) -> None:
    mongo.jobs.enqueue(numbered(2))
    held = take(mongo, "w")
    answer = watched.jobs.complete_and_reserve(held, [*HUNDRED, "mail"], "t", discover=True)
    assert isinstance(answer, Reservation)
    assert spied.spy.names == [
        *("update resque_jobs", "aggregate resque_workers", "findAndModify resque_jobs")
    ]


@pytest.mark.parametrize("discover", [False, True])
def test_going_on_with_the_first_queue_takes_no_whole_look(
    mongo: Storage, watched: Storage, spied: Spied, *, discover: bool
) -> None:
    mongo.jobs.enqueue(numbered(2))
    held = take(mongo, "w")
    answer = watched.jobs.complete_and_reserve(held, ["mail", *HUNDRED], "t", discover=discover)
    assert isinstance(answer, Reservation)
    assert spied.spy.names == [*("find resque_queues", "update resque_jobs", "findAndModify resque_jobs")]


@pytest.mark.parametrize("discover", [False, True])
def test_who_has_just_looked_what_is_paused_goes_on_in_two_round_trips(
    mongo: Storage, watched: Storage, spied: Spied, monkeypatch: pytest.MonkeyPatch, *, discover: bool
) -> None:
    monkeypatch.setattr(pauses, "HOLDS", 600.0)
    mongo.jobs.enqueue(numbered(3))
    held = watched.jobs.complete_and_reserve(take(mongo, "w"), ["mail"], "t1", discover=discover)
    assert isinstance(held, Reservation)
    spied.spy.begin()
    held = watched.jobs.complete_and_reserve(held, ["mail"], "t2", discover=discover)
    assert isinstance(held, Reservation)
    assert spied.spy.names == ["update resque_jobs", "findAndModify resque_jobs"]
    assert held.known == (("mail",) if discover else ())


def test_a_pause_is_done_when_nobody_relies_on_an_older_look(
    mongo: Storage, watched: Storage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However long the look of a worker holds that goes on at the very moment."""
    monkeypatch.setattr(pauses, "HOLDS", 1.0)
    mongo.jobs.enqueue(numbered(3))
    held = watched.jobs.complete_and_reserve(take(mongo, "w"), ["mail"], "t1")
    assert isinstance(held, Reservation)
    mongo.queues.pause("mail")
    assert isinstance(watched.jobs.complete_and_reserve(held, ["mail"], "t2"), Idle)


@pytest.mark.parametrize("jobs", [1, 2], ids=["nothing follows", "one follows"])
def test_the_end_of_a_job_waits_for_the_journal_together_with_the_claim_that_follows_at_once(
    mongo: Storage, watched: Storage, spied: Spied, jobs: int
) -> None:
    """A server's journal is in order, and a write that changes nothing waits for all before it, too."""
    mongo.jobs.enqueue(numbered(jobs))
    watched.jobs.complete_and_reserve(take(mongo, "w"), ["mail"], "t")
    writes = [it for it in spied.spy.commands if {"update", "findAndModify"} & it.keys()]
    assert [it["writeConcern"] for it in writes] == [{"w": 1}, {"w": "majority", "j": True}]


def test_promoting_hundreds_takes_four_round_trips(mongo: Storage, watched: Storage, spied: Spied) -> None:
    mongo.jobs.enqueue(numbered(600), run_at=timedelta(milliseconds=5))
    until(lambda: mongo.schedule.peek()[0].run_at < datetime.now(UTC))
    mongo.jobs.enqueue(numbered(1, start=600))
    spied.spy.begin()
    assert watched.schedule.promote(500).count == 500
    assert spied.spy.names == [
        *("find resque_jobs", "find resque_jobs", "update resque_jobs", "find resque_queues")
    ]


def test_a_worker_among_idle_ones_has_two_round_trips_for_a_beat_and_one_for_a_sweep(
    watched: Storage, spied: Spied
) -> None:
    watched.workers.beat("w", 600)
    assert spied.spy.names == ["findAndModify resque_workers", "find resque_jobs"]
    spied.spy.begin()
    assert watched.workers.lapsed() == []
    assert spied.spy.names == ["aggregate resque_jobs"]


def test_an_idle_worker_sends_one_command_a_second_at_most(watched: Storage, spied: Spied) -> None:
    """By default: what each of its steps sends, as often as it takes them."""
    options = WorkerOptions()
    steps: list[tuple[Callable[[], object], float]] = [
        (lambda: watched.workers.beat("w", options.lease), options.lease / 3),
        (watched.workers.lapsed, options.sweep),
        (watched.schedule.promote, options.sweep),
        (lambda: watched.jobs.reserve(["mail"], "w", "t", discover=True), options.interval),
        (watched.batches.mend, mending.PAUSE),
        (watched.queues.sample, depths.MINUTE),
    ]
    rate = 1 / changes.AWAIT
    for step, seconds in steps:
        spied.spy.begin()
        step()
        assert spied.spy.commands
        rate += len(spied.spy.commands) / seconds
    assert rate < 1


def test_an_idle_poll_takes_one_round_trip(watched: Storage, spied: Spied) -> None:
    assert isinstance(watched.jobs.reserve(HUNDRED, "w", "t", discover=True), Idle)
    assert spied.spy.names == ["aggregate resque_workers"]


@pytest.mark.parametrize(
    ("settle", "commands"),
    [
        (lambda storage, held: storage.jobs.complete(held), ["update resque_jobs"]),
        (lambda storage, held: storage.jobs.fail(held, a_failure(held)), ["update resque_jobs"]),
        (
            lambda storage, held: storage.jobs.release(held),
            ["findAndModify resque_jobs", "update resque_workers", "update resque_queues"],
        ),
    ],
    ids=["complete", "fail", "release"],
)
def test_a_settlement_is_one_update_and_what_it_notes_of_it(
    mongo: Storage,
    watched: Storage,
    spied: Spied,
    settle: Callable[[Storage, Reservation], bool],
    commands: list[str],
) -> None:
    mongo.jobs.enqueue(numbered(1))
    held = take(mongo, "w")
    assert settle(watched, held)
    assert spied.spy.names == commands


def test_a_slot_takes_two_round_trips_and_none_takes_three(
    mongo: Storage, watched: Storage, spied: Spied
) -> None:
    mongo.jobs.enqueue(numbered(2))
    mongo.workers.register(a_worker(id="other"), 600)
    first, second = take(mongo, "w"), take(mongo, "other")
    assert watched.jobs.admit(first, Limit("key", 1), 600)
    assert spied.spy.names == ["find resque_jobs", "update resque_jobs"]
    spied.spy.begin()
    assert not watched.jobs.admit(second, Limit("key", 1), 600)
    assert spied.spy.names == ["find resque_jobs", "update resque_jobs", "find resque_jobs"]
    spied.spy.begin()
    assert watched.jobs.wake("key")
    assert spied.spy.names == ["findAndModify resque_jobs", "update resque_queues"]


def test_a_hundred_settlements_fold_once(mongo: Storage, watched: Storage, spied: Spied) -> None:
    mongo.jobs.enqueue(numbered(100))
    for _ in range(100):
        watched.jobs.complete(take(mongo, "w"))
    assert len(spied.spy.commands) <= 100 + 13
    assert mongo.stats.all() == {"processed": 100}
    assert mongo.workers.all()[0].processed == 100


def test_enqueueing_to_known_queues_takes_two_round_trips_however_many_jobs(
    mongo: Storage, watched: Storage, spied: Spied
) -> None:
    mongo.jobs.enqueue(numbered(1))
    assert watched.jobs.enqueue(numbered(1000, start=1)) == 1000
    assert spied.spy.names == ["find resque_queues", "insert resque_jobs"]


def test_every_command_has_a_time_limit_and_every_write_waits_for_a_majority(
    mongo: Storage, watched: Storage, spied: Spied
) -> None:
    watched.jobs.enqueue(numbered(2))
    watched.jobs.release(take(watched, "w"))
    watched.jobs.complete(take(watched, "w"))
    held = take(watched, "w")
    watched.jobs.fail(held, a_failure(held))
    watched.workers.beat("w", 600)
    watched.stats.increment("mails")
    watched.stats.clear("mails")
    watched.failures.clear()
    watched.queues.remove("mail")
    watched.workers.lapsed()
    watched.workers.unregister("w")
    for command in spied.spy.commands:
        assert 0 < command["maxTimeMS"] <= 10_000
        if not {"find", "aggregate"} & command.keys():
            assert command["writeConcern"] == {"w": "majority", "j": True}
