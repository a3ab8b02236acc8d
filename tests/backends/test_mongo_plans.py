"""Every command finds its documents by an index, within its namespace."""

import re
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from itertools import combinations
from typing import Any

import pytest
from mongo_spy import Spied

from resque_core.failure import FailureFilter
from resque_core.keeping import TRIMMED_AT_ONCE, Keeping
from resque_core.limit import Limit
from resque_core.records import Reservation, Spell, Verdict
from resque_core.storage import Storage
from resque_core.testing.contract.factories import LATER, a_failure, a_worker, an_entry, numbered
from resque_core.testing.contract.scenes import bury, let_lapse, take

NOW = datetime(2026, 11, 22, tzinfo=UTC)
FIELDS: dict[str, Any] = {
    "exception": "app.Refused",
    "name": "Mail",
    "queue": "mail",
    "worker": "web-1",
    "since": NOW,
    "until": NOW,
    "retried": False,
}
FILTERS = [
    FailureFilter(),
    FailureFilter(exception="Refused"),
    FailureFilter(retried=True),
    *(FailureFilter(**dict(one)) for one in combinations(FIELDS.items(), 1)),
    *(FailureFilter(**dict(two)) for two in combinations(FIELDS.items(), 2)),
]
#: Commands that read a collection.
EXPLAINED = ("find", "aggregate", "count", "findAndModify", "update", "delete")
#: Fields that drivers add, and that `explain` does not take.
NOT_EXPLAINED = ("lsid", "txnNumber", "$clusterTime", "$db", "writeConcern", "maxTimeMS", "readConcern")


def fields_of(which: FailureFilter) -> str:
    """The filter as a test's id says it."""
    return " ".join(f"{name}={value}" for name, value in asdict(which).items() if value is not None) or "all"


def explained(spied: Spied, command: dict[str, Any]) -> dict[str, Any]:
    """How the server runs the command, and what that costs."""
    asked = {name: value for name, value in command.items() if name not in NOT_EXPLAINED}
    plan: dict[str, Any] = spied.database.command({"explain": asked, "verbosity": "executionStats"})
    return plan


def stages(plan: dict[str, Any]) -> set[str]:
    """The names of all stages of the winning plan."""
    return set(_stages(plan))


def _stages(plan: object) -> Iterator[str]:
    if isinstance(plan, dict):
        if "stage" in plan:
            yield plan["stage"]
        for name, part in plan.items():
            if name not in ("rejectedPlans", "allPlansExecution"):
                yield from _stages(part)
    elif isinstance(plan, list):
        for part in plan:
            yield from _stages(part)


def examined(plan: dict[str, Any]) -> tuple[int, int]:
    """How many keys and documents were looked at."""
    said = str(plan)
    keys = [int(found) for found in re.findall(r"'totalKeysExamined': (\d+)", said)]
    documents = [int(found) for found in re.findall(r"'totalDocsExamined': (\d+)", said)]
    return max(keys), max(documents)


@pytest.fixture
def filled(mongo: Storage) -> Storage:
    """A thousand jobs wait; some are in flight, some came back to the head, some failed, some are done."""
    mongo.jobs.enqueue(numbered(1000))
    for _ in range(10):
        mongo.jobs.complete(take(mongo, "w"))
        held = take(mongo, "w")
        mongo.jobs.fail(held, a_failure(held))
    for number in range(10):
        worker = a_worker(id=f"other{number}")
        mongo.workers.register(worker, 600)
        take(mongo, worker.id)
    return mongo


def test_a_claim_reads_one_key_and_sorts_nothing(filled: Storage, watched: Storage, spied: Spied) -> None:
    filled.jobs.release(take(filled, "w"))
    take(watched, "w")
    [command] = [command for command in spied.spy.commands if "findAndModify" in command]
    filled.jobs.release(filled.workers.all()[-1].reservation)  # type: ignore[arg-type]
    plan = explained(spied, command)
    assert {"IXSCAN", "FETCH"} <= stages(plan)
    assert "SORT" not in stages(plan)
    assert examined(plan) <= (2, 2)


def test_a_settlement_reads_one_key(filled: Storage, watched: Storage, spied: Spied) -> None:
    held = take(filled, "w")
    filled.jobs.release(held)
    held = take(filled, "w")
    watched.workers.sweep(let_lapse(filled, "other1"), Verdict())
    spied.spy.begin()
    watched.jobs.complete(held)
    statement = spied.spy.commands[0]["updates"][0]
    statement["q"]["slot"] = "other2"
    statement["q"]["token"] = {"$gt": ""}
    assert examined(explained(spied, spied.spy.commands[0])) == (1, 1)


def test_a_look_reads_one_key_for_each_queue_and_no_waiting_job(
    filled: Storage, watched: Storage, spied: Spied
) -> None:
    for discover in (False, True):
        spied.spy.begin()
        watched.jobs.reserve(["images", "mail"], "nobody", "t", discover=discover)
        look = spied.spy.commands[0]
        for stage in look["pipeline"]:
            if "$lookup" in stage:
                inner = stage["$lookup"]
                command = {"aggregate": inner["from"], "pipeline": inner["pipeline"], "cursor": {}}
                plan = explained(spied, command)
                assert not {"COLLSCAN", "SORT"} & stages(plan)
                assert examined(plan)[0] <= 3
                assert examined(plan)[1] <= 1


