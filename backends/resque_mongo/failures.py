"""The failed store: newest first, addressed by failure id. A failure is its job's own document."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from bson import MaxKey, ObjectId
from pymongo import ASCENDING, DESCENDING, ReturnDocument
from pymongo.errors import DuplicateKeyError

from resque_core.claim import Claim
from resque_core.failure import EVERY_FAILURE, Failure, FailureFilter, host_of
from resque_core.keeping import TRIMMED_AT_ONCE, Keeping
from resque_core.leafing import leaf_through
from resque_mongo import ledger, uniques
from resque_mongo.connection import Connection
from resque_mongo.emptying import Listing, by_id, delete_all
from resque_mongo.fields import as_seen, is_stamp, read_document, read_moment
from resque_mongo.folding import COUNTED, UNCOUNTED
from resque_mongo.histories import keep_history
from resque_mongo.paging import window
from resque_mongo.queues import know
from resque_mongo.receipts import failure_of, last_part
from resque_mongo.session import Document, Session
from resque_mongo.texts import shown, stored

#: Before any retry.
_EVER = datetime(1970, 1, 1, tzinfo=UTC)
_NEWEST_FIRST = [("failure.order", DESCENDING)]
_OLDEST_FIRST = [("failure.order", ASCENDING)]
_RETRIED: Document = {"retried_at": {"$gte": _EVER}}
_UNRETRIED: Document = {"retried_at": {"$not": {"$gte": _EVER}}}
_WITHOUT_ID = as_seen("failure.id", None)
#: A failed job that the counters do not know yet stays as the receipt of its end.
_ONLY_A_RECEIPT = {
    "$set": {"state": "done"},
    "$unset": {"failure": True, "payload": True, "retried_at": True},
}


class MongoFailures:
    """`Failures` on MongoDB."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    @property
    def indexed(self) -> bool:
        """Yes."""
        return True

    def peek(self, start: int = 0, count: int = 1, which: FailureFilter = EVERY_FAILURE) -> Sequence[Failure]:
        """Up to `count` matching failures from index `start`, newest first."""
        skip, limit = window(start, count)
        if not limit:
            return []
        with self._connection.calling() as session:
            found = session.jobs.find(meant(session, which), sort=_NEWEST_FIRST, skip=skip, limit=limit)
            return [failure_of(job) for job in found.hint(_index_for(which))]

    def count(self, which: FailureFilter = EVERY_FAILURE) -> int:
        """How many match."""
        with self._connection.calling() as session:
            return session.jobs.count_documents(meant(session, which), hint=_index_for(which))

    def get(self, failure_id: str, *, quick: bool = False) -> Failure | None:  # noqa: ARG002
        """The failure with this id: always quick."""
        with self._connection.calling() as session:
            job = session.jobs.find_one(_one(session, failure_id), sort=_NEWEST_FIRST)
            return failure_of(job) if job else None

    def each(self, which: FailureFilter = EVERY_FAILURE) -> Iterator[Failure]:
        """All that match, newest first, read some at a time."""
        return leaf_through(self, which)

    def requeue(
        self,
        claims: Mapping[str, Claim | None],
        *,
        queue: str | None = None,
        keep: bool = False,
        again: bool = False,
    ) -> Sequence[str]:
        """Append their jobs to a queue; the failures go, or stay marked with `keep`."""
        return [key for key in claims if self._requeue(key, queue, claims[key], keep=keep, again=again)]

    def remove(self, failure_ids: Sequence[str]) -> Sequence[str]:
        """Delete these; the ids of those that were there."""
        return [key for key in failure_ids if self._remove(key)]

    def clear(self, which: FailureFilter = EVERY_FAILURE) -> int:
        """Delete all that match, up to the newest of now, in steps; return how many."""
        in_order = Listing(_OLDEST_FIRST, _index_for(which), _newer)
        return delete_all(self._connection, partial(meant, which=which), in_order, _delete)

    def sort(self) -> int:
        """There is one collection, and no list that a failure could be moved to."""
        return 0

    def _requeue(
        self, failure_id: str, queue: str | None, claim: Claim | None, *, keep: bool, again: bool
    ) -> bool:
        with self._connection.calling() as session:
            one = _one(session, failure_id) | ({} if again else _UNRETRIED)
            while job := session.jobs.find_one(one, {"uncounted": True, "queue": True, "id": True}):
                if is_stamp(job.get("uncounted")):
                    # It is still the receipt of its end, which a new life would wipe out.
                    ledger.fold_all(session)
                    continue
                target = shown(job.get("queue")) if queue is None else queue
                moved = _move(session, one, job, target, claim, keep=keep)
                if moved is not None:
                    return moved
        return False

    def _remove(self, failure_id: str) -> bool:
        with self._connection.calling() as session:
            return _delete(session, _one(session, failure_id)) > 0


