"""Slots of limits: two fields of the document that runs, on which there is a unique index.

So a slot cannot outlive the reservation that took it, nor be taken twice. A job for which there is none is
delayed, with a field that says what it waits for.
"""

from pymongo import ASCENDING
from pymongo.errors import DuplicateKeyError

from resque_core.limit import Limit
from resque_mongo.fields import is_whole
from resque_mongo.queues import know, names_of
from resque_mongo.session import Document, Session
from resque_mongo.texts import Stored, stored

#: What a job loses when it is not held any more.
OVER_AT_END = ("limit_key", "limit_slot")
#: To the head of its queue, with the age that it had.
_TO_ITS_QUEUE: Document = {
    "$set": {"state": "waiting"},
    "$currentDate": {"head": {"$type": "timestamp"}, "seq": {"$type": "timestamp"}},
    "$unset": {"run_at": True, "limit_line": True},
}


def admit(session: Session, held: Document, limit: Limit, seconds: float) -> bool:
    """Give the job a slot, if one is free; else delay it. False, too, if it is not held any more."""
    key = stored(limit.key)
    if _take(session, held, key, limit.most):
        return True
    if _delay(session, held, key, seconds) and _free(session, held, key, limit.most):
        # Whoever gave a slot back meanwhile found nobody to wake.
        wake(session, limit.key)
    return False


def wake(session: Session, key: str) -> bool:
    """Let the first that waits for a slot wait at the head of its queue."""
    meant = {"ns": session.ns, "limit_line": stored(key), "state": "delayed"}
    job = session.jobs.find_one_and_update(
        meant, _TO_ITS_QUEUE, projection={"queue": True}, sort=[("run_at", ASCENDING)]
    )
    if job is not None:
        know(session, names_of([job], "queue"))
    return job is not None


def _take(session: Session, held: Document, key: Stored, most: int) -> bool:
    """Whether the job has a slot now. Each time that others are quicker there is one less to try."""
    for _ in range(most):
        free = _free(session, held, key, most)
        if not free:
            break
        slot: Document = {"limit_key": key, "limit_slot": free[hash(held["token"]) % len(free)]}
        try:
            return session.jobs.update_one(held, {"$set": slot}).matched_count == 1
        except DuplicateKeyError:
            continue
    return False


def _free(session: Session, held: Document, key: Stored, most: int) -> list[int]:
    """The numbers of the slots that no other job has."""
    meant = {"ns": session.ns, "limit_key": key, "limit_slot": {"$exists": True}}
    others = {**meant, "token": {"$ne": held["token"]}}
    found = [job.get("limit_slot") for job in session.jobs.find(others, {"limit_slot": True})]
    taken = set(filter(is_whole, found))
    return [number for number in range(most) if number not in taken]


def _delay(session: Session, held: Document, key: Stored, seconds: float) -> bool:
    update: list[Document] = [
        {
            "$set": {
                "state": "delayed",
                "run_at": {"$add": ["$$NOW", int(seconds * 1000)]},
                "limit_line": {"$literal": key},
            }
        },
        {"$unset": ["slot", "head", "worker", "token", "since", "reserved_at", *OVER_AT_END]},
    ]
    return session.jobs.update_one(held, update).matched_count == 1
