"""Failures that are kept when their job is requeued.

The failed job's own document becomes the waiting job, in one update, and carries the failure with it
as `history`. Then that gets a document of its own. Who dies in between leaves the job in one place,
and the history with it; the next beat of any worker goes on.
"""

from contextlib import suppress

from pymongo.errors import DuplicateKeyError

from resque_mongo.fields import is_stamp, read_document
from resque_mongo.session import Document, Session

#: A job that still carries the failure that is to be kept.
HALF_DONE: Document = {"history.id": {"$exists": True}, "payload": {"$exists": True}}


def keep_history(session: Session, job: Document) -> None:
    """Give the failure that this job carries a document of its own. Doing it twice does nothing more.

    What another program put there, and has no place in the order of failures, is dropped.
    """
    history = read_document(job.get("history"))
    order = history.get("order")
    if is_stamp(order):
        with suppress(DuplicateKeyError):
            session.jobs.insert_one(_kept(session, job, history))
    which = order if is_stamp(order) else {"$not": {"$type": "timestamp"}}
    session.jobs.update_one(
        {"_id": job["_id"], "history.order": which}, {"$unset": {"history": True, "requeued_at": True}}
    )


def mend(session: Session) -> None:
    """Finish what processes that died began."""
    for job in session.jobs.find({"ns": session.ns, **HALF_DONE}):
        keep_history(session, job)


def _kept(session: Session, job: Document, history: Document) -> Document:
    return {
        # The same for whoever does this: only one of them stores it.
        "_id": {"of": job["_id"], "at": history["order"]},
        "ns": session.ns,
        "id": job.get("id"),
        "state": "failed",
        "queue": history.get("queue"),
        "payload": job.get("payload"),
        "failure": history,
        "retried_at": job.get("requeued_at"),
    }