def meant(session: Session, which: FailureFilter) -> Document:
    """The filter of the failures that `which` means."""
    found: Document = {"ns": session.ns, "state": "failed"}
    if which.exception is not None:
        # A name without a dot can only be a last part, one with a dot only a full name.
        found["failure.kind"] = stored(last_part(which.exception))
        if "." in which.exception:
            found["failure.exception"] = stored(which.exception)
    if which.name is not None:
        found["failure.name"] = stored(which.name)
    if which.queue is not None:
        found["queue"] = stored(which.queue)
    if which.worker is not None:
        found |= _ran_by(which.worker)
    if window := _moments(which):
        found["failure.failed_at"] = window
    if which.retried is not None:
        found |= _RETRIED if which.retried else _UNRETRIED
    return found


def trim(session: Session, keeping: Keeping) -> None:
    """Delete what is more, or older, than is to be kept: from the old end, and not too many at once.

    Killed before it, the next failure that is kept sees to it.
    """
    if not keeping.trims:
        return
    every = meant(session, EVERY_FAILURE)
    excess = 0
    if keeping.most is not None:
        # No more than that go at once, so no more are counted.
        few, index = keeping.most + TRIMMED_AT_ONCE, _index_for(EVERY_FAILURE)
        excess = session.jobs.count_documents(every, limit=few, hint=index) - keeping.most
    limit = TRIMMED_AT_ONCE if keeping.age is not None else min(excess, TRIMMED_AT_ONCE)
    if limit > 0:
        oldest = session.jobs.find(every, {"failure.failed_at": True}, sort=_OLDEST_FIRST, limit=limit)
        gone = list(_too_much(session, list(oldest.hint(_index_for(EVERY_FAILURE))), excess, keeping.age))
        _delete(session, {**every, "_id": {"$in": gone}})


def _too_much(session: Session, oldest: list[Document], excess: int, age: float | None) -> Iterator[Any]:
    moment = session.now() - timedelta(seconds=age) if age is not None else _EVER
    for place, job in enumerate(oldest):
        if place >= excess and read_moment(read_document(job.get("failure")).get("failed_at")) >= moment:
            return
        yield job["_id"]


def _index_for(which: FailureFilter) -> str:
    """The index that finds these in the order of the list; by trial, a server would often take another."""
    chosen = (
        ("kind", which.exception),
        ("name", which.name),
        ("queue", which.queue),
        ("host", which.worker),
    )
    return next((f"failed_by_{field}" for field, value in chosen if value is not None), "failed")


def _one(session: Session, failure_id: str) -> Document:
    every, named = meant(session, EVERY_FAILURE), {"failure.id": stored(failure_id)}
    if ObjectId.is_valid(failure_id):
        # Or that of the document of a failure that has none.
        return {**every, "$or": [named, {"_id": ObjectId(failure_id), **_WITHOUT_ID}]}
    return {**every, **named}


def _ran_by(worker: str) -> Document:
    host = host_of(worker)
    by_id: Document = {} if host == worker else {"failure.worker": stored(worker)}
    return {"failure.host": stored(host), **by_id}


def _newer(job: Document) -> Document:
    """What is newer than this failure. Nothing, if another program has given it its place."""
    order = read_document(job.get("failure")).get("order")
    return {"failure.order": {"$gt": order if is_stamp(order) else MaxKey()}}


def _moments(which: FailureFilter) -> Mapping[str, datetime]:
    moments = {"$gte": which.since, "$lte": which.until}
    return {name: moment for name, moment in moments.items() if moment is not None}


def _delete(session: Session, which: Document) -> int:
    index = by_id(session) if "_id" in which else None
    # In this order: a failure becomes one that is counted, never the other way round.
    kept = session.jobs.update_many({**which, **UNCOUNTED}, _ONLY_A_RECEIPT, hint=index).modified_count
    return kept + session.jobs.delete_many({**which, **COUNTED}, hint=index).deleted_count


def _move(
    session: Session, one: Document, job: Document, queue: str, claim: Claim | None, *, keep: bool
) -> bool | None:
    """Let the failed job wait at the tail, in one update. None: it is not what it was a moment ago."""
    if claim and claim.until == "expiry":
        # Its own, or another's whose time is over, must not be in the way.
        uniques.holder(session, shown(job.get("id")), claim)
    held = uniques.fields_of(claim, session.now() if claim else None)
    gone = ["worker", "token", "retried_at", *([] if keep else ["failure"])]
    update: Document = {
        "$set": {"state": "waiting", "live": True, "queue": stored(queue), "rescues": 0, **held},
        "$currentDate": {"seq": {"$type": "timestamp"}, "enqueued_at": True},
        "$unset": dict.fromkeys(gone, True),
    }
    if keep:
        update["$rename"] = {"failure": "history"}
        update["$currentDate"]["requeued_at"] = True
    try:
        moved = session.jobs.find_one_and_update(
            {**one, "_id": job["_id"], **COUNTED}, update, return_document=ReturnDocument.AFTER
        )
    except DuplicateKeyError:
        return False  # A job of this id waits or runs, or another job holds the claim.
    if moved is None:
        return None
    know(session, [queue])
    if keep:
        keep_history(session, moved)
    return True
