"""Opening a MongoDB store: its layout, the server, open databases, forks, and what is said of errors."""

import os
import threading
from collections.abc import Callable
from functools import partial
from typing import Any

import pymongo
import pytest
from mongo_spy import Spied
from pymongo import MongoClient
from servers.server import Server

from resque_core import Resque
from resque_core.errors import IncompatibleStoreError, PayloadTooLarge, StorageError
from resque_core.job import Entry
from resque_core.storage import Storage
from resque_core.testing.contract.factories import a_failure, an_entry, numbered
from resque_core.testing.contract.scenes import counted, hold, ids, join, take
from resque_mongo import open_storage, opening, storage_of
from resque_mongo.indexes import ALL
from resque_mongo.opening import LAYOUT

FRESH = "opening"


@pytest.fixture
def fresh(mongo_url: str, spied: Spied) -> Any:
    """A database without anything, and its URL."""
    spied.client.drop_database(FRESH)
    yield mongo_url.replace("/resque", f"/{FRESH}")
    spied.client.drop_database(FRESH)


def test_the_first_call_makes_collections_and_indexes(fresh: str, spied: Spied) -> None:
    storage = open_storage(fresh, "test")
    assert storage.jobs.enqueue([an_entry()]) == 1
    storage.close()
    for layout in ALL:
        made = spied.client[FRESH][layout.name].index_information()
        assert made.keys() == {"_id_", *(index.document["name"] for index in layout.indexes)}
    assert spied.client[FRESH]["resque_meta"].find_one() == {"_id": "layout", "version": LAYOUT}


def test_an_index_that_was_dropped_comes_back(fresh: str, spied: Spied) -> None:
    storage = open_storage(fresh, "test")
    storage.prepare()
    spied.client[FRESH]["resque_jobs"].drop_indexes()
    storage.prepare()
    assert len(spied.client[FRESH]["resque_jobs"].index_information()) > 5
    storage.close()


def test_a_database_that_was_dropped_is_made_anew_after_the_error(fresh: str, spied: Spied) -> None:
    storage = open_storage(fresh, "test")
    storage.prepare()
    spied.client.drop_database(FRESH)
    storage.jobs.enqueue([an_entry()])
    with pytest.raises(StorageError):
        storage.queues.size("mail")
    assert storage.queues.size("mail") == 1
    storage.close()


def test_an_older_layout_gets_the_indexes_that_it_lacks(fresh: str, spied: Spied) -> None:
    storage = open_storage(fresh, "test")
    storage.prepare()
    storage.close()
    spied.client[FRESH]["resque_jobs"].drop_index("delayed")
    spied.client[FRESH]["resque_meta"].update_one({"_id": "layout"}, {"$set": {"version": 1}})
    assert storage.schedule.peek(0, 10) == []
    storage.close()
    assert spied.client[FRESH]["resque_meta"].find_one() == {"_id": "layout", "version": LAYOUT}


def test_a_newer_layout_is_refused(fresh: str, spied: Spied) -> None:
    spied.client[FRESH]["resque_meta"].insert_one({"_id": "layout", "version": LAYOUT + 1})
    storage = open_storage(fresh, "test")
    for call in (storage.prepare, storage.queues.all):
        with pytest.raises(IncompatibleStoreError, match=r"layout \d+, and this version knows \d+\. Upgrade"):
            call()
    storage.close()
    assert spied.client[FRESH].list_collection_names() == ["resque_meta"]


def test_a_server_that_is_too_old_is_refused(fresh: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opening, "OLDEST_SERVER", (99, 0))
    with pytest.raises(IncompatibleStoreError, match=r"is MongoDB \d.*; 99.0 or newer is needed"):
        open_storage(fresh, "test").queues.all()


def test_a_server_says_what_it_is(mongo: Storage, request: pytest.FixtureRequest) -> None:
    info = mongo.server_info()
    assert info.server.startswith("mongodb 6.")
    assert info.details["write_concern"] == "majority, journaled"
    alone = "mongo_server" in request.node.name
    assert info.details["topology"] == ("standalone" if alone else "replica set rs0")


def test_an_open_database_is_used_and_never_closed(mongo: Storage, mongo_url: str, namespace: str) -> None:
    with MongoClient[dict[str, Any]](mongo_url) as client:
        database = client.get_default_database().with_options(write_concern=pymongo.WriteConcern(0))
        storage = storage_of(database, namespace)
        mongo.jobs.enqueue(numbered(1))
        assert ids(storage) == ["0"]
        assert "resque" in storage.location
        storage.close()
        assert ids(storage) == ["0"]
        assert client.admin.command("ping")["ok"]


def test_a_resque_works_on_an_open_database(mongo_url: str, namespace: str) -> None:
    with MongoClient[dict[str, Any]](mongo_url) as client:
        opener = partial(storage_of, client.get_default_database())
        with Resque(opener, namespace=namespace) as resque:
            assert resque.enqueue_to("mail", "Mailer", 1)
            assert resque.namespace == namespace
            assert resque.info()["store"] == "mongodb"
        assert client.admin.command("ping")["ok"]


