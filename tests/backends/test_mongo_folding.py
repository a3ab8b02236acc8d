"""The ledger: counters are exact, wherever a process that folds them dies, and however many fold at once."""

import threading
from collections.abc import Callable
from contextlib import suppress
from itertools import count

import pytest
from bson import BSON
from mongo_spy import Killed, Spied
from pymongo.monitoring import CommandStartedEvent

from resque_core.errors import StorageError
from resque_core.failure import FailureFilter
from resque_core.records import Reservation
from resque_core.storage import Storage
from resque_core.testing.contract.factories import a_failure, a_worker, numbered
from resque_core.testing.contract.scenes import find_worker, take
from resque_mongo import open_storage

JOBS = 12
FAILED = 5
#: The collection of the document that says what was folded.
LEDGER = "resque_ledger"


def settle_some(storage: Storage) -> list[Reservation]:
    """A dozen jobs, five of which fail, and a counter of another name."""
    storage.jobs.enqueue(numbered(JOBS))
    held = [take(storage, "w") for _ in range(1)]
    for number in range(JOBS):
        if number < FAILED:
            storage.jobs.fail(held[-1], a_failure(held[-1]))
        else:
            storage.jobs.complete(held[-1])
        if number < JOBS - 1:
            held.append(take(storage, "w"))
    storage.stats.increment("mails", 7)
    return held


def assert_exact(storage: Storage, held: list[Reservation], times: int = 1) -> None:
    """In total, in the history, for the worker; and the last token is still known."""
    expected = {"processed": times * JOBS, "failed": times * FAILED, "mails": times * 7}
    assert storage.stats.all() == expected
    for name, value in expected.items():
        for grain in ("minute", "day"):
            assert sum(it.value for it in storage.stats.history(name, grain, 5)) == value
    worker = find_worker(storage, "w")
    assert worker
    assert (worker.processed, worker.failed) == (times * JOBS, times * FAILED)
    assert storage.jobs.complete(held[-1])
    assert not storage.jobs.complete(held[-2])


@pytest.mark.parametrize("when", ["die_before", "die_after"])
def test_counters_are_exact_wherever_folding_is_killed(
    mongo: Storage, watched: Storage, spied: Spied, when: str
) -> None:
    for times in count(1):
        held = settle_some(mongo)
        spied.spy.begin(**{when: times - 1})
        try:
            watched.workers.beat("w", 600)
        except Killed:
            assert_exact(mongo, held, times)
            mongo.workers.beat("w", 600)
            assert_exact(mongo, held, times)
            mongo.workers.beat("w", 600)
            assert_exact(mongo, held, times)
        else:
            assert times > 7, "folding takes several steps"
            return


def test_receipts_are_gone_once_they_are_folded(mongo: Storage, spied: Spied, namespace: str) -> None:
    held = settle_some(mongo)
    mongo.workers.beat("w", 600)
    jobs = spied.database["resque_jobs"]
    assert jobs.count_documents({"ns": namespace}) == FAILED
    assert jobs.count_documents({"ns": namespace, "uncounted": {"$exists": True}}) == 0
    assert_exact(mongo, held)


def test_many_may_fold_at_once(mongo: Storage, mongo_url: str, namespace: str) -> None:
    storages = [open_storage(mongo_url, namespace) for _ in range(4)]
    for times in range(1, 6):
        held = settle_some(mongo)
        threads = [threading.Thread(target=it.workers.beat, args=("w", 600)) for it in storages]
        for thread in threads:
            thread.start()
        assert_exact(mongo, held, times)
        for thread in threads:
            thread.join()
        assert_exact(mongo, held, times)
    for storage in storages:
        storage.close()


def test_of_two_that_read_the_same_receipts_one_folds_them(
    mongo: Storage, watched: Storage, spied: Spied
) -> None:
    held = settle_some(mongo)
    original = spied.spy.started

    def fold_first(event: CommandStartedEvent) -> None:
        if event.command.get("findAndModify") == LEDGER:
            spied.spy.started = original  # type: ignore[method-assign]
            mongo.workers.beat("w", 600)
        original(event)

    spied.spy.started = fold_first  # type: ignore[method-assign]
    watched.workers.beat("w", 600)
    assert_exact(mongo, held)


