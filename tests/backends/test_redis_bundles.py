"""Bundles on Redis: what is stored, what it costs, and how one comes back whose worker others forgot."""

import json
from collections.abc import Callable
from uuid import uuid4

import pytest
from redis_space import Space

from resque_core.claim import Claim
from resque_core.errors import StorageError
from resque_core.job import Entry
from resque_core.records import Lapsed, Reservation, Spell, Stale, Verdict
from resque_core.sweeper import Sweeper, SweepReport
from resque_core.testing.contract.factories import a_failure
from resque_core.testing.contract.scenes import (
    counted,
    find_lapsed,
    find_worker,
    ids,
    join,
    let_lapse,
    snapshot,
    take,
)

RUBY_JOB = b'{"class":"Archive","args":[%d]}'


def a_job(job_id: str | None = None, args: bytes = b"") -> Entry:
    """A job whose text is as ours are."""
    job_id = job_id or uuid4().hex
    text = b'{"class":"Mail","args":[%b],"id":"%b","enqueued_at":"2026-11-26T20:34:42.123456Z"}'
    return Entry(job_id, "mail", text % (args, job_id.encode()))


def jobs(space: Space, count: int) -> list[Entry]:
    """So many of them, which wait."""
    entries = [a_job() for _ in range(count)]
    space.storage.jobs.enqueue(entries)
    return entries


def take_some(space: Space, worker: str, most: int = 4) -> Reservation:
    """Up to so many jobs in one step."""
    held = space.storage.jobs.reserve(["mail"], worker, uuid4().hex, most=most)
    assert isinstance(held, Reservation)
    return held


def names(held: Reservation) -> list[str]:
    """The ids of a bundle."""
    return [held.entry.id, *(entry.id for entry in held.bundle)]


def spells(held: Reservation) -> list[Spell]:
    """All its jobs are done."""
    return [Spell(job, number / 1000, (number + 1) / 1000) for number, job in enumerate(names(held))]


def go_on(space: Space, held: Reservation, most: int = 4) -> Reservation:
    """Complete the bundle, and take the next."""
    answer = space.storage.jobs.complete_and_reserve(
        held, ["mail"], uuid4().hex, spells=spells(held), most=most
    )
    assert isinstance(answer, Reservation)
    return answer


def commands(space: Space, step: Callable[[], object]) -> int:
    """How many commands a step takes in the server, those of its script among them."""
    space.client.config_resetstat()
    step()
    said = space.client.info("commandstats")
    asked = ("cmdstat_info", "cmdstat_config", "cmdstat_evalsha")
    return sum(its["calls"] for name, its in said.items() if not name.startswith(asked))


# What is stored, and what it costs.


def test_what_comes_along_is_kept_beside_rubys_record(space: Space) -> None:
    first, second, third = jobs(space, 3)
    held = take_some(space, join(space.storage))
    assert (held.entry, held.bundle) == (first, (second, third))
    record = json.loads(space.client.get(space.key(f"worker:{held.worker}")))
    assert list(record) == ["queue", "run_at", "payload", "x", "token"]
    assert list(record["x"]) == ["id", "at", "rescues", "along"]
    kept = space.client.hget(space.key("x:bundles"), held.worker)
    assert kept.split(b"\n") == [
        f',"token":"{held.token}"}}'.encode(),
        b"mail",
        f"{second.id}\t{third.id}".encode(),
        second.payload,
        third.payload,
    ]
    assert space.storage.jobs.complete(held)
    assert not space.client.exists(space.key("x:bundles"))


def test_a_job_that_is_alone_costs_what_it_did(space: Space) -> None:
    jobs(space, 9)
    held = go_on(space, go_on(space, take(space.storage, join(space.storage)), 1), 1)
    assert commands(space, lambda: go_on(space, held, 1)) <= 29


def test_sixteen_jobs_cost_a_few_commands_more_than_one(space: Space) -> None:
    jobs(space, 80)
    held = go_on(space, take_some(space, join(space.storage), 16), 16)
    assert commands(space, lambda: go_on(space, held, 16)) <= 29 + 8 + 2
    assert len(held.bundle) == 15
    assert counted(space.storage) == (32, 0)


