"""Waiting jobs, by queue, and the pauses."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial

from pymongo import ASCENDING, DESCENDING, UpdateOne
from pymongo.errors import DuplicateKeyError

from resque_core.depths import Depths
from resque_core.job import Entry
from resque_core.records import QueueInfo
from resque_core.timing import Timings
from resque_mongo import depths, ledger, pauses, timings
from resque_mongo.connection import Connection
from resque_mongo.emptying import Listing, delete_all, delete_plainly
from resque_mongo.fields import is_name, is_stamp, read_bytes
from resque_mongo.indexes import JOBS, WAITING
from resque_mongo.paging import window
from resque_mongo.session import Document, Session
from resque_mongo.texts import shown, stored

#: From head to tail, as the index is sorted.
IN_ORDER = [("head", DESCENDING), ("seq", ASCENDING)]
_WINDOW = 1000


class MongoQueues:
    """`Queues` on MongoDB. A name is known by its document, and as long as a job waits under it."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def all(self) -> Sequence[QueueInfo]:
        """Every known queue, sorted by name."""
        with self._connection.calling() as session:
            sizes = _sizes(session)
            found = list(session.queues.find({"ns": session.ns}))
        known = names_of(it for it in found if it.get("known") is True)
        paused = names_of(it for it in found if it.get("paused") is True)
        return [QueueInfo(name, sizes.get(name, 0), name in paused) for name in sorted(known | sizes.keys())]

    def size(self, queue: str) -> int:
        """How many jobs wait on it."""
        with self._connection.calling() as session:
            return session.jobs.count_documents(_waiting(session, queue), hint=WAITING)

    def peek(self, queue: str, start: int = 0, count: int = 1) -> Sequence[Entry]:
        """Up to `count` waiting entries from index `start`, head first."""
        skip, limit = window(start, count)
        if not limit:
            return []
        with self._connection.calling() as session:
            found = session.jobs.find(_waiting(session, queue), sort=IN_ORDER, skip=skip, limit=limit)
            return [entry_of(job) for job in found.hint(WAITING)]

    def pop(self, queue: str) -> Entry | None:
        """Remove and return the head."""
        with self._connection.calling() as session:
            job = session.jobs.find_one_and_delete(_waiting(session, queue), sort=IN_ORDER, hint=WAITING)
            return entry_of(job) if job else None

    def dequeue(self, queue: str, matches: Callable[[bytes], bool]) -> int:
        """Delete each waiting entry whose payload matches; return how many.

        `matches` is the caller's code, so it runs between the calls; all that it chose and that still
        wait then go. A document's payload never changes, so its `_id` says enough.
        """
        deleted, after = 0, None
        while True:
            with self._connection.calling() as session:
                jobs = _window(session, queue, after)
            chosen = [job["_id"] for job in jobs if matches(read_bytes(job.get("payload")))]
            if chosen:
                with self._connection.calling() as session:
                    meant = {**_waiting(session, queue), "_id": {"$in": chosen}}
                    deleted += delete_plainly(session, meant)
            if len(jobs) < _WINDOW:
                return deleted
            after = jobs[-1]

    def move(self, queue: str, to: str, ids: Sequence[str]) -> int:
        """Let these jobs wait at the tail of another queue, each in one update; return how many did."""
        if queue == to or not ids:
            return 0
        with self._connection.calling() as session:
            waiting = _waiting(session, queue)
            named = {**waiting, "live": True, "id": {"$in": list(map(stored, ids))}}
            found = session.jobs.find(named, {"_id": True}, sort=IN_ORDER).hint("live")
            moved = _move(session, [{**waiting, "_id": job["_id"]} for job in found], to)
            # Until now it is known by its jobs.
            know(session, [to] if moved else [])
            return moved

    def clear(self, queue: str) -> int:
        """Delete every entry up to the tail of now, in steps; the queue stays known."""
        in_order = Listing(IN_ORDER, WAITING, _behind)
        return delete_all(self._connection, partial(_waiting, queue=queue), in_order)

    def remove(self, queue: str) -> int:
        """Delete every entry as `clear` does, then the queue's pause, its histograms and its name.

        In this order: half removed, a queue still is paused, and known, until somebody removes it again.
        """
        deleted = self.clear(queue)
        with self._connection.calling() as session:
            timings.forget(session, queue)
            session.queues.delete_one(_named(session, queue))
        return deleted

    def pause(self, queue: str) -> None:
        """Let nobody reserve from this queue, or from any with `ALL_QUEUES`, from when this returns."""
        with self._connection.calling() as session:
            _mark(session, queue, "paused")
        pauses.wait_for_others()

    def resume(self, queue: str) -> None:
        """Undo the pause of this name."""
        with self._connection.calling() as session:
            session.queues.update_one(_named(session, queue), {"$unset": {"paused": True}})

    def paused(self) -> frozenset[str]:
        """Every name that is paused."""
        with self._connection.calling() as session:
            found = session.queues.find({"ns": session.ns, "paused": True}, {"name": True})
            return names_of(found)

    def latencies(self, queues: Sequence[str]) -> Mapping[str, float]:
        """Seconds that the oldest waiting job of each has waited."""
        found = dict.fromkeys(queues, 0.0)
        with self._connection.calling() as session:
            ages = session.jobs.aggregate(_ages(session, queues), hint=WAITING) if queues else ()
            return found | {shown(it["_id"]): max(0.0, float(it["age"]) / 1000) for it in ages}

    def timings(self, queues: Sequence[str]) -> Mapping[str, Timings]:
        """How long the jobs of these queues waited and took."""
        with self._connection.calling() as session:
            return ledger.consistently(
                session, lambda: timings.read(session, queues, ledger.pending(session))
            )

    def sample(self) -> float:
        """Note how many jobs wait on the queues, once a minute."""
        with self._connection.calling() as session:
            return depths.note(session, self.all)

    def samples(self, count: int) -> Sequence[Depths]:
        """What was noted in the last `count` minutes, oldest first."""
        with self._connection.calling() as session:
            return depths.read(session, count)


