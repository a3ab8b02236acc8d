"""What becomes of documents in which another program has put something else."""

from typing import Any

import pytest
from mongo_documents import WRONG, with_field
from mongo_spy import Spied

from resque_core import Resque, Worker
from resque_core.job import Entry
from resque_core.records import Verdict
from resque_core.storage import Storage
from resque_core.testing.contract.factories import a_worker, numbered
from resque_core.testing.contract.scenes import bury, find_worker, hold, join, let_lapse, take

Documents = Any


@pytest.fixture
def jobs(mongo: Storage, spied: Spied) -> Documents:
    mongo.prepare()
    return spied.database["resque_jobs"]


def put(collection: Documents, namespace: str, field: str, value: Any, **which: str) -> None:
    """Put something else into this field of all documents of the namespace that have it."""
    meant = {"ns": namespace, field.partition(".")[0]: {"$exists": True}, **which}
    for document in list(collection.find(meant)):
        collection.replace_one({"_id": document["_id"]}, with_field(document, field, value))


def test_a_payload_that_is_no_text_ends_in_the_failed_store(
    mongo: Storage, mongo_url: str, jobs: Documents, namespace: str
) -> None:
    mongo.jobs.enqueue(numbered(len(WRONG)))
    for number, value in enumerate(WRONG):
        put(jobs, namespace, "payload", value, id=str(number))
    with Resque(mongo_url, namespace=namespace) as resque:
        assert Worker(resque, "mail", burst=True, fork=False).work() == 0
        assert resque.size("mail") == 0
        assert [it.exception for it in resque.failures.each()] == ["BadPayload"] * len(WRONG)


def test_a_payload_that_is_a_string_is_its_bytes(mongo: Storage, jobs: Documents, namespace: str) -> None:
    mongo.jobs.enqueue([Entry("1", "mail", b"{}")])
    put(jobs, namespace, "payload", '{"class":"A","args":[]}')
    assert [entry.payload for entry in mongo.queues.peek("mail")] == [b'{"class":"A","args":[]}']


@pytest.mark.parametrize("field", ["slot", "token", "worker", "rescues", "reserved_at", "since"])
def test_a_job_in_hands_is_rescued_whatever_its_document_says(
    mongo: Storage, jobs: Documents, namespace: str, field: str
) -> None:
    for value in WRONG[:-1]:
        held = hold(mongo)
        let_lapse(mongo, held.worker)
        put(jobs, namespace, field, value, state="running")
        for lapsed in mongo.workers.lapsed():
            mongo.workers.sweep(lapsed, Verdict())
        again = take(mongo, join(mongo))
        assert again.entry == held.entry
        assert again.rescues == (8 if (field, value) == ("rescues", 7) else 1)
        assert mongo.jobs.complete(again)


def test_a_failure_without_an_id_goes_by_that_of_its_document(
    mongo: Storage, jobs: Documents, namespace: str
) -> None:
    for value in WRONG:
        bury(mongo)
        put(jobs, namespace, "failure.id", value)
        (failure,) = mongo.failures.peek()
        assert mongo.failures.get(failure.id) == failure
        assert mongo.failures.remove([failure.id])
        assert mongo.failures.count() == 0


@pytest.mark.parametrize("field", ["note", "tidied"])
def test_a_ledger_that_is_none_is_mended_and_counted_on(
    mongo: Storage, spied: Spied, namespace: str, field: str
) -> None:
    ledger = spied.database["resque_ledger"]
    for times, value in enumerate(WRONG, 1):
        mongo.stats.increment("mails")
        ledger.update_one({"ns": namespace}, {"$set": {field: None}})
        put(ledger, namespace, field, value)
        mongo.workers.beat("w", 600)
        assert mongo.stats.all() == {"mails": times}


def test_a_lost_version_of_the_ledger_is_made_good(mongo: Storage, spied: Spied, namespace: str) -> None:
    for times, value in enumerate((*WRONG[:1], *WRONG[2:]), 1):
        mongo.stats.increment("mails")
        put(spied.database["resque_ledger"], namespace, "version", value)
        mongo.workers.beat("w", 600)
        assert mongo.stats.all() == {"mails": times}


def test_a_receipt_in_no_state_is_counted_once(mongo: Storage, jobs: Documents, namespace: str) -> None:
    mongo.stats.increment("mails")
    put(jobs, namespace, "state", 7)
    for _ in range(3):
        mongo.workers.beat("w", 600)
    assert mongo.stats.all() == {"mails": 1}


def test_what_stands_in_a_slot_and_is_no_job_is_taken_out_of_it(
    mongo: Storage, jobs: Documents, namespace: str
) -> None:
    held = hold(mongo)
    put(jobs, namespace, "state", 7)
    mongo.jobs.enqueue(numbered(1))
    assert take(mongo, held.worker).entry.id == "0"


@pytest.mark.parametrize("field", ["host", "queues", "commands", "processed", "dead", "folded", "settled"])
def test_a_worker_goes_on_whatever_its_document_says(
    mongo: Storage, spied: Spied, namespace: str, field: str
) -> None:
    worker = a_worker()
    for value in WRONG:
        mongo.workers.register(worker, 600)
        mongo.jobs.enqueue(numbered(1))
        put(spied.database["resque_workers"], namespace, field, value)
        assert mongo.workers.command(worker.id, "quiet")
        assert mongo.workers.beat(worker.id, 600).commands[-1] == "quiet"
        held = take(mongo, worker.id)
        assert mongo.jobs.complete(held)
        assert mongo.jobs.complete(held)
        mongo.workers.beat(worker.id, 600)
        assert find_worker(mongo, worker.id)
