"""A Redis whose memory is full: nothing is taken in, nothing is lost, and workers can drain it."""

from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest
from redis_space import Space, new_space
from servers.binaries import Binary, redis_binaries
from servers.fleet import Fleet, redis_program
from servers.server import Server
from servers.wanted import or_skip

from resque_core.errors import StorageError
from resque_core.job import Entry
from resque_core.limit import Limit
from resque_core.records import Lapsed, Reservation, Spell, Verdict
from resque_core.testing.contract.factories import LATER, a_failure, an_entry, numbered
from resque_core.testing.contract.scenes import (
    PATIENCE,
    bury,
    hold,
    ids,
    join,
    let_lapse,
    snapshot,
    take,
    until,
)
from resque_core.testing.contract.waking import hears

LARGE = b'{"class":"Large","args":["' + b"x" * 1000 + b'"]}'


@pytest.fixture(params=redis_binaries() or [None], ids=str)
def full(request: pytest.FixtureRequest, fleet: Fleet) -> Iterator[Space]:
    """A server of the test's own, which `fill` fills."""
    binary: Binary | None = request.param
    server: Server = fleet.start(or_skip(lambda: redis_program(binary)))
    space = new_space(server.url)
    yield space
    space.storage.close()
    space.client.close()
    server.close()


def fill(space: Space) -> None:
    """From now on, every command that needs memory is refused."""
    space.client.config_set("maxmemory", 1)


def test_enqueue_is_refused_and_nothing_is_stored(full: Space) -> None:
    full.storage.jobs.enqueue(numbered(2))
    before = snapshot(full.storage)
    fill(full)
    with pytest.raises(StorageError, match=r"memory is full.*raise maxmemory") as refused:
        full.storage.jobs.enqueue([an_entry("new"), an_entry("mail")])
    assert refused.value.__cause__ is not None
    assert snapshot(full.storage) == before


def test_enqueue_is_refused_though_notes_about_ids_are_out_of_date(full: Space) -> None:
    full.storage.jobs.enqueue(numbered(2))
    full.client.delete(full.key("queue:mail"))
    fill(full)
    with pytest.raises(StorageError):
        full.storage.jobs.enqueue(numbered(2))
    assert ids(full.storage) == []


def test_delaying_is_refused_and_due_jobs_are_promoted(full: Space) -> None:
    full.storage.jobs.enqueue([an_entry(payload=LARGE) for _ in range(3)], run_at=timedelta(milliseconds=5))
    full.storage.jobs.enqueue([an_entry(id="chosen")], run_at=LATER)
    until(lambda: full.storage.schedule.peek()[0].run_at < datetime.now(UTC))
    fill(full)
    with pytest.raises(StorageError, match="memory is full"):
        full.storage.jobs.enqueue([an_entry()], run_at=LATER)
    assert full.storage.schedule.size() == 4
    assert full.storage.schedule.promote().count == 3
    assert full.storage.schedule.promote_now(["chosen"]) == 1
    assert full.storage.schedule.size() == 0


SETTLEMENTS: list[Callable[[Space, str], object]] = [
    lambda space, worker: space.storage.jobs.complete(take(space.storage, worker)),
    lambda space, worker: space.storage.jobs.release(take(space.storage, worker)),
    lambda space, worker: space.storage.jobs.fail(held := take(space.storage, worker), a_failure(held)),
]


@pytest.mark.parametrize("settle", SETTLEMENTS, ids=["complete", "release", "fail"])
def test_jobs_are_reserved_and_settled(full: Space, settle: Callable[[Space, str], object]) -> None:
    full.storage.jobs.enqueue([an_entry(payload=LARGE) for _ in range(3)])
    worker = join(full.storage)
    fill(full)
    for _ in range(3):
        assert settle(full, worker)


def test_waiting_jobs_are_moved_to_another_queue(full: Space) -> None:
    entries = [an_entry(payload=LARGE) for _ in range(3)]
    full.storage.jobs.enqueue(entries)
    fill(full)
    assert full.storage.queues.move("mail", "images", [entries[2].id, entries[0].id]) == 2
    assert ids(full.storage, "images") == [entries[0].id, entries[2].id]


def test_a_worker_is_woken_for_what_waits(full: Space) -> None:
    full.storage.jobs.enqueue([an_entry(payload=LARGE) for _ in range(2)])
    waker = full.storage.waker()
    assert waker
    fill(full)
    with closing(waker):
        for _ in range(2):
            waker.listen(["mail"], PATIENCE)
            assert hears(waker)
            take(full.storage, join(full.storage))