def test_a_bundle_goes_back_or_fails_in_one_round_trip(space: Space) -> None:
    jobs(space, 40)
    worker, steps = join(space.storage), space.storage.jobs
    ends: list[Callable[[Reservation], object]] = [
        steps.release,
        lambda held: steps.fail(held, a_failure(held)),
        lambda held: steps.narrow(held, spells(held)[:2], names(held)[2], "alone"),
    ]
    for end in ends:
        space.client.config_resetstat()
        end(take_some(space, worker))
        assert space.client.info("commandstats")["cmdstat_evalsha"]["calls"] <= 2
    assert len(ids(space.storage)) == 40 - 1 - 3


def test_a_narrowed_job_counts_from_when_the_one_before_had_ended(space: Space) -> None:
    jobs(space, 3)
    held = take_some(space, join(space.storage))
    alone = space.storage.jobs.narrow(held, spells(held)[:2], names(held)[2], "alone")
    assert isinstance(alone, Reservation)
    assert held.reserved_at
    assert alone.reserved_at
    assert 0 < (alone.reserved_at - held.reserved_at).total_seconds() <= 0.002
    assert space.storage.jobs.complete(alone)
    assert sum(space.storage.queues.timings(["mail"])["mail"].duration.counts) == 3


# Who comes along.


@pytest.mark.parametrize(
    "payload",
    [
        b'{"class":"Mail","args":[{"id":"%b","enqueued_at":"2026-11-26T20:34:42.123456Z"}]}' % (b"0" * 32),
        b'{"class":"Mail","args":[],"\\u0069d":"%b","enqueued_at":"2026-11-26T20:34:42.123456Z"}'
        % (b"1" * 32),
        b'{"class":"Mail","args":[,"id":"%b","enqueued_at":"2026-11-26T20:34:42.123456Z"}' % (b"2" * 32),
        b'{"class":"Mail","args":[],"id":"short"}',
        b'{"class": "Mail", "args": [], "id": "own"}',
        RUBY_JOB % 7,
        b"no JSON",
        b"",
    ],
)
def test_whatever_comes_along_has_the_id_that_it_had_as_it_waited(space: Space, payload: bytes) -> None:
    jobs(space, 2)
    space.push("mail", payload)
    jobs(space, 1)
    waiting = list(space.storage.queues.peek("mail", 0, 9))
    held = take_some(space, join(space.storage), 9)
    assert [held.entry, *held.bundle] == waiting
    assert space.storage.jobs.release(held)
    assert list(space.storage.queues.peek("mail", 0, 9)) == waiting


def test_equal_jobs_of_rubys_come_in_different_bundles(space: Space) -> None:
    for number in (1, 2, 1, 3):
        space.push("mail", RUBY_JOB % number)
    worker = join(space.storage)
    first = take_some(space, worker)
    assert [len(first.bundle), space.storage.queues.size("mail")] == [1, 2]
    second = go_on(space, first)
    assert [entry.payload for entry in (second.entry, *second.bundle)] == [RUBY_JOB % 1, RUBY_JOB % 3]
    assert space.storage.jobs.release(second)
    assert counted(space.storage) == (2, 0)


def test_a_payload_of_several_lines_comes_along_with_none(space: Space) -> None:
    for payload in (b"one", b"two\nlines", b"three"):
        space.push("mail", payload)
    first = take_some(space, join(space.storage))
    assert (first.entry.payload, first.bundle) == (b"one", ())
    second = go_on(space, first)
    assert second.entry.payload == b"two\nlines"
    assert [entry.payload for entry in second.bundle] == [b"three"]


def test_a_bundle_has_no_more_bytes_than_the_server_can_handle_quickly(space: Space) -> None:
    space.storage.jobs.enqueue([a_job(args=b'"%b"' % (b"x" * 100_000)) for _ in range(9)])
    assert len(take_some(space, join(space.storage), 9).bundle) == 2


def test_however_many_are_asked_for_they_are_taken_in_one_step(space: Space) -> None:
    entries = jobs(space, 700)
    held = take_some(space, join(space.storage), 100_000)
    assert names(held) == [entry.id for entry in entries[:500]]
    assert space.storage.jobs.release(held)
    assert ids(space.storage) == [entry.id for entry in entries]


