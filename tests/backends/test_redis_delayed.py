"""Delayed jobs beside resque-scheduler: its layout, its items, its lock, and its losses, not ours."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from redis_space import Space

from resque_core.clock import LATEST
from resque_core.job import Entry
from resque_core.testing.contract.factories import LATER, an_entry, numbered
from resque_core.testing.contract.scenes import delayed_ids, ids, join, take, until
from resque_redis import schedule
from tests.backends.test_redis_scripts import commands_of

SECOND = int(LATER.timestamp())
RUBY = b'{"class":"Archive","args":[44,"main"]}'
RUBY_ITEM = b'{"class":"Archive","args":[44,"main"],"queue":"files"}'


def delay_as_ruby_does(space: Space, item: bytes, second: int) -> None:
    """As resque-scheduler 5.0.0's `delayed_push`."""
    space.client.rpush(space.key(f"delayed:{second}"), item)
    space.client.sadd(space.key("timestamps:") + item.decode(), f"delayed:{second}")
    space.client.zadd(space.key("delayed_queue_schedule"), {str(second): second})


def seconds(space: Space) -> list[tuple[bytes, float]]:
    found: list[tuple[bytes, float]] = space.client.zrange(
        space.key("delayed_queue_schedule"), 0, -1, withscores=True
    )
    return found


def left_behind(space: Space) -> list[str]:
    """All keys about delayed jobs."""
    names = [name.decode().removeprefix(f"{space.namespace}:") for name in space.client.scan_iter()]
    about = ("delayed", "timestamps:", "x:delayed", "x:names")
    return [name for name in names if name.startswith(about)]


# The layout.


def test_a_classic_job_is_stored_as_ruby_stores_it(space: Space) -> None:
    space.storage.jobs.enqueue([Entry("1", "files", RUBY)], run_at=LATER)
    assert space.client.lrange(space.key(f"delayed:{SECOND}"), 0, -1) == [RUBY_ITEM]
    assert seconds(space) == [(str(SECOND).encode(), SECOND)]
    assert space.client.smembers(space.key("timestamps:") + RUBY_ITEM.decode()) == {
        f"delayed:{SECOND}".encode()
    }
    assert delayed_ids(space.storage) == ["1"]


def test_a_part_of_a_second_is_in_the_item_and_the_second_is_its_floor(space: Space) -> None:
    entry = Entry("1", "files", b'{"class":"Archive","args":[44],"id":"1"}')
    space.storage.jobs.enqueue([entry], run_at=LATER + timedelta(milliseconds=250))
    assert space.client.lrange(space.key(f"delayed:{SECOND}"), 0, -1) == [
        b'{"class":"Archive","args":[44],"id":"1","queue":"files","run_at":%d.250000}' % SECOND
    ]


def test_what_was_delayed_leaves_nothing_behind(space: Space) -> None:
    for end in ("promote_now", "remove"):
        space.storage.jobs.enqueue([Entry("1", "files", RUBY), *numbered(2)], run_at=LATER)
        assert getattr(space.storage.schedule, end)(["1", "0", "1"]) >= 2
        space.storage.queues.clear("files")
        space.storage.queues.clear("mail")
        space.storage.schedule.clear()
        assert left_behind(space) == []


# Ruby's items.


def test_a_job_that_ruby_delayed_is_promoted_as_ruby_would_enqueue_it(space: Space) -> None:
    second = int(datetime.now(UTC).timestamp()) - 1
    for _ in range(2):
        delay_as_ruby_does(space, RUBY_ITEM, second)
    assert space.storage.schedule.size() == 2
    assert space.storage.schedule.promote().count == 2
    assert space.client.lrange(space.key("queue:files"), 0, -1) == [RUBY, RUBY]
    assert seconds(space) == []
    assert take(space.storage, join(space.storage), "files").entry.payload == RUBY


