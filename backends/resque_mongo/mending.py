"""Mends what other programs broke of a job in a worker's hands, so that it can be moved on.

A job is settled, and rescued, by its `slot` and `token`. If one of them is no text, nobody could name it.
"""

from contextlib import suppress

from pymongo.errors import DuplicateKeyError

from resque_mongo.fields import as_seen, is_name
from resque_mongo.session import Document, Session

#: What is put in place of a worker's id, and a token, that are none.
NOBODY = "nobody's: "


def mend_in_hands(session: Session, jobs: list[Document]) -> bool:
    """Give those of these running jobs a slot and a token that have none. Whether there were any."""
    broken = [job for job in jobs if not (is_name(job.get("slot")) and is_name(job.get("token")))]
    for job in broken:
        names = [name for name in ("slot", "token") if not is_name(job.get(name))]
        seen = [as_seen(name, job.get(name)) for name in names]
        with suppress(DuplicateKeyError):
            session.jobs.update_one(
                {"_id": job["_id"], "state": "running", "$and": seen},
                {"$set": dict.fromkeys(names, f"{NOBODY}{job['_id']}")},
            )
    return bool(broken)


def let_go(session: Session, job: Document) -> None:
    """Take a document that is neither a running job nor a tombstone out of the slot that it blocks."""
    which = {"_id": job["_id"], "state": {"$nin": ["running", "gone"]}}
    session.jobs.update_one(which, {"$unset": {"slot": True}})
