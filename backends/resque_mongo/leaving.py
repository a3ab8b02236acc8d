"""Jobs leave their batches: what is told before a settlement, what is done after it, and how a batch ends."""

from datetime import timedelta

from pymongo.errors import DuplicateKeyError

from resque_core.batch import KEPT_BATCH
from resque_core.sequel import Leaving
from resque_mongo.queues import know
from resque_mongo.session import Document, Session
from resque_mongo.texts import shown, stored

#: The callback waits on its queue, and has not been there before.
_OUT: Document = {
    "$set": {"state": "waiting", "live": True},
    "$currentDate": {"seq": {"$type": "timestamp"}, "enqueued_at": True},
    "$unset": {"batch": True},
}


def announce(session: Session, job: str, leaving: Leaving) -> None:
    """Note how the job will have ended, once it is settled."""
    session.members.update_one(_pending(session, job, leaving), {"$set": {"failed": leaving.failed}})


def leave(session: Session, job: str, leaving: Leaving) -> None:
    """Let a job that is settled leave its batch; as the last one, it ends that."""
    update = {"$set": {"left": True}, "$unset": {"pending": True}}
    if session.members.update_one(_pending(session, job, leaving), update).matched_count:
        end_if_over(session, leaving.batch)


def end_if_over(session: Session, batch: str) -> None:
    """Let the callback of a batch wait, and forget its jobs, if none is pending; all of it once."""
    members = {"ns": session.ns, "batch": stored(batch)}
    if session.members.find_one({**members, "pending": True}, {"_id": True}):
        return
    named = {"ns": session.ns, "id": stored(batch), "state": "open"}
    if session.batches.find_one(named, {"_id": True}) is None:
        return
    failed = session.members.count_documents({**members, "failed": True})
    ended = {"failed": failed, "kept_until": session.now() + timedelta(seconds=KEPT_BATCH)}
    session.batches.update_one({**named, "failed": {"$exists": False}}, {"$set": ended})
    _call(session, members)
    session.members.delete_many(members)
    session.batches.update_one(named, {"$set": {"state": "ended"}})


def _call(session: Session, members: Document) -> None:
    held = {**members, "state": "batch"}
    try:
        job = session.jobs.find_one_and_update(held, _OUT, projection={"queue": True})
    except DuplicateKeyError:
        # A job with its id waits or runs: somebody enqueued it by hand.
        session.jobs.delete_one(held)
        return
    if job is not None:
        know(session, [shown(job.get("queue"))])


def _pending(session: Session, job: str, leaving: Leaving) -> Document:
    return {"ns": session.ns, "batch": stored(leaving.batch), "job": stored(job), "pending": True}