def in_child(act: Callable[[], object]) -> int:
    """Run it in a forked child; the child's exit status, 0 if nothing was raised."""
    pid = os.fork()
    if pid == 0:
        status = 1
        try:
            act()
            status = 0
        finally:
            os._exit(status)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_parent_and_child_of_a_fork_both_go_on(mongo: Storage) -> None:
    mongo.jobs.enqueue(numbered(1))

    def work() -> None:
        assert mongo.jobs.enqueue(numbered(1, start=1)) == 1
        mongo.close()

    assert in_child(work) == 0
    assert ids(mongo) == ["0", "1"]


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_child_does_not_wait_for_a_lock_of_its_parents_threads(mongo: Storage) -> None:
    lock = mongo._connection._lock  # type: ignore[attr-defined]
    held, done = threading.Event(), threading.Event()

    def hold_it() -> None:
        with lock:
            held.set()
            done.wait(30)

    thread = threading.Thread(target=hold_it)
    thread.start()
    held.wait(30)
    mongo._connection._session = None  # type: ignore[attr-defined]
    assert in_child(lambda: mongo.jobs.enqueue(numbered(1))) == 0
    done.set()
    thread.join()
    assert ids(mongo) == ["0"]


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_an_open_database_is_refused_in_a_child(spied: Spied, namespace: str) -> None:
    storage = storage_of(spied.database, namespace)
    storage.prepare()

    def work() -> None:
        with pytest.raises(StorageError, match="was opened by process"):
            storage.queues.all()

    assert in_child(work) == 0


def test_an_error_says_where_and_what_to_do(mongo_url: str, namespace: str) -> None:
    url = "mongodb://127.0.0.1:1/jobs?serverSelectionTimeoutMS=100"
    storage = open_storage(url, namespace)
    said = r"mongodb://127.0.0.1:1/jobs: 127.0.0.1:1: \[Errno 111\] Connection refused.*Start the server"
    with pytest.raises(StorageError, match=said) as failed:
        storage.queues.all()
    assert "Topology" not in str(failed.value)
    storage.close()


def test_a_payload_that_no_document_can_hold_is_refused(mongo: Storage) -> None:
    with pytest.raises(PayloadTooLarge, match="MongoDB can keep"):
        mongo.jobs.enqueue([an_entry(), Entry("large", "mail", b"x" * 16_000_000)])
    assert mongo.queues.all() == []


def test_the_largest_job_can_still_fail_with_much_to_say(mongo: Storage) -> None:
    mongo.jobs.enqueue([Entry("large", "mail", b"x" * 15 * 2**20)])
    held = take(mongo, "w")
    failure = a_failure(held, error="é" * 2_000_000, backtrace=("line " * 100,) * 10_000)
    assert mongo.jobs.fail(held, failure)
    kept = mongo.failures.get(failure.id)
    assert kept
    assert kept.payload == held.entry.payload
    assert failure.error.startswith(kept.error)


@pytest.mark.parametrize("operator", [{"$ne": 1}, ["mail"], None, b"mail"])
def test_no_operator_comes_in_the_place_of_a_text(mongo: Storage, operator: Any) -> None:
    mongo.jobs.enqueue(numbered(1))

    def remove(failure_id: Any) -> object:
        return mongo.failures.remove([failure_id])

    for call in (mongo.queues.clear, mongo.queues.pop, remove, mongo.workers.unregister):
        with pytest.raises(TypeError):
            call(operator)
    assert ids(mongo) == ["0"]


def test_text_that_is_no_utf8_comes_back_as_it_was(mongo: Storage) -> None:
    odd = "no file \udcff"
    entry = Entry(odd, odd, b"")
    mongo.jobs.enqueue([entry])
    assert [info.name for info in mongo.queues.all()] == [odd]
    mongo.stats.increment(odd)
    held = take(mongo, "w", odd)
    assert held.entry == entry
    failure = a_failure(held, id=odd, name=odd, exception=odd, error=odd, backtrace=(odd,), worker=odd)
    assert mongo.jobs.fail(held, failure)
    assert mongo.failures.get(odd) == failure
    mongo.workers.beat("w", 600)
    assert mongo.stats.all() == {"processed": 1, "failed": 1, odd: 1}


def test_a_server_that_is_killed_and_started_again_has_lost_nothing(
    start_mongo: Callable[..., Server], namespace: str
) -> None:
    server = start_mongo()
    storage = open_storage(f"{server.url}?serverSelectionTimeoutMS=200", namespace)
    storage.jobs.enqueue(numbered(100))
    held = take(storage, join(storage))
    storage.jobs.complete(take(storage, join(storage)))
    server.kill()
    for _ in range(2):
        with pytest.raises(StorageError):
            storage.jobs.complete(held)
    server.start()
    assert storage.jobs.complete(held)
    assert counted(storage) == (2, 0)
    assert ids(storage) == [str(number) for number in range(2, 100)]
    storage.jobs.enqueue(numbered(1, start=100))
    assert ids(storage)[-1] == "100"
    hold(storage)
    storage.close()


def test_names_of_collections_begin_with_ours(mongo: Storage, spied: Spied, namespace: str) -> None:
    mongo.jobs.enqueue(numbered(1))
    assert {name.partition("_")[0] for name in spied.database.list_collection_names()} == {"resque"}
