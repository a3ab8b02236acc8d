"""Jobs that were enqueued together, one document for each in `members`, and one for the batch.

The job that waits for their end is a document of `jobs` from the beginning, in the state `batch`, which
nobody sees: to let it out is one update, so it happens once. A job of a batch is two documents, so it leaves
in two steps. Before its settlement, its member notes how it will have ended; after it, the member is pending
no more. Whoever dies in between leaves a member whose job is nowhere: `mend` finishes that, as with deleted
jobs.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta
from typing import Any

from pymongo import ASCENDING, DESCENDING
from pymongo.errors import BulkWriteError

from resque_core.batch import Batch
from resque_core.job import Entry
from resque_core.sequel import Leaving
from resque_core.storage import NO_CURSOR, Cursor
from resque_mongo.connection import Connection
from resque_mongo.fields import read_moment, read_moment_if_any, read_number
from resque_mongo.leaving import end_if_over, forget_members, leave
from resque_mongo.paging import window
from resque_mongo.session import Document, Session
from resque_mongo.storing import DUPLICATE_KEY, first_of_each_id, store
from resque_mongo.texts import shown, stored

#: How long a batch may take to begin before it is taken for one whose program died meanwhile.
_BEGINNING = timedelta(days=1)
#: How many jobs are stored in one call.
_AT_ONCE = 5000
_LATEST = [("since", DESCENDING), ("_id", DESCENDING)]
_BEGUN: Document = {"state": {"$ne": "beginning"}}
#: What names a batch or a job, whatever else other programs have put there.
_TEXT: Document = {"$type": ["string", "binData"]}


class MongoBatches:
    """`Batches` on MongoDB."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def begin(self, batch: str, entries: Sequence[Entry], callback: Entry | None, lasts: float = 0.0) -> None:
        """Note the batch, its jobs and the callback; enqueue the jobs; then let it end."""
        if not self._note(batch, {"total": len(entries), "lasts": lasts}, callback):
            return
        for part in _parts(entries):
            with self._connection.calling() as session:
                _note_members(session, batch, part)
        for part in _parts(first_of_each_id(entries)):
            with self._connection.calling() as session:
                store(session, part, {}, at_front=False)
        with self._connection.calling() as session:
            beginning = {"ns": session.ns, "id": stored(batch), "state": "beginning"}
            session.batches.update_one(beginning, {"$set": {"state": "open"}})
            end_if_over(session, batch)

    def _note(self, batch: str, said: Document, callback: Entry | None) -> bool:
        """Keep the batch, and the job that waits for it. False: it was begun before."""
        with self._connection.calling() as session:
            named = {"ns": session.ns, "id": stored(batch)}
            if session.batches.find_one({**named, **_BEGUN}, {"_id": True}):
                return False
            fields = {**said, "callback": stored(callback.id if callback else "")}
            beginning = {**fields, "state": "beginning", "since": session.now()}
            session.batches.update_one(named, {"$setOnInsert": beginning}, upsert=True)
            if callback:
                _keep(session, batch, callback)
            return True

    def read(self, batch: str) -> Batch | None:
        """How many there were, are left, and failed."""
        with self._connection.calling() as session:
            members = {"ns": session.ns, "batch": stored(batch)}
            pending = session.members.count_documents({**members, "pending": True})
            failed = session.members.count_documents({**members, "failed": True, "left": True})
            # After its jobs: these are forgotten once it says how many failed.
            found = session.batches.find_one({"ns": session.ns, "id": stored(batch), **_BEGUN})
            if found is None or _is_forgotten(session, found):
                return None
            ended = read_number(found.get("failed", failed))
            return Batch(batch, read_number(found.get("total")), pending, ended, shown(found.get("callback")))

    def count(self) -> int:
        """How many there are."""
        with self._connection.calling() as session:
            return session.batches.count_documents(_known(session))

    def all(self, start: int = 0, count: int = 1) -> Sequence[Batch]:
        """Up to `count` of them, the one begun last first. Their jobs are counted in two calls for all."""
        skip, limit = window(start, count)
        if not limit:
            return []
        with self._connection.calling() as session:
            found = list(session.batches.find(_known(session), sort=_LATEST, skip=skip, limit=limit))
            names = [it["id"] for it in found]
            pending = _counted(session, names, {"pending": True})
            failed = _counted(session, names, {"failed": True, "left": True})
        return [
            Batch(
                shown(it["id"]),
                read_number(it.get("total")),
                pending.get(it["id"], 0),
                read_number(it.get("failed", failed.get(it["id"], 0))),
                shown(it.get("callback")),
            )
            for it in found
        ]

    def mend(self, after: Cursor = NO_CURSOR, limit: int = 1000) -> Cursor:
        """Let those leave that are nowhere any more, and end what is over."""
        with self._connection.calling() as session:
            if after == NO_CURSOR and not _tidy(session):
                return NO_CURSOR
            meant = {"ns": session.ns, "pending": True, "batch": _TEXT, "job": _TEXT, **_behind(after)}
            order = [("batch", ASCENDING), ("job", ASCENDING)]
            members = list(session.members.find(meant, sort=order, limit=limit).hint("pending"))
            live = _live(session, [member["job"] for member in members])
            for member in members:
                if member["job"] not in live:
                    leave(session, shown(member["job"]), Leaving(shown(member["batch"])))
            if len(members) < limit:
                return NO_CURSOR
            return shown(members[-1]["batch"]), shown(members[-1]["job"])