def entry_of(job: Document) -> Entry:
    """The entry in a job's document. A job without an id goes by its document's."""
    found = shown(job.get("id")) or shown(job["_id"])
    return Entry(found, shown(job.get("queue")), read_bytes(job.get("payload")))


def names_of(found: Iterable[Document], field: str = "name") -> frozenset[str]:
    """The names that these documents have."""
    return frozenset(shown(it[field]) for it in found if is_name(it.get(field)))


def know(session: Session, names: Iterable[str]) -> None:
    """Make the queues known."""
    for name in names:
        _mark(session, name, "known")


def _mark(session: Session, name: str, field: str) -> None:
    try:
        session.queues.update_one(_named(session, name), {"$set": {field: True}}, upsert=True)
    except DuplicateKeyError:
        # Somebody else has made the document in this very moment.
        session.queues.update_one(_named(session, name), {"$set": {field: True}})


def _named(session: Session, queue: str) -> Document:
    return {"ns": session.ns, "name": stored(queue)}


def _waiting(session: Session, queue: str) -> Document:
    return {"ns": session.ns, "state": "waiting", "queue": stored(queue)}


def _sizes(session: Session) -> dict[str, int]:
    """How many jobs wait where, for the queues where any do; from the index alone."""
    waiting = {"$match": {"ns": session.ns, "state": "waiting"}}
    by_queue = {"$group": {"_id": "$queue", "size": {"$sum": 1}}}
    found = session.jobs.aggregate([waiting, by_queue], hint=WAITING)
    return {shown(it["_id"]): it["size"] for it in found if is_name(it["_id"])}


def _move(session: Session, which: Sequence[Document], to: str) -> int:
    update = {
        "$set": {"queue": stored(to)},
        "$currentDate": {"seq": {"$type": "timestamp"}, "enqueued_at": True},
        "$unset": {"head": True},
    }
    if session.double or not which:
        return sum(session.jobs.update_one(one, update).modified_count for one in which)
    return session.jobs.bulk_write([UpdateOne(one, update) for one in which]).modified_count


def _window(session: Session, queue: str, after: Document | None) -> list[Document]:
    """The next entries, a window at a time: a queue may be longer than memory is."""
    place = {} if after is None else _behind(after)
    found = session.jobs.find({**_waiting(session, queue), **place}, sort=IN_ORDER, limit=_WINDOW)
    return list(found.hint(WAITING))


def _behind(job: Document) -> Document:
    """What waits behind this job: behind one with a time at the head also all that have none."""
    head, seq = job.get("head"), job.get("seq")
    if not is_stamp(seq) or not (head is None or is_stamp(head)):
        return {"$expr": _behind_another(head, seq)}
    same = {"head": head, "seq": {"$gt": seq}}
    return {"$or": [same] if head is None else [same, {"head": {"$lt": head}}, {"head": None}]}


def _behind_another(head: object, seq: object) -> Document:
    """The same if others gave it its place: expressions compare any types, in the order of the index."""
    this_head, this_seq = ({"$ifNull": [field, None]} for field in ("$head", "$seq"))
    same = {"$and": [{"$eq": [this_head, {"$literal": head}]}, {"$gt": [this_seq, {"$literal": seq}]}]}
    return {"$or": [same, {"$lt": [this_head, {"$literal": head}]}]}


def _ages(session: Session, queues: Sequence[str]) -> list[Document]:
    """How long the oldest of each has waited. Of those at the head all are looked at; else the first."""
    looks = [look for queue in dict.fromkeys(queues) for look in _looks(_waiting(session, queue))]
    return [
        *looks[0],
        *({"$unionWith": {"coll": JOBS.name, "pipeline": look}} for look in looks[1:]),
        {"$match": {"enqueued_at": {"$type": "date"}}},
        {"$group": {"_id": "$queue", "since": {"$min": "$enqueued_at"}}},
        {"$project": {"age": {"$subtract": ["$$NOW", "$since"]}}},
    ]


def _looks(waiting: Document) -> tuple[list[Document], list[Document]]:
    first: list[Document] = [
        {"$match": {**waiting, "head": None}},
        {"$sort": {"seq": ASCENDING}},
        {"$limit": 1},
    ]
    return first, [{"$match": {**waiting, "head": {"$type": "timestamp"}}}]
