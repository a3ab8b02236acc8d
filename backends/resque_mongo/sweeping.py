"""How a worker ends: it leaves, or it is swept. Two documents change, and no transaction holds them.

A worker's *slot* is what the unique index on `slot` makes of it: at most one document of `jobs` is
in it. That is the job that it holds, or, once it ends, a *tombstone*, which keeps every job out. So
a worker gets a job or leaves, never both, however closely the two meet: one of two inserts fails.

A sweep goes like this, each step harmless if it is the last one:

1. It looks whether the worker still holds what was seen. If not, nothing has been changed.
2. It marks the worker dead, if its lease is over by the server's clock, in that very update (or
   forced, whatever its lease). From then on the worker is told so by every beat and gets no job.
   The mark is never taken back: there is always somebody who finishes, since `lapsed` names the
   worker until it is gone.
3. It moves the job by its token: to the head of its queue, or to the failed store; before it, to the
   same place, what came along with it. This decides
   between two sweeps, and between a sweep and a settlement that comes at the last moment. A worker
   that settled after step 1 stays marked, with nothing or with another job, for the next sweep.
4. It puts the tombstone into the slot. If a claim was quicker, the worker stays for the next sweep.
5. It deletes the worker. For a worker without a job this decides between two sweeps.

A job whose worker is not registered at all should not be: the tombstone has kept it out. Should it
be there after all (a tombstone is kept for a day, and a process may sleep longer than that between
its look and its claim), `lapsed` names it too, and step 3 rescues it.
"""

from collections.abc import Iterable, Iterator, Sequence

from pymongo import ASCENDING
from pymongo.errors import DuplicateKeyError

from resque_core.records import Lapsed, Reservation, Verdict
from resque_mongo import bundles, hands
from resque_mongo.claims import reservation_of
from resque_mongo.ending import carry_out, end, held_under, leave
from resque_mongo.failures import trim
from resque_mongo.fields import is_name
from resque_mongo.indexes import JOBS, WORKERS
from resque_mongo.mending import mend_in_hands
from resque_mongo.queues import know
from resque_mongo.receipts import FAILED, keep_failure
from resque_mongo.session import Document, Session
from resque_mongo.texts import Stored, shown, stored

_LEASE_OVER = {"$expr": {"$lte": ["$lease_until", "$$NOW"]}}


def lapsed(session: Session, limit: int) -> Sequence[Lapsed]:
    """Workers whose lease is over, longest first, then such as hold a job and are not registered.

    Jobs that came along with one which nobody holds any more go back at once.
    """
    if not limit:
        return []
    jobs, workers = _hands_and_workers(session)
    over = [worker["id"] for worker in workers if worker["over"]]
    holding = set(_ids(jobs, "slot"))
    unknown = holding.difference(worker["id"] for worker in workers)
    seen = [*over, *sorted(unknown, key=shown)][:limit]
    held = held_by(session, seen) if holding.intersection(seen) else {}
    return [Lapsed(shown(worker), held.get(worker)) for worker in seen]


def sweep(session: Session, seen: Lapsed, verdict: Verdict, *, forced: bool = False) -> bool:
    """Carry out the verdict and forget the worker, if it is still as it was seen."""
    held = held_by(session, [stored(seen.worker)]).get(stored(seen.worker))
    if (held and held.token) != (seen.reservation and seen.reservation.token):
        return False
    if not _mark_dead(session, seen.worker, {} if forced else _LEASE_OVER):
        return False
    if held:
        bundles.put_back(session, held, rescued=1)
    moved = seen.reservation is not None and _move(session, seen.reservation, verdict)
    if seen.reservation is not None and not moved:
        return False
    trim(session, verdict.keeping)
    gone = close_slot(session, seen.worker) and _forget(session, seen.worker)
    return moved or gone


def close_slot(session: Session, worker: str) -> bool:
    """Put a tombstone into the worker's slot. False: it holds a job."""
    try:
        session.jobs.update_one(
            {"ns": session.ns, "slot": stored(worker), "state": "gone"},
            {"$currentDate": {"gone_at": True}},
            upsert=True,
        )
    except DuplicateKeyError:
        return False
    return True


