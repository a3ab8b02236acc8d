"""Documents of every kind that a MongoDB store has, and copies of them, each with one field that is wrong."""

from collections.abc import Iterator
from contextlib import suppress
from copy import deepcopy
from itertools import count
from typing import Any

from bson import ObjectId, Timestamp
from pymongo.database import Database
from pymongo.errors import BulkWriteError

from resque_core.claim import Claim
from resque_core.job import Entry
from resque_core.records import Recurrence, Reservation, Spell
from resque_core.sequel import Note, Sequel
from resque_core.storage import Storage
from resque_core.testing.contract.factories import LATER, LONG_AGO, a_failure, a_worker, an_entry
from resque_core.testing.contract.scenes import LONG, bury, hold, join, let_lapse
from resque_mongo.indexes import ALL

Document = dict[str, Any]

QUEUE = "hostile"
MISSING = object()
#: One or the other is wrong in each field; the last is a field that is not there.
WRONG: tuple[Any, ...] = (None, 7, "x", [], {}, MISSING)
#: Texts of which two documents must not have the same.
_NAMES = (
    *("id", "name", "slot", "token", "revision", "recurrence"),
    *("unique_start", "unique_done", "unique_expiry", "limit_key"),
)
#: What makes a document one of this store.
_OURS = ("_id", "ns")
_numbers = count()


def furnish(storage: Storage, namespace: str) -> None:
    """At least one document of every kind, with every field that it can have."""
    _jobs(storage)
    _failures(storage)
    storage.pools.report("pool", '{"workers":{}}', LONG)
    storage.pools.command("pool", "restart")
    storage.batches.begin("batch", [an_entry(QUEUE), an_entry(QUEUE)], an_entry(QUEUE))
    storage.queues.pause("paused")
    storage.stats.increment("mails", 3)
    for number, (last_job, due) in enumerate((("waiting", LONG_AGO), ("", None))):
        entry = Recurrence(f"tick{number}", b'{"every":"1d","class":"A","queue":"q"}', "1", due, last_job)
        storage.recurring.put(entry, "")
    _leave_half_done(storage.connection, namespace)


def _leave_half_done(database: Database[Document], namespace: str) -> None:
    """What processes leave that die in the middle of a tick, of a requeue, of folding; and limits."""
    jobs, ns = database["resque_jobs"], {"ns": namespace}
    failed = jobs.find_one({**ns, "state": "failed", "uncounted": {"$exists": False}}) or {}
    requeued = {"live": True, "seq": Timestamp(1, 1), "head": Timestamp(1, 1), "enqueued_at": LONG_AGO}
    jobs.insert_one(
        failed | requeued | {"_id": ObjectId(), "id": "requeued", "state": "waiting", "rescues": 0}
        | {"history": failed["failure"], "requeued_at": LONG_AGO, "worker": "w", "token": "t"}
    )  # fmt: skip
    staged = {
        "_id": ObjectId(),
        "state": "staged",
        "id": "tick",
        "queue": QUEUE,
        "payload": b"{}",
        "rescues": 0,
    }
    of = {"recurrence": "tick1", "revision": "2", "seen": "1"}
    jobs.insert_one(ns | staged | of | {"claim": {"key": "f", "until": "expiry", "seconds": 600.0}})
    database["resque_recurring"].update_one(
        {**ns, "name": "tick1"}, {"$set": {"firing": staged["_id"], "revision": "2"}}
    )
    jobs.update_one({**ns, "state": "running"}, {"$set": {"limit_key": "k", "limit_slot": 0}})
    jobs.update_one({**ns, "state": "delayed"}, {"$set": {"limit_line": "k"}})
    count = {"name": "mails", "day": 0, "minute": 0, "by": 1}
    settled = {"stamp": Timestamp(1, 1), "token": "t"}
    member = {"id": "lapsed", "settled": settled, "processed": 1, "failed": 0}
    note = {"stamps": [Timestamp(1, 1)], "counts": [count], "workers": [member]}
    database["resque_ledger"].update_one(ns, {"$set": {"note": note}, "$inc": {"version": 1}})