def test_jobs_that_ruby_delayed_are_listed_run_and_removed(space: Space) -> None:
    for _ in range(3):
        delay_as_ruby_does(space, RUBY_ITEM, SECOND)
    (first, *_) = found = space.storage.schedule.peek(0, 10)
    assert [(it.entry.queue, it.entry.payload, it.run_at) for it in found] == [("files", RUBY, LATER)] * 3
    assert space.storage.schedule.get(first.entry.id) == first
    assert space.storage.schedule.promote_now([first.entry.id]) == 1
    assert space.storage.schedule.remove([first.entry.id]) == 1
    assert space.storage.schedule.size() == 1


def test_a_step_of_deleting_all_has_a_bound_however_they_are_spread(space: Space) -> None:
    """A thousand seconds of a thousand items each would take longer than a call may."""
    for second in range(3):
        space.storage.jobs.enqueue(
            [an_entry(id=f"{second}.{number}") for number in range(3)],
            run_at=LATER + timedelta(seconds=second),
        )
    store = space.storage.schedule._store  # type: ignore[attr-defined]
    assert [store.run("delayed_clear", 4) for _ in range(3)] == [[4, 1], [4, 1], [1, 0]]
    assert left_behind(space) == []


def test_who_delays_more_meanwhile_cannot_keep_deleting_all_from_its_end(
    space: Space, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(schedule, "_WINDOW", 2)
    store = space.storage.schedule._store  # type: ignore[attr-defined]
    run = store.run

    def others_come(script: str, *arguments: Any) -> Any:
        said = run(script, *arguments)
        if script == "delayed_clear":
            assert space.storage.schedule.size() < 50, "this would go on for ever"
            space.storage.jobs.enqueue([an_entry() for _ in range(3)], run_at=LATER)
        return said

    space.storage.jobs.enqueue(numbered(5), run_at=LATER)
    monkeypatch.setattr(store, "run", others_come)
    assert space.storage.schedule.clear() == 5
    assert space.storage.schedule.size() == 9


def test_a_job_is_found_among_many_of_its_second(space: Space) -> None:
    """Whoever wrote its text, and however."""
    texts = [b'{"class":"A","args":["\\"id\\":\\"2\\""],"id":"1"}', b'{"class":"A","args":[],"id":"2"}']
    odd = b'{"class": "A", "args": [], "id" : "3"}'
    space.storage.jobs.enqueue([Entry(f"{n}", "mail", text) for n, text in enumerate(texts, 1)], run_at=LATER)
    delay_as_ruby_does(space, odd[:-1] + b',"queue":"mail"}', SECOND)
    for job_id in ("2", "1"):
        found = space.storage.schedule.get(job_id)
        assert found
        assert found.entry.id == job_id
    assert space.storage.schedule.find(lambda entry: entry.id == "3")


def test_a_second_that_ruby_emptied_is_forgotten(space: Space) -> None:
    second = int(datetime.now(UTC).timestamp()) - 1
    space.client.zadd(space.key("delayed_queue_schedule"), {str(second): second})
    assert space.storage.schedule.promote().count == 0
    assert seconds(space) == []


def test_a_job_that_ruby_took_out_can_be_delayed_again(space: Space) -> None:
    space.storage.jobs.enqueue([Entry("1", "files", RUBY)], run_at=LATER)
    space.client.delete(space.key(f"delayed:{SECOND}"))
    assert space.storage.schedule.get("1") is None
    assert space.storage.jobs.enqueue([Entry("1", "files", RUBY)], run_at=LATER) == 1


@pytest.mark.parametrize("second", [1_795_782_264_000, 1_795_782_264_000_000_000, 10**40])
def test_a_job_that_was_delayed_for_milliseconds_hides_no_other(space: Space, second: int) -> None:
    """Who takes them for seconds delays a job beyond what a clock can show; it is there to be removed."""
    space.storage.jobs.enqueue([an_entry(id="ours")], run_at=LATER)
    delay_as_ruby_does(space, RUBY_ITEM, second)
    schedule = space.storage.schedule
    ours, theirs = schedule.peek(0, 10)
    assert (ours.entry.id, ours.run_at) == ("ours", LATER)
    assert (theirs.entry.payload, theirs.run_at) == (RUBY, LATEST)
    assert schedule.find(lambda _: True) == [ours, theirs]
    assert schedule.get(theirs.entry.id) == theirs
    assert schedule.promote().count == 0
    assert schedule.remove([theirs.entry.id]) == 1
    assert schedule.peek(0, 10) == [ours]


# The lock.


@pytest.mark.parametrize("key", ["{}:resque_scheduler_master_lock", "resque_scheduler_master_lock"])
def test_while_a_resque_scheduler_is_master_we_stand_back(space: Space, key: str) -> None:
    space.storage.jobs.enqueue([an_entry()], run_at=timedelta(milliseconds=5))
    lock = space.key(key.format(space.namespace))
    space.client.set(lock, "web1:77", ex=180)
    until(lambda: space.storage.schedule.peek()[0].run_at < datetime.now(UTC))
    said = space.storage.schedule.promote()
    assert (said.count, said.held_by) == (0, "web1:77")
    assert space.storage.schedule.size() == 1
    space.client.delete(lock)
    assert space.storage.schedule.promote().count == 1


# What resque-scheduler loses.


def test_a_job_is_delayed_and_promoted_in_one_command_each(space: Space) -> None:
    """It pushes in three commands, and dies between them: the item is in a second that nobody looks at."""
    space.storage.jobs.enqueue([an_entry()], run_at=LATER)
    space.storage.schedule.promote()
    said = commands_of(
        space,
        lambda: space.storage.jobs.enqueue(numbered(200), run_at=timedelta(0, 0.01)),
        lambda: until(lambda: space.storage.schedule.peek()[0].run_at < datetime.now(UTC)),
    )
    assert said[0] == "EVALSHA"
    assert said.count("EVALSHA") == len(said)
    promotions = commands_of(space, lambda: space.storage.schedule.promote(100))
    assert promotions == ["EVALSHA"]
    assert space.storage.queues.size("mail") >= 100


def test_a_job_that_is_cancelled_while_others_are_promoted_drops_nobody_else(space: Space) -> None:
    """It reads a batch, and trims as many off the list as it read, whoever left meanwhile."""
    space.storage.jobs.enqueue(numbered(3), run_at=timedelta(milliseconds=5))
    until(lambda: space.storage.schedule.peek()[0].run_at < datetime.now(UTC))
    first = space.client.lindex(space.key(delayed_list(space)), 0)
    space.client.lrem(space.key(delayed_list(space)), 1, first)
    assert space.storage.schedule.promote(2).count == 2
    assert ids(space.storage) == ["1", "2"]


def delayed_list(space: Space) -> str:
    ((second, _),) = seconds(space)
    return f"delayed:{second.decode()}"


def test_what_cannot_be_enqueued_is_kept_where_somebody_sees_it(space: Space) -> None:
    """It trims what raised, and writes a line into its log."""
    second = int(datetime.now(UTC).timestamp()) - 1
    for item in (b"\xff not JSON", b'{"class":"Archive","args":[]}'):
        delay_as_ruby_does_bytes(space, item, second)
    delay_as_ruby_does(space, RUBY_ITEM, second)
    assert space.storage.schedule.promote().count == 1
    kept = space.storage.failures.peek(0, 10)
    assert {it.payload for it in kept} == {b"\xff not JSON", b'{"class":"Archive","args":[]}'}
    assert {it.exception for it in kept} == {"BadPayload"}
    assert space.storage.schedule.size() == 0
    assert seconds(space) == []


def delay_as_ruby_does_bytes(space: Space, item: bytes, second: int) -> None:
    space.client.rpush(space.key(f"delayed:{second}"), item)
    space.client.zadd(space.key("delayed_queue_schedule"), {str(second): second})


def test_a_queue_that_holds_no_list_keeps_only_its_own_jobs_back(space: Space) -> None:
    held_up, other = an_entry(id="held up"), an_entry("images")
    space.storage.jobs.enqueue([held_up, other], run_at=timedelta(milliseconds=5))
    space.client.set(space.key("queue:mail"), "somebody's")
    until(lambda: space.storage.schedule.promote().count)
    assert ids(space.storage, "images") == [other.id]
    assert space.storage.schedule.promote_now([held_up.id]) == 0
    assert delayed_ids(space.storage) == [held_up.id]
    space.client.delete(space.key("queue:mail"))
    assert space.storage.schedule.promote().count == 1