def test_a_busy_worker_goes_from_job_to_job(full: Space) -> None:
    full.storage.jobs.enqueue([an_entry(payload=LARGE) for _ in range(3)])
    held = take(full.storage, join(full.storage))
    fill(full)
    for turn in range(2):
        answer = full.storage.jobs.complete_and_reserve(held, ["mail"], f"token {turn}")
        assert isinstance(answer, Reservation)
        held = answer


def test_slots_are_given_and_waited_for(full: Space) -> None:
    first, second = hold(full.storage, an_entry(payload=LARGE)), hold(full.storage, an_entry(payload=LARGE))
    fill(full)
    assert full.storage.jobs.admit(first, Limit("key", 1), 60)
    assert not full.storage.jobs.admit(second, Limit("key", 1), 60)
    assert full.storage.schedule.size() == 1
    assert full.storage.jobs.complete(first)
    assert full.storage.jobs.wake("key")
    assert ids(full.storage) == [second.entry.id]


def test_workers_join_beat_are_swept_and_leave(full: Space) -> None:
    rescued, given_up = hold(full.storage, an_entry(payload=LARGE)), hold(full.storage)
    fill(full)
    worker = join(full.storage)
    assert full.storage.workers.beat(worker, 60).alive
    assert full.storage.workers.sweep(let_lapse(full.storage, rescued.worker), Verdict())
    verdict = Verdict(a_failure(given_up))
    assert full.storage.workers.sweep(let_lapse(full.storage, given_up.worker), verdict)
    assert full.storage.workers.unregister(worker)
    assert ids(full.storage) == [rescued.entry.id]
    assert full.storage.failures.count() == 1


def test_jobs_and_failures_can_be_deleted(full: Space) -> None:
    failures = [bury(full.storage) for _ in range(3)]
    full.storage.jobs.enqueue(numbered(300))
    fill(full)
    assert full.storage.failures.remove([failures[0].id])
    assert full.storage.failures.clear() == 2
    assert full.storage.queues.pop("mail")
    assert full.storage.queues.dequeue("mail", lambda payload: payload == b"job 7") == 1
    assert full.storage.queues.dequeue("mail", lambda payload: payload < b"job 2") == 111
    assert full.storage.queues.remove("mail") == 187


def test_a_requeue_is_refused_and_the_failure_stays(full: Space) -> None:
    failure = bury(full.storage)
    before = snapshot(full.storage)
    fill(full)
    with pytest.raises(StorageError, match="memory is full"):
        full.storage.failures.requeue({failure.id: None})
    assert snapshot(full.storage) == before


def test_the_depths_of_queues_are_noted(full: Space) -> None:
    """The note takes the place of the oldest."""
    full.storage.jobs.enqueue(numbered(2))
    fill(full)
    full.storage.queues.sample()
    assert [seen.total for seen in full.storage.queues.samples(2)] == [2]


def with_ids(count: int) -> list[Entry]:
    """Jobs whose texts say their ids, so that several may come at once."""
    return [an_entry(id=f"job{number}", payload=b'{"id":"job%d"}' % number) for number in range(count)]


def test_bundles_are_drained_narrowed_and_given_back(full: Space) -> None:
    full.storage.jobs.enqueue(with_ids(12))
    jobs, worker = full.storage.jobs, join(full.storage)
    waiting = ids(full.storage)
    fill(full)
    held = jobs.reserve(["mail"], worker, "1", most=4)
    assert isinstance(held, Reservation)
    spells = [Spell(entry.id, 0.0, 0.001) for entry in (held.entry, *held.bundle)]
    following = jobs.complete_and_reserve(held, ["mail"], "2", spells=spells, most=4)
    assert isinstance(following, Reservation)
    alone = jobs.narrow(following, [], following.bundle[1].id, "3")
    assert isinstance(alone, Reservation)
    assert jobs.release(alone)
    held = jobs.reserve(["mail"], worker, "4", most=4)
    assert isinstance(held, Reservation)
    assert full.storage.workers.sweep(let_lapse(full.storage, worker), Verdict())
    assert sorted(ids(full.storage)) == sorted(waiting[4:])


def test_a_job_may_be_held_alone_that_was_alone(full: Space) -> None:
    held = hold(full.storage)
    fill(full)
    alone = full.storage.jobs.narrow(held, [], held.entry.id, "alone")
    assert isinstance(alone, Reservation)
    assert full.storage.jobs.complete(alone)


def test_a_bundle_whose_record_is_gone_is_given_back(full: Space) -> None:
    full.storage.jobs.enqueue(with_ids(4))
    held = full.storage.jobs.reserve(["mail"], join(full.storage), "1", most=4)
    assert isinstance(held, Reservation)
    full.client.delete(full.key(f"worker:{held.worker}"))
    fill(full)
    assert full.storage.workers.sweep(Lapsed(held.worker, None), Verdict())
    assert ids(full.storage) == [entry.id for entry in held.bundle]