def spoil(database: Database[Document], namespace: str) -> int:
    """Store copies of documents of every kind, each with one field that is wrong; how many are there then."""
    for layout in ALL:
        collection = database[layout.name]
        found = list(collection.find({"ns": namespace}))
        kinds = {(it.get("state"), field): it for it in found for field in fields_of(it)}
        copies = [
            _renamed(with_field(document, field, value))
            for (_, field), document in kinds.items()
            # A few will do within another document.
            for value in (WRONG[:2] if "." in field else WRONG)
        ]
        # One document of a name: of several that are wrong in it one is there.
        with suppress(BulkWriteError):
            if copies:
                collection.insert_many(copies, ordered=False)
    return sum(database[layout.name].count_documents({"ns": namespace}) for layout in ALL)


def fields_of(document: Document, within: str = "") -> Iterator[str]:
    """The paths of all fields of a document, those of documents in it and in its lists too."""
    for name, value in document.items():
        if within or name not in _OURS:
            yield f"{within}{name}"
        inner = value if isinstance(value, dict) else {}
        if isinstance(value, list):
            inner = {str(place): it for place, it in enumerate(value) if isinstance(it, dict)}
        if name != "_id":
            yield from fields_of(inner, f"{within}{name}.")


def with_field(document: Document, path: str, value: Any) -> Document:
    """A copy of the document whose field at this path has another value, or is not there."""
    copy = deepcopy(document)
    *way, last = path.split(".")
    place: Any = copy
    for step in way:
        place = place[int(step)] if isinstance(place, list) else place[step]
    if isinstance(place, list):
        place[int(last)] = None if value is MISSING else value
    elif value is MISSING:
        place.pop(last, None)
    else:
        place[last] = value
    return copy


def _renamed(document: Document) -> Document:
    """Another document of its kind: with another id, and other names, where they are texts."""
    number = next(_numbers)
    for name in _NAMES:
        if isinstance(document.get(name), str) and document[name] != "x":
            document[name] += f"-{number}"
    failure = document.get("failure")
    if isinstance(failure, dict) and isinstance(failure.get("id"), str):
        failure["id"] += f"-{number}"
    return document | {"_id": ObjectId()}


def _jobs(storage: Storage) -> None:
    claims = [Claim("a", "start"), Claim("b", "done"), Claim("c", "expiry", 600.0)]
    storage.jobs.enqueue_unique([an_entry(QUEUE) for _ in claims], claims)
    storage.jobs.enqueue([Entry("waiting", QUEUE, b'{"class":"A","args":[]}')], at_front=True)
    storage.jobs.enqueue([Entry("delayed", QUEUE, b'{"class":"A","args":[]}')], run_at=LATER)
    for worker in (join(storage), "lapsed"):
        storage.workers.register(a_worker(id=worker), LONG)
        storage.jobs.enqueue([an_entry(QUEUE)], at_front=True)
        held = storage.jobs.reserve([QUEUE], worker, "token")
        assert isinstance(held, Reservation)
        storage.records.open({held.entry.id: Note(b'{"name":"A"}', b"{}", b"", 600.0)})
    let_lapse(storage, "lapsed")
    _bundle(storage)
    # A claim that outlives its job, counted and not counted.
    for key in ("d", "e"):
        entry = an_entry(f"{QUEUE}-{key}")
        storage.jobs.enqueue_unique([entry], [Claim(key, "expiry", 600.0)])
        worker = join(storage)
        done = storage.jobs.reserve([entry.queue], worker, "token")
        assert isinstance(done, Reservation)
        storage.jobs.complete(done, Sequel(note=Note(b"{}", b"{}", b'{"outcome":"done"}', 600.0)))
        if key == "d":
            storage.workers.beat(worker, LONG)


def _bundle(storage: Storage) -> None:
    """Jobs that came along with another, and one that did and is done."""
    storage.jobs.enqueue([an_entry(f"{QUEUE}-bundle") for _ in range(5)])
    worker = join(storage)
    held = storage.jobs.reserve([f"{QUEUE}-bundle"], worker, "token", most=2)
    assert isinstance(held, Reservation)
    done = [Spell(entry.id, 0.0, 0.1) for entry in (held.entry, *held.bundle)]
    storage.jobs.complete_and_reserve(held, [f"{QUEUE}-bundle"], "next", spells=done, most=3)


def _failures(storage: Storage) -> None:
    bury(storage, an_entry(QUEUE))
    kept = bury(storage, an_entry(QUEUE))
    storage.failures.requeue({kept.id: None}, keep=True)
    storage.workers.beat(join(storage), LONG)
    # Not counted yet.
    held = hold(storage, an_entry(QUEUE))
    storage.jobs.fail(held, a_failure(held))