@pytest.mark.parametrize("what", ["stats", "history", "workers"])
def test_a_read_that_meets_a_fold_is_exact(mongo: Storage, watched: Storage, spied: Spied, what: str) -> None:
    """The totals were read; before the receipts are, somebody folds them."""
    settle_some(mongo)
    original = spied.spy.started

    def fold_first(event: CommandStartedEvent) -> None:
        if event.command.get("find") == "resque_jobs" and "uncounted" in event.command["filter"]:
            spied.spy.started = original  # type: ignore[method-assign]
            mongo.workers.beat("w", 600)
        original(event)

    spied.spy.started = fold_first  # type: ignore[method-assign]
    ways = {
        "stats": lambda: watched.stats.all()["processed"],
        "history": lambda: sum(it.value for it in watched.stats.history("processed", "day", 2)),
        "workers": lambda: watched.workers.all()[0].processed,
    }
    assert ways[what]() == JOBS


def test_a_late_helper_adds_nothing(mongo: Storage, watched: Storage, spied: Spied, namespace: str) -> None:
    """It has read what is to be done, sleeps while others do it and more, and does it again."""
    settle_some(mongo)
    # Beat, a look for receipts, the totals, the receipts; and the commit is answered.
    spied.spy.begin(die_after=4)
    with suppress(Killed):
        watched.workers.beat("w", 600)
    totals = spied.database[LEDGER].find_one({"ns": namespace, "note": {"$exists": True}})
    assert totals
    mongo.workers.beat("w", 600)
    held = settle_some(mongo)
    mongo.workers.beat("w", 600)
    repeat_the_note(watched, totals)
    assert_exact(mongo, held, 2)


def repeat_the_note(storage: Storage, totals: dict[str, object]) -> None:
    """What a helper does that has read these totals."""
    from resque_mongo.ledger import _finish

    with storage._connection.calling() as session:  # type: ignore[attr-defined]
        _finish(session, totals)


@pytest.mark.parametrize(
    "take_away",
    [
        lambda storage, failure: storage.failures.remove([failure]),
        lambda storage, failure: storage.failures.clear(),
        lambda storage, failure: storage.failures.clear(FailureFilter(queue="mail")),
        lambda storage, failure: storage.failures.requeue({failure: None}),
        lambda storage, failure: storage.failures.requeue({failure: None}, keep=True),
    ],
    ids=["remove", "clear", "clear some", "requeue", "keep"],
)
def test_a_failure_that_goes_before_it_is_folded_is_counted_all_the_same(
    mongo: Storage, take_away: Callable[[Storage, str], object]
) -> None:
    mongo.jobs.enqueue(numbered(1))
    held = take(mongo, "w")
    failure = a_failure(held)
    mongo.jobs.fail(held, failure)
    assert take_away(mongo, failure.id)
    for _ in range(2):
        assert mongo.stats.all() == {"processed": 1, "failed": 1}
        assert mongo.jobs.fail(held, failure)
        mongo.workers.beat("w", 600)


def test_what_is_counted_while_a_counter_is_cleared_is_not_lost(mongo: Storage) -> None:
    settle_some(mongo)
    mongo.stats.clear("processed")
    assert "processed" not in mongo.stats.all()
    mongo.jobs.enqueue(numbered(1))
    mongo.jobs.complete(take(mongo, "w"))
    assert mongo.stats.all()["processed"] == 1
    mongo.workers.beat("w", 600)
    assert mongo.stats.all()["processed"] == 1