def _parts(entries: Sequence[Entry]) -> Iterator[Sequence[Entry]]:
    """Some thousand at a time: each call of the server has its deadline."""
    for first in range(0, len(entries), _AT_ONCE):
        yield entries[first : first + _AT_ONCE]


def _keep(session: Session, batch: str, callback: Entry) -> None:
    held = {"ns": session.ns, "state": "batch", "batch": stored(batch)}
    job = {
        "id": stored(callback.id),
        "queue": stored(callback.queue),
        "payload": callback.payload,
        "rescues": 0,
    }
    session.jobs.update_one(held, {"$setOnInsert": job}, upsert=True)


def _note_members(session: Session, batch: str, entries: Iterable[Entry]) -> None:
    pending = {"ns": session.ns, "batch": stored(batch), "pending": True}
    members = [{**pending, "job": stored(entry.id)} for entry in entries]
    try:
        if members:
            session.members.insert_many(members, ordered=False)
    except BulkWriteError as error:
        # A duplicate key: this was begun before, by a call whose reply was lost.
        if any(it["code"] != DUPLICATE_KEY for it in error.details["writeErrors"]):
            raise


def _is_forgotten(session: Session, batch: Document) -> bool:
    return "kept_until" in batch and read_moment(batch["kept_until"]) <= session.now()


def _known(session: Session) -> Document:
    """Those that `read` knows."""
    kept = {"$or": [{"kept_until": {"$exists": False}}, {"kept_until": {"$gt": session.now()}}]}
    return {"ns": session.ns, "id": _TEXT, **_BEGUN, **kept}


def _counted(session: Session, batches: Sequence[Any], which: Document) -> dict[Any, int]:
    """How many jobs of each of these batches are such."""
    meant = {"$match": {"ns": session.ns, "batch": {"$in": list(batches)}, **which}}
    found = session.members.aggregate([meant, {"$group": {"_id": "$batch", "count": {"$sum": 1}}}])
    return {it["_id"]: it["count"] for it in found}


def _behind(after: Cursor) -> Document:
    if after == NO_CURSOR:
        return {}
    batch, job = map(stored, after)
    return {"$or": [{"batch": batch, "job": {"$gt": job}}, {"batch": {"$gt": batch}}]}


def _live(session: Session, jobs: Sequence[object]) -> set[object]:
    """Which of the jobs wait, are delayed, or run."""
    meant = {"ns": session.ns, "id": {"$in": list(jobs)}, "live": True}
    return {job["id"] for job in session.jobs.find(meant, {"id": True})} if jobs else set()


def _tidy(session: Session) -> bool:
    """End the batches that are over and were not ended, drop those that never began; were there any?"""
    any_left = False
    meant = {"ns": session.ns, "state": {"$in": ["open", "beginning"]}, "id": _TEXT}
    for batch in session.batches.find(meant, {"id": True, "state": True, "since": True}):
        any_left = True
        if batch["state"] == "open":
            end_if_over(session, shown(batch["id"]))
        elif _never_began(session, batch):
            _drop(session, batch)
    return any_left


def _never_began(session: Session, batch: Document) -> bool:
    since = read_moment_if_any(batch.get("since"))
    return since is not None and since < session.now() - _BEGINNING


def _drop(session: Session, batch: Document) -> None:
    of_it = {"ns": session.ns, "batch": batch["id"]}
    if forget_members(session, of_it):
        session.jobs.delete_many({**of_it, "state": "batch"})
        session.batches.delete_one({"_id": batch["_id"]})
