"""Law 1: a process is killed in the middle of whatever it does, and no job is lost or doubled.

Each test lets a process live one kind of life, ends it by kill -9 at a random moment, several times,
and then says exactly where every job must be. What the dead held is rescued as in real life.
"""

import random
import time
from collections import Counter
from collections.abc import Callable
from functools import partial

from resque_core.records import Verdict
from resque_core.storage import Storage
from resque_core.testing.contract.actor import BATCH
from resque_core.testing.contract.factories import numbered, sayings
from resque_core.testing.contract.fixtures import StartActor
from resque_core.testing.contract.scenes import (
    Snapshot,
    counted,
    delayed_ids,
    every_failure,
    ids,
    let_lapse,
    snapshot,
    until,
)

JOBS = 20
#: More than any process can work in the short time that it lives.
PLENTY = 4000
EVERY_JOB = [str(number) for number in range(JOBS)]

#: Says where every job must be.
Check = Callable[[Storage], None]


def live_and_die(storage: Storage, start_actor: StartActor, life: str, check: Check, kills: int) -> None:
    """End a life so many times; each time compare the store with the law, before and after the rescue."""
    for _ in range(kills):
        actor = start_actor(life, queue="busy")
        actor.wait_ready()
        before = snapshot(storage)
        actor.begin()
        until(partial(under_way, storage, before))
        time.sleep(random.uniform(0, 0.05))  # noqa: S311  (any moment will do: that is the point)
        actor.kill()
        until(partial(at_rest, storage))
        check(storage)
        rescue_all(storage)
        check(storage)


def under_way(storage: Storage, before: Snapshot) -> bool:
    """Whether anything happened yet."""
    return snapshot(storage) != before


def at_rest(storage: Storage) -> bool:
    """Whether nothing moves any more: a server may still carry out what the dead asked of it last."""
    before = snapshot(storage)
    time.sleep(0.02)
    return snapshot(storage) == before


def rescue_all(storage: Storage) -> None:
    """Sweep the dead; all of their jobs go back to the head."""
    for info in storage.workers.all():
        assert storage.workers.sweep(let_lapse(storage, info.id), Verdict())


def in_flight(storage: Storage) -> list[str]:
    """The ids of the jobs in the hands of workers."""
    held = [info.reservation for info in storage.workers.all() if info.reservation]
    return [entry.id for it in held for entry in (it.entry, *it.bundle)]


def test_kill_while_enqueueing(storage: Storage, start_actor: StartActor, kills: int) -> None:
    """Every call is there as a whole or not at all, and in order."""
    live_and_die(storage, start_actor, "enqueue_on_and_on", only_whole_batches, kills)


def only_whole_batches(storage: Storage) -> None:
    """Numbers without a gap, and no part of a batch."""
    waiting = ids(storage, "busy")
    assert waiting == [str(number) for number in range(len(waiting))]
    assert len(waiting) % BATCH == 0


def test_kill_while_promoting(storage: Storage, start_actor: StartActor, kills: int) -> None:
    """Each job is delayed or waits; every batch was delayed as a whole."""
    live_and_die(storage, start_actor, "promote_on_and_on", delayed_or_waiting, max(1, kills // 2))


def delayed_or_waiting(storage: Storage) -> None:
    """Numbers without a gap, each once, and no part of a batch."""
    there = delayed_ids(storage) + ids(storage, "busy")
    assert sorted(there, key=int) == [str(number) for number in range(len(there))]
    assert len(there) % BATCH == 0


def test_kill_while_completing(storage: Storage, start_actor: StartActor, kills: int) -> None:
    """As many are gone as were counted."""
    storage.jobs.enqueue(numbered(PLENTY, "busy"))
    live_and_die(storage, start_actor, "complete_on_and_on", gone_as_counted, kills)


def test_kill_while_completing_bundles(storage: Storage, start_actor: StartActor, kills: int) -> None:
    """As many are gone as were counted, and all others are there in order."""
    storage.jobs.enqueue(sayings(PLENTY, "busy"))
    live_and_die(storage, start_actor, "bundle_on_and_on", gone_as_counted, kills)


def gone_as_counted(storage: Storage) -> None:
    """The first ones are gone, the rest is there, in order, none twice."""
    there = in_flight(storage) + ids(storage, "busy")
    done, failed = counted(storage)
    assert there == [str(number) for number in range(done, PLENTY)]
    assert failed == 0


def test_kill_while_releasing(storage: Storage, start_actor: StartActor, kills: int) -> None:
    """The job in flight is still the head of all others."""
    storage.jobs.enqueue(numbered(JOBS, "busy"))
    live_and_die(storage, start_actor, "release_on_and_on", all_there_in_order, kills)


def all_there_in_order(storage: Storage) -> None:
    """The same jobs as at the beginning, in the same order; nothing counted."""
    assert in_flight(storage) + ids(storage, "busy") == EVERY_JOB
    assert counted(storage) == (0, 0)


def test_kill_while_failing_and_requeueing(storage: Storage, start_actor: StartActor, kills: int) -> None:
    """The failed store is a place like others."""
    storage.jobs.enqueue(numbered(JOBS, "busy"))
    live_and_die(storage, start_actor, "fail_on_and_on", each_in_one_place, kills)


def test_kill_while_sweeping(storage: Storage, start_actor: StartActor, kills: int) -> None:
    """A rescuer that dies is no worse than a worker that dies."""
    storage.jobs.enqueue(numbered(JOBS, "busy"))
    live_and_die(storage, start_actor, "sweep_on_and_on", each_in_one_place, kills)


def each_in_one_place(storage: Storage) -> None:
    """Each job waits, runs or failed: one of them, once. As many were processed as failed."""
    failed = [failure.job_id for failure in every_failure(storage)]
    assert Counter(in_flight(storage) + ids(storage, "busy") + failed) == Counter(EVERY_JOB)
    assert counted(storage)[0] == counted(storage)[1]
