"""Reserving: one look that tells all, then one claim. Two round trips, however many queues there are.

Between the look and the claim the worker may be swept, or leave. Then its slot holds a tombstone:
the claim, which would put the job into that slot, violates the slots' unique index and fails.
"""

import random
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from pymongo import ReturnDocument
from pymongo.errors import DuplicateKeyError

from resque_core.errors import WorkerBusyError
from resque_core.job import Entry
from resque_core.records import ALL_QUEUES, Idle, Lost, Reservation
from resque_mongo import bundles
from resque_mongo.fields import read_moment, read_number
from resque_mongo.histories import keep_history
from resque_mongo.indexes import JOBS, QUEUES, WAITING
from resque_mongo.mending import let_go
from resque_mongo.queues import IN_ORDER, entry_of, names_of
from resque_mongo.session import Document, Session
from resque_mongo.texts import shown, stored
from resque_mongo.uniques import OVER_AT_START
from resque_mongo.windows import MOST

#: A worker that no sweep is at.
ALIVE: Document = {"dead": {"$ne": True}}
#: How many jobs of a window are tried.
TRIES = 3


def reserve(
    session: Session, queues: Sequence[str], worker: str, token: str, *, discover: bool, most: int = 1
) -> Reservation | Idle | Lost:
    """Take the head of the first queue that has a job and is not paused, and perhaps some behind it."""
    while True:
        seen = _look(session, queues, worker, discover=discover)
        if seen is None or any(it.get("state") == "gone" for it in seen["held"]):
            return Lost()
        ready = names_of(seen["ready"], "_id")
        known = tuple(sorted(names_of(seen["known"]) | ready)) if discover else ()
        for job in seen["held"]:
            if job.get("state") != "running":
                let_go(session, job)
                continue
            _mend(session, job)
            return _asked_again(session, job, token, known)
        paused = names_of(seen["paused"])
        ready -= paused
        queue = next((name for name in queues if name in ready), None)
        if queue is None or ALL_QUEUES in paused:
            return Idle(known, ALL_QUEUES in paused)
        if held := claim(session, queue, worker, token, known, most):
            return held
        # Somebody was quicker, or this worker is not what it was a moment ago: look again.


def claim(
    session: Session, queue: str, worker: str, token: str, known: tuple[str, ...], most: int = 1
) -> Reservation | None:
    """Take the head of the queue into the worker's slot, if there is one and that is free.

    Up to `most` jobs come along, but not where a window has workers overtake each other.
    """
    if most > 1 and _width(session, queue) == 1:
        seen = bundles.first_of(session, queue, most)
        if len(seen) > 1 and (job := _claim_soon(session, queue, worker, token)):
            _mend(session, job)
            bundle = bundles.take(session, job, seen)
            return None if bundle is None else reservation_of(job, known, bundle)
    job = _claim(session, queue, worker, token)
    if job is None:
        return None
    _mend(session, job)
    return reservation_of(job, known)


def stops(session: Session, *, discover: bool) -> list[Document]:
    """What is paused; with `discover` every queue that is known, too."""
    asked: Document = {"ns": session.ns} if discover else {"ns": session.ns, "paused": True}
    return list(session.queues.find(asked, {"name": True, "paused": True, "known": True}))


def reservation_of(job: Document, known: tuple[str, ...] = (), bundle: tuple[Entry, ...] = ()) -> Reservation:
    """The reservation in a running job's document."""
    token, worker = shown(job.get("token")), shown(job.get("slot", job.get("along")))
    rescues, reserved_at = read_number(job.get("rescues")), read_moment(job.get("reserved_at"))
    return Reservation(token, worker, entry_of(job), rescues, reserved_at, known, bundle)


def _look(session: Session, queues: Sequence[str], worker: str, *, discover: bool) -> Document | None:
    """What the worker's slot holds, what is paused, where jobs wait, what is known. None: no such worker."""
    asked = {} if discover else {"queue": {"$in": [stored(queue) for queue in queues]}}
    ns = {"ns": session.ns}
    pipeline: list[Document] = [
        {"$match": {**ns, "id": stored(worker), **ALIVE}},
        {"$project": {"_id": True}},
        _lookup("held", JOBS.name, {**ns, "slot": stored(worker)}),
        _lookup("paused", QUEUES.name, {**ns, "paused": True}, {"$project": {"name": True}}),
        # From the index alone: one key for each queue, however many jobs wait there.
        _lookup("ready", JOBS.name, {**ns, "state": "waiting", **asked}, {"$group": {"_id": "$queue"}}),
    ]
    if discover:
        pipeline.append(_lookup("known", QUEUES.name, {**ns, "known": True}, {"$project": {"name": True}}))
    return next(iter(session.workers.aggregate(pipeline)), None)


def _lookup(name: str, collection: str, match: Document, *then: Document) -> Document:
    return {"$lookup": {"from": collection, "pipeline": [{"$match": match}, *then], "as": name}}


def _mend(session: Session, job: Document) -> None:
    """Before anybody can complete the job, and so drop it: a failure that it carries is kept."""
    if "history" in job:
        keep_history(session, job)


def _asked_again(session: Session, job: Document, token: str, known: tuple[str, ...]) -> Reservation:
    held = reservation_of(job, known)
    if held.token == token:
        # Whoever claimed it may have died before it waited for the journal.
        session.jobs.update_one({"_id": job["_id"], "token": job["token"]}, {"$set": {"token": job["token"]}})
        return reservation_of(job, known, bundles.of(session, job))
    raise WorkerBusyError(
        f"Worker {held.worker} asked for a job while it holds job {held.entry.id} "
        f"of queue {held.entry.queue}. It must complete, fail or release that one first."
    )


def _claim_soon(session: Session, queue: str, worker: str, token: str) -> Document | None:
    """The first job, as `bundles.take` wants it: a write has to follow that waits for the journal."""
    return _claim(replace(session, jobs=session.jobs_soon), queue, worker, token)


def _claim(session: Session, queue: str, worker: str, token: str) -> Document | None:
    waiting: Document = {"ns": session.ns, "state": "waiting", "queue": stored(queue)}
    take = partial(
        session.jobs.find_one_and_update,
        update=_into_the_slot(worker, token),
        return_document=ReturnDocument.AFTER,
    )
    try:
        for candidate in _candidates(session, queue, waiting):
            if job := take({"_id": candidate, **waiting}, hint="_id_"):
                return job
        return take(waiting, sort=IN_ORDER, hint=WAITING)
    except DuplicateKeyError:
        return None


def _candidates(session: Session, queue: str, waiting: Document) -> Sequence[Any]:
    """The `_id`s of some that are to be tried before the first one is taken after all."""
    width = _width(session, queue)
    if width == 1:
        return ()
    found = session.jobs.find(waiting, {"_id": True}, sort=IN_ORDER, limit=width, hint=WAITING)
    ids = [job["_id"] for job in found]
    return random.sample(ids, min(TRIES, len(ids)))


def _width(session: Session, queue: str) -> int:
    return session.windows.width(
        queue, lambda: session.workers.count_documents({"ns": session.ns}, limit=MOST)
    )


def _into_the_slot(worker: str, token: str) -> Document:
    return {
        "$set": {
            "state": "running",
            "slot": stored(worker),
            "worker": stored(worker),
            "token": stored(token),
        },
        # The date for people, the timestamp because no two are equal: it orders settlements.
        "$currentDate": {"reserved_at": True, "since": {"$type": "timestamp"}},
        "$unset": dict.fromkeys(("along", *OVER_AT_START), True),
    }
