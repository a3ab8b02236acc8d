"""Jobs that wait for their time. A delayed job is a document of `jobs` in a state of its own."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta

from pymongo import ASCENDING, UpdateOne

from resque_core.job import Entry
from resque_core.records import Delayed, Promotion, When
from resque_mongo.connection import Connection
from resque_mongo.emptying import Listing, delete_all
from resque_mongo.fields import read_moment
from resque_mongo.indexes import DELAYED
from resque_mongo.paging import window
from resque_mongo.queues import entry_of, know, names_of
from resque_mongo.session import Document, Session
from resque_mongo.texts import shown, stored

#: From the earliest on, as the index is sorted.
_IN_ORDER = [("run_at", ASCENDING), ("_id", ASCENDING)]
_WINDOW = 1000
#: To the tail of its queue. Its age there begins now.
_TO_ITS_QUEUE: Document = {
    "$set": {"state": "waiting"},
    "$currentDate": {"seq": {"$type": "timestamp"}, "enqueued_at": True},
    "$unset": {"run_at": True, "limit_line": True, "retrying": True},
}


class MongoSchedule:
    """`Schedule` on MongoDB."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def promote(self, limit: int = 500) -> Promotion:
        """Let up to `limit` delayed jobs that are due wait at the tails of their queues.

        Five round trips at most, however many move, and one more for each queue that was not known.
        """
        with self._connection.calling() as session:
            left = _left(session)
            if left is None or left > 0 or limit < 1:
                return Promotion(0, left)
            count = _promote(session, _due(session, limit))
            return Promotion(count, 0.0 if count == limit else _left(session))

    def promote_now(self, ids: Sequence[str]) -> int:
        """Let these delayed jobs wait now, in this order."""
        with self._connection.calling() as session:
            found = session.jobs.find(_named(session, ids), {"id": True, "queue": True})
            by_id = {shown(job["id"]): job for job in found}
            return _promote(session, [by_id[job] for job in dict.fromkeys(ids) if job in by_id])

    def size(self) -> int:
        """How many jobs are delayed."""
        with self._connection.calling() as session:
            return session.jobs.count_documents(_all(session), hint=DELAYED)

    def overdue(self) -> int:
        """How many of them are due."""
        with self._connection.calling() as session:
            return session.jobs.count_documents({**_all(session), **_over(session)}, hint=DELAYED)

    def retrying(self) -> int:
        """How many of them wait for another attempt."""
        with self._connection.calling() as session:
            meant = {"ns": session.ns, "state": "delayed", "retrying": True}
            return session.jobs.count_documents(meant, hint="retrying")

    def peek(self, start: int = 0, count: int = 1) -> Sequence[Delayed]:
        """Up to `count` delayed jobs from index `start`, earliest first."""
        skip, limit = window(start, count)
        if not limit:
            return []
        with self._connection.calling() as session:
            found = session.jobs.find(_all(session), sort=_IN_ORDER, skip=skip, limit=limit)
            return [_delayed(job) for job in found.hint(DELAYED)]

    def get(self, job_id: str) -> Delayed | None:
        """The delayed job with this id."""
        with self._connection.calling() as session:
            job = session.jobs.find_one(_named(session, [job_id]))
            return _delayed(job) if job else None

    def find(self, matches: Callable[[Entry], bool]) -> Sequence[Delayed]:
        """Every delayed job that matches, earliest first.

        `matches` is the caller's code, so it runs between the calls.
        """
        return [delayed for delayed in self._each() if matches(delayed.entry)]

    def remove(self, ids: Sequence[str]) -> int:
        """Delete these delayed jobs."""
        with self._connection.calling() as session:
            return session.jobs.delete_many(_named(session, ids)).deleted_count

    def clear(self) -> int:
        """Delete every delayed job up to the latest of now, in steps."""
        return delete_all(self._connection, _all, Listing(_IN_ORDER, DELAYED, _behind))

    def _each(self) -> Iterator[Delayed]:
        """All of them, a window at a time: there may be more than memory has room for."""
        behind: Document = {}
        while True:
            with self._connection.calling() as session:
                meant = {**_all(session), **behind}
                jobs = list(session.jobs.find(meant, sort=_IN_ORDER, limit=_WINDOW).hint(DELAYED))
            yield from map(_delayed, jobs)
            if len(jobs) < _WINDOW:
                return
            behind = _behind(jobs[-1])


def due(run_at: When, now: datetime) -> datetime:
    """The moment that is meant."""
    return now + run_at if isinstance(run_at, timedelta) else run_at


def _promote(session: Session, jobs: Sequence[Document]) -> int:
    """Let these jobs wait that are still delayed, in their order: each in one update, all in one command."""
    if not jobs:
        return 0
    count = _move(session, [{"_id": job["_id"], "state": "delayed"} for job in jobs])
    # Unknown, a queue is found by its job; afterwards it would not be.
    queues = names_of(jobs, "queue")
    named = {"ns": session.ns, "name": {"$in": list(map(stored, queues))}, "known": True}
    know(session, queues - names_of(session.queues.find(named, {"name": True})))
    return count


def _move(session: Session, which: Sequence[Document]) -> int:
    if session.double:
        return sum(session.jobs.update_one(one, _TO_ITS_QUEUE).modified_count for one in which)
    return session.jobs.bulk_write([UpdateOne(one, _TO_ITS_QUEUE) for one in which]).modified_count


def _due(session: Session, limit: int) -> list[Document]:
    meant = {**_all(session), **_over(session)}
    due = session.jobs.find(meant, {"queue": True}, sort=_IN_ORDER, limit=limit)
    # All in one answer: a server's first one would have a hundred.
    return list(due.hint(DELAYED).batch_size(limit + 1))


def _over(session: Session) -> Document:
    if session.double:
        return {"run_at": {"$lte": session.now()}}
    return {"$expr": {"$lte": ["$run_at", "$$NOW"]}}


def _left(session: Session) -> float | None:
    """Seconds until the earliest is due, 0.0 if it is; None if there is none."""
    earliest = session.jobs.find(_all(session), {"run_at": True, **session.with_now}, sort=_IN_ORDER, limit=1)
    for job in earliest.hint(DELAYED):
        now: datetime = job["now"] if session.with_now else session.now()
        left = read_moment(job.get("run_at")) - now
        return max(0.0, left.total_seconds())
    return None


def _all(session: Session) -> Document:
    return {"ns": session.ns, "state": "delayed"}


def _named(session: Session, ids: Sequence[str]) -> Document:
    return {"ns": session.ns, "id": {"$in": [stored(job) for job in ids]}, "live": True, "state": "delayed"}


def _delayed(job: Document) -> Delayed:
    return Delayed(entry_of(job), read_moment(job.get("run_at")))


def _behind(job: Document) -> Document:
    """What is due behind this job."""
    run_at = job.get("run_at")
    if not isinstance(run_at, datetime):
        # Others have put it there: expressions compare any types, in the order of the index.
        this, that = {"$ifNull": ["$run_at", None]}, {"$literal": run_at}
        later_in_store = {"$and": [{"$eq": [this, that]}, {"$gt": ["$_id", {"$literal": job["_id"]}]}]}
        return {"$expr": {"$or": [{"$gt": [this, that]}, later_in_store]}}
    return {"$or": [{"run_at": run_at, "_id": {"$gt": job["_id"]}}, {"run_at": {"$gt": run_at}}]}