def test_a_receipt_of_a_worker_that_is_gone_is_counted(mongo: Storage) -> None:
    worker = a_worker()
    mongo.workers.register(worker, 600)
    mongo.jobs.enqueue(numbered(1))
    mongo.jobs.complete(take(mongo, worker.id))
    assert mongo.workers.unregister(worker.id)
    mongo.workers.beat("w", 600)
    assert mongo.stats.all() == {"processed": 1}


def test_minutes_days_and_tombstones_are_kept_for_their_time(
    mongo: Storage, spied: Spied, namespace: str
) -> None:
    counters, jobs = spied.database["resque_counters"], spied.database["resque_jobs"]
    day = 86_400
    today = int(mongo.workers.beat("w", 600).now) // day * day
    for days in (3, 30, 500):
        kept = {"name": "x", "total": 1, "minutes": {"0": 1}}
        counters.insert_one({"ns": namespace, "day": today - days * day, "folded": 0, **kept})
    mongo.workers.register(a_worker(id="gone"), 600)
    mongo.workers.unregister("gone")
    long_ago = {"gone_at": {"$subtract": ["$$NOW", 2 * day * 1000]}}
    jobs.update_one({"ns": namespace, "slot": "gone"}, [{"$set": long_ago}])
    settle_some(mongo)
    mongo.workers.beat("w", 600)
    found = counters.find({"ns": namespace, "day": {"$gt": 0}})
    assert {int(today - it["day"]) // day: "minutes" in it for it in found} == {0: True, 3: True, 30: False}
    assert jobs.count_documents({"ns": namespace, "state": "gone"}) == 0


def test_a_beat_renews_the_lease_whatever_becomes_of_folding(
    mongo: Storage, spied: Spied, caplog: pytest.LogCaptureFixture
) -> None:
    """Here the server takes no ledger; the failure is logged, once."""
    settle_some(mongo)
    spied.database.command("collMod", LEDGER, validator={"$expr": False})
    try:
        for _ in range(3):
            assert mongo.workers.beat("w", 900).alive
    finally:
        spied.database.command("collMod", LEDGER, validator={})
    assert mongo.workers.lapsed() == []
    assert len([it for it in caplog.records if it.name.startswith("resque_mongo")]) == 1


@pytest.mark.parametrize("by", [2**53 + 1, -(2**53) - 1, 2**64])
def test_a_number_that_cannot_be_added_up_is_refused(mongo: Storage, by: int) -> None:
    with pytest.raises(StorageError, match="larger unit"):
        mongo.stats.increment("mails", by)
    assert mongo.stats.all() == {}


def test_a_name_that_is_too_long_is_refused(mongo: Storage) -> None:
    mongo.stats.increment("n" * 4000)
    with pytest.raises(StorageError, match="shorter name"):
        mongo.stats.increment("n" * 4001)


@pytest.mark.parametrize("sign", [1, -1])
def test_a_counter_that_is_full_stays_so_and_stops_nobody(
    mongo: Storage, spied: Spied, namespace: str, sign: int
) -> None:
    """As a receipt of a version that did not refuse such numbers."""
    for _ in range(3):
        for _ in range(2):
            mongo.stats.increment("bytes", sign)
        receipts = {"ns": namespace, "uncounted": {"$exists": True}}
        counts = [{"name": "bytes", "by": sign * (2**63 - 1)}]
        spied.database["resque_jobs"].update_many(receipts, {"$set": {"counts": counts}})
        mongo.workers.beat("w", 600)
    assert mongo.stats.all() == {"bytes": sign * (2**63 - 1)}
    assert spied.database["resque_jobs"].count_documents(receipts) == 0


def test_no_document_grows_with_the_number_of_counters(mongo: Storage, spied: Spied, namespace: str) -> None:
    for number in range(30):
        mongo.stats.increment(f"{number}:" + "\u20ac" * 3000)
    mongo.workers.beat("w", 600)
    assert len(mongo.stats.all()) == 30
    for collection in ("resque_ledger", "resque_counters"):
        found = list(spied.database[collection].find({"ns": namespace}))
        assert max(len(BSON.encode(it)) for it in found) < 10_000