def everything(storage: Storage) -> None:
    """Each method of the seam, on a filled store."""
    storage.jobs.enqueue(numbered(3, "images"))
    storage.jobs.enqueue(numbered(2, "images", start=7000), at_front=True)
    storage.jobs.release(take(storage, "w"))
    held = take(storage, "w")
    storage.jobs.complete(held)
    storage.jobs.complete(held)
    held = take(storage, "w")
    storage.jobs.fail(held, a_failure(held))
    storage.jobs.admit(take(storage, "w"), Limit("key", 1), 600)
    storage.workers.register(a_worker(id="another"), 600)
    storage.jobs.admit(take(storage, "another"), Limit("key", 1), 600)
    storage.jobs.wake("key")
    _bundles(storage)
    storage.queues.all()
    storage.queues.size("mail")
    storage.queues.peek("mail", 5, 5)
    storage.queues.latencies(["mail"])["mail"]
    storage.queues.pop("mail")
    storage.queues.pause("mail")
    storage.queues.paused()
    storage.queues.resume("mail")
    storage.queues.move("mail", "images", [entry.id for entry in storage.queues.peek("mail", 0, 3)])
    storage.queues.dequeue("images", lambda _: True)
    storage.queues.clear("images")
    storage.queues.remove("images")
    storage.failures.requeue({bury(storage).id: None}, keep=True)
    storage.failures.requeue({bury(storage).id: None})
    storage.failures.remove([bury(storage).id])
    storage.workers.command("w", "quiet")
    storage.workers.beat("w", 600)
    storage.workers.sweep(let_lapse(storage, "other3"), Verdict())
    storage.workers.all()
    storage.stats.increment("mails")
    storage.stats.all()
    storage.stats.history("mails", "minute", 5)
    storage.stats.clear("mails")


def _bundles(storage: Storage) -> None:
    storage.workers.register(a_worker(id="third"), 600)
    held = storage.jobs.reserve(["mail"], "third", "t1", most=4)
    assert isinstance(held, Reservation)
    spells = [Spell(entry.id, 0.0, 0.1) for entry in (held.entry, *held.bundle)]
    then = storage.jobs.complete_and_reserve(held, ["mail"], "t2", spells=spells, most=4)
    assert isinstance(then, Reservation)
    assert storage.jobs.reserve(["mail"], "third", "t2", most=4) == then
    storage.workers.lapsed()
    storage.jobs.narrow(then, [Spell(then.entry.id, 0.0, 0.1)], then.bundle[0].id, "t3")


def test_no_command_reads_a_whole_collection_and_each_stays_in_its_namespace(
    filled: Storage, watched: Storage, spied: Spied, namespace: str
) -> None:
    everything(watched)
    for command in spied.spy.commands:
        parts = [command.get("filter"), command.get("query"), *command.get("pipeline", [])[:1]]
        parts += [it["q"] for it in (*command.get("updates", ()), *command.get("deletes", ()))]
        parts += [it["pipeline"][0] for it in inner_lookups(command)]
        parts += command.get("documents", [])
        for part in parts:
            assert part is None or f"'ns': '{namespace}'" in str(part) or "_id" in part, command
        for name in ("updates", "deletes"):
            for statement in command.get(name, ()):
                assert "COLLSCAN" not in stages(explained(spied, {**command, name: [statement]})), statement
        if next(iter(command)) in ("find", "aggregate", "count", "findAndModify"):
            assert "COLLSCAN" not in stages(explained(spied, command)), command


def inner_lookups(command: dict[str, Any]) -> list[dict[str, Any]]:
    """Pipelines within the command's pipeline."""
    kinds = ("$lookup", "$unionWith")
    return [stage[kind] for stage in command.get("pipeline", []) for kind in kinds if kind in stage]


@pytest.mark.parametrize("which", FILTERS, ids=fields_of)
def test_no_filter_of_failures_reads_the_whole_collection_or_sorts(
    filled: Storage, watched: Storage, spied: Spied, which: FailureFilter
) -> None:
    watched.failures.peek(0, 10, which)
    watched.failures.count(which)
    for command in spied.spy.commands:
        plan = explained(spied, command)
        assert not {"COLLSCAN", "SORT"} & stages(plan), plan


def test_looking_for_what_is_due_reads_one_key_of_any_number(
    filled: Storage, watched: Storage, spied: Spied
) -> None:
    filled.jobs.enqueue(numbered(1000, start=5000), run_at=LATER)
    spied.spy.begin()
    assert watched.schedule.promote().count == 0
    [command] = spied.spy.commands
    assert "SORT" not in stages(explained(spied, command))
    assert examined(explained(spied, command)) <= (1, 1)


def test_a_claim_and_an_enqueue_meet_no_delayed_job(filled: Storage, watched: Storage, spied: Spied) -> None:
    filled.jobs.enqueue(numbered(1000, start=5000), run_at=LATER)
    spied.spy.begin()
    watched.jobs.enqueue([an_entry()])
    assert [name.split()[0] for name in spied.spy.names] == ["find", "insert"]
    take(watched, "w")
    [command] = [command for command in spied.spy.commands if "findAndModify" in command]
    filled.jobs.release(filled.workers.all()[-1].reservation)  # type: ignore[arg-type]
    assert examined(explained(spied, command)) <= (2, 2)


def test_counting_reads_no_payload(filled: Storage, watched: Storage, spied: Spied) -> None:
    watched.queues.size("mail")
    watched.queues.all()
    for command in spied.spy.commands[:2]:
        assert examined(explained(spied, command))[1] == 0


def test_a_limit_of_failures_counts_no_more_of_them_than_go_at_once(
    filled: Storage, watched: Storage, spied: Spied
) -> None:
    for _ in range(40):
        held = take(filled, "w")
        filled.jobs.fail(held, a_failure(held))
    held = take(filled, "w")
    spied.spy.begin()
    watched.jobs.fail(held, a_failure(held), Keeping(most=3))
    [command] = [command for command in spied.spy.commands if "aggregate" in command]
    assert examined(explained(spied, command))[0] <= 3 + TRIMMED_AT_ONCE + 1