def open_slot(session: Session, worker: str) -> None:
    """Take the tombstone away that a worker of this name may have left."""
    session.jobs.delete_one({"ns": session.ns, "slot": stored(worker), "state": "gone"})


def held_by(session: Session, workers: Sequence[Stored] | None = None) -> dict[Stored, Reservation]:
    """What each of the workers holds, of those that hold a job."""
    heads, along = hands.parted(session.jobs.find(hands.in_hands(session, workers)))
    came = hands.by_head(along)
    return {
        head["slot"]: reservation_of(head, bundle=bundles.entries_of(came.get(hands.hand_of(head), ())))
        for head in heads
        if is_name(head["slot"])
    }


def _hands_and_workers(session: Session) -> tuple[list[Document], list[Document]]:
    """The slots of running jobs, and the registered workers by the end of their leases: in one round trip.

    What came along with a job that nobody holds any more is seen there, too, and put back.

    Should a worker register and reserve meanwhile, and so look as if it were not known: a sweep asks again.
    """
    found = list(session.jobs.aggregate(_sight(session)))
    workers = [it for it in found if is_name(it.get("id"))]
    jobs, along = hands.parted(it for it in found if "over" not in it)
    hands.mend(session, hands.without_head(jobs, along))
    if mend_in_hands(session, jobs):
        # One that nobody could name has a name now, so that its job is rescued.
        jobs = list(session.jobs.find(_running(session), {"slot": True}))
    return jobs, workers


def _sight(session: Session) -> list[Document]:
    over = {"$lte": ["$lease_until", "$$NOW"]}
    workers: list[Document] = [
        {"$match": {"ns": session.ns}},
        {"$project": {"id": True, "lease_until": True, "over": over}},
    ]
    hand = {"along": "$along", "token": "$token"}
    along: list[Document] = [
        {"$match": hands.came_along(session)},
        {"$group": {"_id": hand}},
        {"$replaceRoot": {"newRoot": "$_id"}},
    ]
    return [
        {"$match": _running(session)},
        {"$project": {"slot": True, "token": True}},
        {"$unionWith": {"coll": JOBS.name, "pipeline": along}},
        {"$unionWith": {"coll": WORKERS.name, "pipeline": workers}},
        {"$sort": {"lease_until": ASCENDING}},
    ]


def _ids(found: Iterable[Document], field: str) -> Iterator[Stored]:
    return (it[field] for it in found if is_name(it.get(field)))


def _running(session: Session) -> Document:
    return {"ns": session.ns, "slot": {"$exists": True}, "state": "running"}


def _mark_dead(session: Session, worker: str, if_it_is: Document) -> bool:
    """Whether the worker is dead from now on: it is as the filter says, or nobody knows it."""
    named = {"ns": session.ns, "id": stored(worker)}
    if session.workers.update_one({**named, **if_it_is}, {"$set": {"dead": True}}).matched_count:
        return True
    return session.workers.find_one(named, {"_id": True}) is None


def _move(session: Session, held: Reservation, verdict: Verdict) -> bool:
    """Move the job on, if it is still held under this token."""
    if verdict.failure is not None:
        carry_out(session, held, verdict.sequel)
        update = keep_failure(verdict.failure, FAILED)
        # Nobody knows when it ended, and so how long it took.
        update["$unset"] |= {"token": True, "reserved_at": True}
        return end(session, held, update) and leave(session, held, verdict.sequel)
    # As many as were seen: under one token there are no others.
    back = {"$set": {"state": "waiting", "rescues": held.rescues + 1}, **hands.BACK}
    if not session.jobs.update_one(held_under(session, held), back).matched_count:
        return False
    # It may have been removed while the job ran: unknown, few would look for it.
    know(session, [held.entry.queue])
    return True


def _forget(session: Session, worker: str) -> bool:
    named = {"ns": session.ns, "id": stored(worker), "dead": True}
    return session.workers.delete_one(named).deleted_count == 1