def test_jobs_come_one_by_one_as_long_as_any_claims_something(space: Space) -> None:
    jobs(space, 6)
    space.storage.jobs.enqueue_unique([Entry("claiming", "other", b"{}")], [Claim("key", "done")])
    held = take_some(space, join(space.storage))
    assert held.bundle == ()
    assert space.storage.jobs.cancel("claiming")
    assert len(go_on(space, held).bundle) == 3


def test_a_claim_that_came_later_under_the_id_of_a_job_in_a_bundle_ends_with_it(space: Space) -> None:
    entries = jobs(space, 2)
    held = take_some(space, join(space.storage))
    space.client.hset(space.key("x:claims:jobs"), entries[1].id, "done\nkey")
    space.client.hset(space.key("x:claims:held"), "key", entries[1].id)
    space.client.hset(space.key("x:rescues"), entries[1].id, 2)
    space.storage.jobs.complete_and_reserve(held, [], "new", spells=spells(held))
    assert not any(space.client.exists(space.key(name)) for name in ("x:claims:jobs", "x:claims:held"))
    assert not space.client.exists(space.key("x:rescues"))


# Bundles whose worker another program forgot.


def forget(space: Space, worker: str, *what: str) -> None:
    """Delete by hand what the store has of a worker."""
    client, key = space.client, space.key
    steps: dict[str, Callable[[], object]] = {
        "record": lambda: client.delete(key(f"worker:{worker}")),
        "name": lambda: client.srem(key("workers"), worker),
        "lease": lambda: client.zrem(key("x:leases"), worker),
        "member": lambda: client.hdel(key("x:workers"), worker),
    }
    for step in what:
        steps[step]()


def test_a_bundle_goes_back_though_nothing_else_is_left_of_its_worker(space: Space) -> None:
    entries = jobs(space, 5)
    held = take_some(space, join(space.storage))
    forget(space, held.worker, "record", "name", "lease", "member")
    assert space.storage.workers.lapsed() == [Lapsed(held.worker, None)]
    assert Sweeper(space.storage).sweep_all() == SweepReport(workers=1)
    assert ids(space.storage) == [entry.id for entry in entries[1:]]
    assert space.storage.workers.lapsed() == []
    assert not space.client.exists(space.key("x:bundles"))
    worker = join(space.storage)
    for entry in entries[1:4]:
        rescued = take_some(space, worker)
        assert (rescued.entry, rescued.rescues, rescued.bundle) == (entry, 1, ())
        assert space.storage.jobs.complete(rescued)


def test_a_bundle_of_a_worker_that_ruby_pruned_goes_back_with_its_next_beat(space: Space) -> None:
    entries = jobs(space, 5)
    held = take_some(space, join(space.storage))
    forget(space, held.worker, "record", "name")
    assert not space.storage.workers.beat(held.worker, 60).alive
    assert ids(space.storage) == [entry.id for entry in entries[1:]]
    assert space.storage.workers.lapsed() == []


def test_a_bundle_whose_record_is_gone_goes_back_though_its_worker_lives(space: Space) -> None:
    entries = jobs(space, 5)
    held = take_some(space, join(space.storage))
    assert space.storage.workers.lapsed() == []
    forget(space, held.worker, "record")
    done = space.storage.jobs.complete_and_reserve(held, ["mail"], "new", spells=spells(held))
    assert done == Stale()
    assert space.storage.workers.sweep(Lapsed(held.worker, None), Verdict())
    assert ids(space.storage) == [entry.id for entry in entries[1:]]
    assert find_worker(space.storage, held.worker)
    assert not space.storage.workers.sweep(Lapsed(held.worker, None), Verdict())


def test_a_worker_whose_record_is_gone_takes_the_next_bundle_in_place_of_none(space: Space) -> None:
    entries = jobs(space, 6)
    held = take_some(space, join(space.storage), 3)
    forget(space, held.worker, "record")
    later = take_some(space, held.worker, 3)
    assert (later.entry, later.bundle) == (entries[3], ())
    assert ids(space.storage) == [entry.id for entry in (*entries[1:3], *entries[4:])]
    assert space.storage.workers.lapsed() == []


