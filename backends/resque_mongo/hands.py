"""What is in workers' hands: the job in a slot, the *head*, and what came along with it (`bundles.py`)."""

from collections.abc import Iterable, Sequence

from pymongo import UpdateOne

from resque_mongo.fields import as_seen, is_name, is_stamp
from resque_mongo.limits import OVER_AT_END
from resque_mongo.queues import know, names_of
from resque_mongo.session import Document, Session
from resque_mongo.texts import Stored

#: A worker, and the token under which it holds what it holds.
Hand = tuple[Stored, Stored]

#: To the head of its queue. Without the token: who held it must not be told that it has settled it.
BACK: Document = {
    "$currentDate": {"head": {"$type": "timestamp"}},
    "$unset": dict.fromkeys(("slot", "along", "worker", "token", "since", "reserved_at", *OVER_AT_END), True),
}


def in_hands(session: Session, workers: Sequence[Stored] | None = None, **more: object) -> Document:
    """What these workers hold, or all: heads, which have a slot, and what came along."""
    which = {"$exists": True} if workers is None else {"$in": list(workers)}
    heads = {"ns": session.ns, "state": "running", "slot": which, **more}
    return {"$or": [heads, {**came_along(session), "along": which, **more}]}


def came_along(session: Session) -> Document:
    """What came along with a head."""
    running = {"ns": session.ns, "state": "running"}
    return {**running, "along": {"$exists": True}, "slot": {"$exists": False}}


def parted(found: Iterable[Document]) -> tuple[list[Document], list[Document]]:
    """Heads, and what came along, of what is in hands; in the order in which all of it waited."""
    jobs = sorted(found, key=_place)
    return [job for job in jobs if "slot" in job], [job for job in jobs if "slot" not in job]


def by_head(along: Iterable[Document]) -> dict[Hand | None, list[Document]]:
    """What came along, by the hand that holds it."""
    found: dict[Hand | None, list[Document]] = {}
    for job in along:
        if (hand := hand_of(job)) is not None:
            found.setdefault(hand, []).append(job)
    return found


def hand_of(job: Document) -> Hand | None:
    """The worker that holds the job, and its token; None if another program has changed them."""
    worker, token = job.get("slot", job.get("along")), job.get("token")
    return (worker, token) if is_name(worker) and is_name(token) else None


def without_head(heads: Iterable[Document], along: Iterable[Document]) -> list[Document]:
    """Those of these that came along with none of them."""
    hands = {hand_of(head) for head in heads} - {None}
    return [job for job in along if hand_of(job) not in hands]


def mend(session: Session, lost: Sequence[Document]) -> None:
    """Put back what came along with a head that nobody holds, as after a death, if that is still so."""
    if not lost:
        return
    those = [{name: {"$eq": job.get(name)} for name in ("along", "token")} for job in lost]
    _, jobs = parted(session.jobs.find({**came_along(session), "$or": those}))
    # After them: whoever takes jobs along holds their head.
    workers = [job["along"] for job in jobs if is_name(job["along"])]
    heads = session.jobs.find({"ns": session.ns, "slot": {"$in": workers}, "state": "running"})
    put_back(session, without_head(heads, jobs), rescued=1)


def put_back(session: Session, jobs: Sequence[Document], *, rescued: int) -> None:
    """Put these to the heads of their queues, unless somebody has changed hands meanwhile."""
    update = {"$set": {"state": "waiting", "rescues": rescued}, **BACK}
    writes = [
        UpdateOne({"_id": job["_id"], "state": "running", "$and": _hands_of(job)}, update)
        for job in reversed(jobs)
    ]
    if writes:
        session.jobs.bulk_write(writes)
        know(session, names_of(jobs, "queue"))


def _place(job: Document) -> tuple[int, int]:
    """As `IN_ORDER` sorts: what came to the head before what came to the tail, the latest first."""
    head, seq = (
        stamp.time << 32 | stamp.inc if is_stamp(stamp := job.get(name)) else 0 for name in ("head", "seq")
    )
    return -head, seq


def _hands_of(job: Document) -> list[Document]:
    return [as_seen(name, job.get(name)) for name in ("along", "token")]
