"""Jobs leave their batches: what is told before a settlement, what is done after it, and how a batch ends."""

from datetime import timedelta

from pymongo.errors import DuplicateKeyError

from resque_core.batch import KEPT_BATCH, lasting
from resque_core.sequel import Leaving
from resque_mongo.emptying import by_id
from resque_mongo.fields import read_seconds
from resque_mongo.queues import know
from resque_mongo.session import Document, Session
from resque_mongo.texts import shown, stored

#: How many members go in one step: each call of the server has its deadline.
FORGOTTEN_AT_ONCE = 20_000
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
    """Let the callback of a batch wait, and forget its jobs, if none is pending; all of it once.

    Of a huge one some jobs are forgotten now, and the others each time when it is looked at again.
    """
    members = {"ns": session.ns, "batch": stored(batch)}
    if session.members.find_one({**members, "pending": True}, {"_id": True}):
        return
    named = {"ns": session.ns, "id": stored(batch), "state": "open"}
    batch_of_them = session.batches.find_one(named, {"lasts": True, "failed": True})
    if batch_of_them is None:
        return
    if "failed" not in batch_of_them:
        _note_the_end(session, named, members)
    _call(session, members, read_seconds(batch_of_them.get("lasts")))
    if forget_members(session, members):
        session.batches.update_one(named, {"$set": {"state": "ended"}})


def forget_members(session: Session, members: Document) -> bool:
    """Delete some thousand of these; False if there may be more of them."""
    found = session.members.find(members, {"_id": True}, limit=FORGOTTEN_AT_ONCE)
    some = [it["_id"] for it in found.batch_size(FORGOTTEN_AT_ONCE + 1)]
    if some:
        session.members.delete_many({**members, "_id": {"$in": some}}, hint=by_id(session))
    return len(some) < FORGOTTEN_AT_ONCE


def _note_the_end(session: Session, named: Document, members: Document) -> None:
    """Once: afterwards not all members are there any more."""
    failed = session.members.count_documents({**members, "failed": True})
    ended = {"failed": failed, "kept_until": session.now() + timedelta(seconds=KEPT_BATCH)}
    session.batches.update_one({**named, "failed": {"$exists": False}}, {"$set": ended})


def _call(session: Session, members: Document, lasts: float) -> None:
    held = {**members, "state": "batch"}
    try:
        out = _out_for(session, held, lasts) if lasts else _OUT
        job = session.jobs.find_one_and_update(held, out, projection={"queue": True})
    except DuplicateKeyError:
        # A job with its id waits or runs: somebody enqueued it by hand.
        session.jobs.delete_one(held)
        return
    if job is not None:
        know(session, [shown(job.get("queue"))])


def _out_for(session: Session, held: Document, lasts: float) -> Document:
    """The same of a callback that is worth running for so many seconds from now on."""
    job = session.jobs.find_one(held, {"payload": True})
    if job is None:
        # Another one has let it out.
        return _OUT
    payload = lasting(bytes(job["payload"]), session.now() + timedelta(seconds=lasts))
    return {**_OUT, "$set": {**_OUT["$set"], "payload": payload}}


def _pending(session: Session, job: str, leaving: Leaving) -> Document:
    return {"ns": session.ns, "batch": stored(leaving.batch), "job": stored(job), "pending": True}