def test_a_bundle_that_a_job_alone_followed_is_found(space: Space) -> None:
    entries = jobs(space, 6)
    held = take_some(space, join(space.storage), 3)
    forget(space, held.worker, "record")
    later = take_some(space, held.worker, 1)
    assert find_lapsed(space.storage, held.worker) == Lapsed(held.worker, None)
    assert Sweeper(space.storage).sweep_all() == SweepReport(workers=1)
    assert ids(space.storage) == [entry.id for entry in (*entries[1:3], *entries[4:])]
    assert space.storage.jobs.complete(later)


def test_a_worker_that_leaves_gives_back_what_its_record_does_not_say(space: Space) -> None:
    entries = jobs(space, 3)
    held = take_some(space, join(space.storage))
    forget(space, held.worker, "record")
    assert space.storage.workers.unregister(held.worker)
    assert ids(space.storage) == [entry.id for entry in entries[1:]]


def test_a_bundle_whose_queue_is_no_list_stays_until_it_is_one(space: Space) -> None:
    entries = jobs(space, 3)
    held = take_some(space, join(space.storage))
    forget(space, held.worker, "record", "name", "lease", "member")
    space.client.set(space.key("queue:mail"), "text")
    Sweeper(space.storage).sweep_all()
    space.client.delete(space.key("queue:mail"))
    Sweeper(space.storage).sweep_all()
    assert ids(space.storage) == [entry.id for entry in entries[1:]]


def test_among_many_bundles_each_that_nobody_holds_is_found(space: Space) -> None:
    workers = []
    for _ in range(60):
        jobs(space, 2)
        workers.append(take_some(space, join(space.storage)).worker)
    forget(space, workers[40], "record", "name", "lease", "member")
    found = next(seen for _ in range(1000) if (seen := space.storage.workers.lapsed()))
    assert found == [Lapsed(workers[40], None)]


def test_a_worker_that_is_removed_by_force_leaves_its_bundle(space: Space) -> None:
    entries = jobs(space, 3)
    held = take_some(space, join(space.storage))
    seen = Lapsed(held.worker, held)
    assert space.storage.workers.sweep(seen, Verdict(), forced=True)
    assert ids(space.storage) == [entry.id for entry in entries]


def test_what_another_program_wrote_as_a_bundle_is_none(space: Space) -> None:
    jobs(space, 3)
    held = take_some(space, join(space.storage))
    for junk in ("", "junk", "\n\n\n", ',"token":"other"}\nmail\nid\n{}'):
        space.client.hset(space.key("x:bundles"), held.worker, junk)
        info = find_worker(space.storage, held.worker)
        assert info
        assert info.reservation
        assert info.reservation.bundle == ()
    assert space.storage.jobs.complete(held)
    assert space.storage.workers.unregister(held.worker)


# Keys of other types.


def test_a_bundle_stays_in_its_workers_hands_when_its_queue_is_no_list(space: Space) -> None:
    jobs(space, 4)
    held = take_some(space, join(space.storage))
    space.client.set(space.key("queue:mail"), "text")
    seen, steps = let_lapse(space.storage, held.worker), space.storage.jobs
    before = snapshot(space.storage)
    ends: list[Callable[[], object]] = [
        lambda: steps.release(held),
        lambda: steps.complete(held),
        lambda: steps.fail(held, a_failure(held)),
        lambda: steps.narrow(held, [], held.entry.id, "alone"),
        lambda: space.storage.workers.sweep(seen, Verdict()),
        lambda: space.storage.workers.sweep(seen, Verdict(a_failure(held))),
    ]
    for end in ends:
        with pytest.raises(StorageError, match="WRONGTYPE"):
            end()
    assert snapshot(space.storage) == before
    done = steps.complete_and_reserve(held, [], "new", spells=spells(held))
    assert not isinstance(done, Stale)
    assert counted(space.storage) == (4, 0)


def test_a_key_of_another_type_in_place_of_bundles_is_set_aside(space: Space) -> None:
    entries = jobs(space, 3)
    space.client.set(space.key("x:bundles"), "text")
    held = take_some(space, join(space.storage))
    assert names(held) == [entry.id for entry in entries]
    assert space.client.get(space.key("x:bundles:set-aside")) == b"text"
    assert space.storage.jobs.release(held)
    space.client.set(space.key("x:bundles"), "text")
    assert space.storage.workers.lapsed() == []
