"""The Lua: what its headers say, how often it is sent, and how it takes keys of other types."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from importlib.resources import files
from uuid import uuid4

import pytest
import redis
from redis_space import Space

from resque_core.errors import StorageError
from resque_core.failure import FailureFilter
from resque_core.job import Entry
from resque_core.records import Idle, Reservation, Verdict
from resque_core.sweeper import Sweeper, SweepReport
from resque_core.testing.contract.factories import a_failure, an_entry, numbered
from resque_core.testing.contract.scenes import bury, hold, ids, join, let_lapse, snapshot, take
from resque_redis.failure_text import encode_failure
from resque_redis.keys import OURS, RUBY
from resque_redis.scripts import SCRIPTS

SOURCES = {file.name: file.read_text() for file in files("resque_redis").joinpath("scripts").iterdir()}
TRANSITIONS = sorted(name for name in SOURCES if not name.startswith("_"))
HUNDRED = [f"queue{number}" for number in range(100)]


# Headers.


@pytest.mark.parametrize("name", TRANSITIONS)
def test_each_script_says_what_it_does_and_answers(name: str) -> None:
    header = SOURCES[name].partition("\n\n")[0].splitlines()
    assert re.fullmatch(r"-- [A-Z].*[.,:]", header[0])
    assert sum(line.startswith("-- Reply: ") for line in header) == 1


@pytest.mark.parametrize("name", TRANSITIONS)
def test_each_script_declares_its_keys(name: str) -> None:
    script = SCRIPTS[name.removesuffix(".lua")]
    assert script.keys
    assert set(script.keys) <= RUBY.keys() | OURS.keys()


def test_all_keys_of_ours_are_under_x() -> None:
    assert all(key.startswith("x:") for key in OURS.values())
    assert not any(key.startswith("x:") for key in RUBY.values())
    assert len({*OURS.values(), *RUBY.values()}) == len(OURS) + len(RUBY)


# Round trips.


def commands_of(space: Space, *steps: Callable[[], object]) -> list[str]:
    """The commands that clients sent to the server during these calls; those of scripts are left out."""
    marker = uuid4().hex
    space.client.ping()
    with redis.Redis.from_url(space.url) as watcher, watcher.monitor() as monitor:
        for step in steps:
            step()
        space.client.echo(marker)
        said: list[str] = []
        for event in monitor.listen():
            if marker in event["command"]:
                return [line for line in said if line]
            said.append("" if event["client_type"] == "lua" else event["command"].split()[0])
    raise AssertionError


def test_reserving_and_settling_take_one_round_trip_each(space: Space) -> None:
    worker = join(space.storage)
    space.storage.jobs.enqueue([an_entry(HUNDRED[99]) for _ in range(6)])
    held = []

    def reserve() -> None:
        answer = space.storage.jobs.reserve(HUNDRED, worker, uuid4().hex, discover=True)
        assert isinstance(answer, Reservation)
        held.append(answer)

    jobs = space.storage.jobs
    settlements: list[Callable[[], bool]] = [
        lambda: jobs.complete(held[-1]),
        lambda: jobs.fail(held[-1], a_failure(held[-1])),
        lambda: jobs.release(held[-1]),
    ]
    for settle in settlements:
        reserve()
        settle()  # so that the server knows the script
        assert commands_of(space, reserve, settle) == ["EVALSHA", "EVALSHA"]


def test_completing_and_reserving_take_one_round_trip_together(space: Space) -> None:
    space.storage.jobs.enqueue(numbered(3))
    held = take(space.storage, join(space.storage))

    def go_on() -> None:
        nonlocal held
        answer = space.storage.jobs.complete_and_reserve(held, [*HUNDRED, "mail"], uuid4().hex)
        assert isinstance(answer, Reservation)
        held = answer

    go_on()
    assert commands_of(space, go_on) == ["EVALSHA"]


def test_an_idle_poll_and_a_beat_take_one_round_trip_each(space: Space) -> None:
    worker = join(space.storage)

    def poll() -> None:
        assert isinstance(space.storage.jobs.reserve(HUNDRED, worker, "t", discover=True), Idle)

    def beat() -> None:
        assert space.storage.workers.beat(worker, 60).alive

    poll()
    beat()
    assert commands_of(space, poll, beat) == ["EVALSHA", "EVALSHA"]


def test_an_overview_takes_one_round_trip_whatever_there_is(
    space: Space, monkeypatch: pytest.MonkeyPatch
) -> None:
    for queue in HUNDRED[:9]:
        failure = a_failure(hold(space.storage, an_entry(queue)), apart=True)
        space.client.sadd(space.key("failed_queues"), f"{queue}_failed")
        space.client.rpush(space.key(f"{queue}_failed"), encode_failure(failure))
    space.client.rpush(space.key("failed"), b"junk", b"junk")
    for second in range(5):
        space.storage.jobs.enqueue([an_entry(), an_entry()], run_at=timedelta(hours=1, seconds=second))
    space.storage.overview()
    assert commands_of(space, space.storage.overview) == ["EVALSHA"]
    seen = space.storage.overview()
    assert (seen.failed, seen.delayed, seen.more_delayed) == (11, 10, False)
    monkeypatch.setattr("resque_redis.storage._SECONDS", 2)
    seen = space.storage.overview()
    assert (seen.delayed, seen.more_delayed) == (2 * 2 + 3, True)


def test_a_thousand_jobs_are_enqueued_in_one_round_trip(space: Space) -> None:
    space.storage.jobs.enqueue(numbered(1))
    assert commands_of(space, lambda: space.storage.jobs.enqueue(numbered(1000))) == ["EVALSHA"]


def test_more_jobs_than_a_request_can_carry_are_refused_at_once(space: Space) -> None:
    with pytest.raises(StorageError, match=r"takes 300000 jobs at most.*nothing was stored"):
        space.storage.jobs.enqueue([an_entry()] * 300_001)
    assert ids(space.storage) == []


# NOSCRIPT.


def test_a_server_that_forgot_the_scripts_gets_them_again(space: Space) -> None:
    space.storage.jobs.enqueue(numbered(3))
    worker = join(space.storage)
    space.client.script_flush()
    held = take(space.storage, worker)
    space.client.script_flush()
    assert space.storage.jobs.complete(held)
    space.client.script_flush()
    assert ids(space.storage) == ["1", "2"]


# WRONGTYPE.


def test_a_queue_whose_key_is_no_list_is_passed_over(space: Space) -> None:
    space.client.sadd(space.key("queues"), "odd")
    space.client.set(space.key("queue:odd"), "text")
    entry = an_entry()
    space.storage.jobs.enqueue([entry])
    assert take(space.storage, join(space.storage), "odd", "mail").entry == entry
    assert [(info.name, info.size) for info in space.storage.queues.all()] == [("mail", 0), ("odd", 0)]
    queues = space.storage.queues
    assert (queues.size("odd"), queues.peek("odd"), queues.pop("odd"), queues.latencies(["odd"])["odd"]) == (
        0,
        [],
        None,
        0.0,
    )
    assert queues.dequeue("odd", lambda _: True) == 0


def test_nothing_is_enqueued_when_one_of_the_queues_is_no_list(space: Space) -> None:
    space.client.set(space.key("queue:odd"), "text")
    with pytest.raises(StorageError, match=r"WRONGTYPE.*queue odd.*rename or delete that key"):
        space.storage.jobs.enqueue([an_entry("mail"), an_entry("odd")])
    assert snapshot(space.storage).waiting == {}


def test_no_job_is_moved_to_or_from_what_is_no_list(space: Space) -> None:
    space.client.set(space.key("queue:odd"), "text")
    entry = an_entry()
    space.storage.jobs.enqueue([entry])
    assert space.storage.queues.move("odd", "mail", [entry.id]) == 0
    with pytest.raises(StorageError, match=r"WRONGTYPE.*queue odd.*rename or delete that key"):
        space.storage.queues.move("mail", "odd", [entry.id])
    assert snapshot(space.storage).waiting == {"mail": [entry]}


@pytest.mark.parametrize(
    "payload",
    [
        b'{"class":"Mail","args":[{"id":"other"}]}',
        b'{"class": "Mail", "args": [], "id": "own"}',
        b'{"class":"Mail","\\u0069d":"own"}',
        b'{"class":"Mail","id":"\\u006fwn"}',
        b"no JSON",
    ],
)
def test_a_job_that_another_program_pushed_keeps_its_id_when_it_is_moved(
    space: Space, payload: bytes
) -> None:
    space.storage.jobs.enqueue([an_entry(), an_entry("images")])
    space.client.rpush(space.key("queue:mail"), payload, b'{"class":"Mail","args":["last"]}')
    before = space.storage.queues.peek("mail", 1, 1)[0]
    assert space.storage.queues.move("mail", "images", [before.id]) == 1
    (after,) = space.storage.queues.peek("images", 1, 1)
    assert after == replace(before, queue="images")
    assert space.storage.queues.size("mail") == 2
    worker = join(space.storage)
    take(space.storage, worker, "images")
    assert take(space.storage, join(space.storage), "images").entry == after


def test_a_queue_whose_key_is_no_list_can_be_removed(space: Space) -> None:
    space.client.sadd(space.key("queues"), "odd")
    space.client.set(space.key("queue:odd"), "text")
    assert space.storage.queues.remove("odd") == 0
    assert space.storage.jobs.enqueue([an_entry("odd")]) == 1


def test_a_job_stays_in_its_workers_hands_when_its_place_is_no_list(space: Space) -> None:
    held = hold(space.storage)
    for name in ("queue:mail", "failed"):
        space.client.set(space.key(name), "text")
    seen = let_lapse(space.storage, held.worker)
    steps: list[Callable[[], bool]] = [
        lambda: space.storage.jobs.release(held),
        lambda: space.storage.jobs.fail(held, a_failure(held)),
        lambda: space.storage.workers.sweep(seen, Verdict()),
        lambda: space.storage.workers.sweep(seen, Verdict(a_failure(held))),
    ]
    for step in steps:
        with pytest.raises(StorageError, match="WRONGTYPE"):
            step()
    assert space.storage.workers.all()[0].reservation == held


def test_a_queue_whose_key_is_no_list_stops_no_rescue_but_its_own(space: Space) -> None:
    space.storage.jobs.enqueue([an_entry(queue="a"), an_entry(queue="c")])
    for queue in "ac":
        let_lapse(space.storage, take(space.storage, join(space.storage), queue).worker)
    space.client.set(space.key("queue:a"), "x")
    assert Sweeper(space.storage).sweep_all() == SweepReport(workers=1, requeued=1)
    assert len(ids(space.storage, "c")) == 1
    space.client.delete(space.key("queue:a"))
    assert Sweeper(space.storage).sweep_all() == SweepReport(workers=1, requeued=1)
    assert len(ids(space.storage, "a")) == 1


def test_a_failed_list_that_is_no_list_is_empty(space: Space) -> None:
    space.client.set(space.key("failed"), "text")
    failures = space.storage.failures
    assert (failures.count(), failures.peek(), failures.get("x"), failures.remove(["x"])) == (
        0,
        [],
        None,
        [],
    )
    assert failures.clear() == 0


def test_a_counter_that_somebody_made_a_text_stops_no_settlement(space: Space) -> None:
    space.client.set(space.key("stat:processed"), "many")
    assert space.storage.jobs.complete(hold(space.storage))
    assert "processed" not in space.storage.stats.all()


# Sizes.


def test_ten_thousand_counters_are_read(space: Space) -> None:
    names = [f"counter{number}" for number in range(10_000)]
    with space.client.pipeline() as pipeline:
        pipeline.sadd(space.key("x:stats"), *names)
        pipeline.mset({space.key(f"stat:{name}"): 7 for name in names})
        pipeline.execute()
    assert space.storage.stats.all() == dict.fromkeys(names, 7)


def test_ten_thousand_commands_are_handed_over(space: Space) -> None:
    worker = join(space.storage)
    space.storage.workers.command(worker, "quiet")
    space.client.rpush(space.key(f"x:commands:{worker}"), *(["stop"] * 10_000))
    assert space.storage.workers.beat(worker, 60).commands == ("quiet", *(["stop"] * 10_000))


def test_one_failure_among_many_is_found_without_reading_the_others(space: Space) -> None:
    failures = [bury(space.storage) for _ in range(30)]
    middle = failures[15]
    space.client.config_resetstat()
    assert space.storage.failures.get(middle.id) == middle
    assert "cmdstat_lrange" not in space.client.info("commandstats")


def test_many_failures_are_cleared_by_a_filter(space: Space) -> None:
    template = bury(space.storage, queue="odd"), bury(space.storage, queue="even")
    elements = space.client.lrange(space.key("failed"), 0, -1)
    for number in range(1200):
        element = elements[number % 2].replace(template[number % 2].id.encode(), b"%032d" % number)
        space.client.rpush(space.key("failed"), element)
    assert space.storage.failures.clear(FailureFilter(queue="odd")) == 601
    assert space.storage.failures.count() == 601
    assert {failure.queue for failure in space.storage.failures.peek(0, 1000)} == {"even"}


def test_equal_jobs_under_several_ids_keep_their_order(space: Space) -> None:
    entries = [Entry(name, "mail", b"same") for name in "abcdef"]
    space.storage.jobs.enqueue(entries[1:5])
    space.storage.jobs.enqueue(entries[:1], at_front=True)
    space.storage.jobs.enqueue(entries[5:])
    assert ids(space.storage) == list("abcdef")
    assert [entry.id for entry in space.storage.queues.peek("mail", 2, 2)] == ["c", "d"]
    worker = join(space.storage)
    space.storage.jobs.release(take(space.storage, worker))
    assert ids(space.storage) == list("abcdef")
    assert space.storage.jobs.complete(take(space.storage, worker))
    assert ids(space.storage) == list("bcdef")


def test_a_job_may_equal_one_that_says_its_own_id(space: Space) -> None:
    payload = b'{"class":"A","args":[],"id":"own"}'
    space.storage.jobs.enqueue([Entry("own", "mail", payload), Entry("other", "mail", payload)])
    assert ids(space.storage) == ["own", "other"]
    assert space.storage.queues.pop("mail") == Entry("own", "mail", payload)
    assert space.storage.jobs.enqueue([Entry("other", "mail", payload)]) == 0
    assert space.storage.queues.clear("mail") == 1
    assert space.ours() == []
