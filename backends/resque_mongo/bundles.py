"""Bundles: jobs that came along with the one in a worker's slot, the *head*, held under its token.

They run, but are in no slot: `along` says whose they are. So whoever looks at slots sees the head alone.
Several documents do not change in one step. What holds instead, whoever dies or sleeps in between:

1. They come along after their head was claimed; and who took them looks after that whether it still holds the
   head. If not, they go back: a sweep came in between, and has not seen them.
2. Whatever ends the head has ended them before, each by an update that compares the token. So one who dies
   in between leaves a head with fewer jobs, or with none. (But a head that `admit` delays goes before
   them: nobody knows earlier that it will. And `narrow` empties the slot before it gives it to one of them.)
3. Those whose head nobody holds belong to nobody, for no token is used twice. Whoever sweeps finds them, by
   the one command that looks for the dead anyway, and puts them back.
"""

from collections.abc import Iterable, Sequence
from itertools import takewhile

from pymongo import UpdateMany, UpdateOne
from pymongo.errors import BulkWriteError

from resque_core.job import Entry
from resque_core.records import Reservation, Spell
from resque_mongo.ending import held_under
from resque_mongo.fields import is_name, read_moment_if_any
from resque_mongo.folding import DUPLICATE_KEY
from resque_mongo.hands import BACK, in_hands, parted
from resque_mongo.hands import put_back as put_all_back
from resque_mongo.indexes import WAITING
from resque_mongo.queues import IN_ORDER, entry_of, know
from resque_mongo.receipts import DONE, done_along, done_in, settled_last
from resque_mongo.session import Document, Session
from resque_mongo.texts import Stored, stored
from resque_mongo.uniques import OVER_AT_START

Write = UpdateOne | UpdateMany

#: What is read of a job to see whether it may come along.
_LOOKED_AT = dict.fromkeys(("id", "live", "rescues", "enqueued_at", "history", *OVER_AT_START), True)


def first_of(session: Session, queue: str, most: int) -> list[Document]:
    """The first few that wait on the queue."""
    waiting = {"ns": session.ns, "state": "waiting", "queue": stored(queue)}
    return list(session.jobs.find(waiting, _LOOKED_AT, sort=IN_ORDER, limit=most, hint=WAITING))


def take(session: Session, head: Document, seen: Sequence[Document]) -> tuple[Entry, ...] | None:
    """Take those along that were seen behind the head, in order. None: that is not held any more.

    The update waits for the journal, so the claim before it need not; even if there is nothing to change.
    """
    worker, token = head["slot"], head["token"]
    ids = [job["_id"] for job in _fit(head, seen)]
    session.jobs.update_many(_still_fit(session, head, ids), _into_hands(worker, token), hint="_id_")
    heads, came = parted(session.jobs.find(in_hands(session, [worker], token=token)))
    if heads:
        return entries_of(came)
    put_all_back(session, came, rescued=0)
    return None


def of(session: Session, head: Document) -> tuple[Entry, ...]:
    """What came along with a head, in order."""
    meant = {"ns": session.ns, "along": head["slot"], "token": head["token"], "state": "running"}
    return entries_of(parted(session.jobs.find({**meant, "slot": {"$exists": False}}))[1])


def entries_of(jobs: Iterable[Document]) -> tuple[Entry, ...]:
    """The entries in these documents."""
    return tuple(map(entry_of, jobs))


def finish(session: Session, held: Reservation, spells: Sequence[Spell], *, soon: bool = False) -> bool:
    """Complete what has a spell, put back the others, and end the head: all in one command.

    False: the head was not held, nor ended by this before. After `soon` a write has to follow that waits.
    """
    back = _without(held, [spell.job_id for spell in spells])
    head = UpdateOne(held_under(session, held), done_in(spells[0]) if spells else DONE)
    writes = [*_completions(session, held, spells), *_returns(session, held, back), head]
    found = (session.jobs_soon if soon else session.jobs).bulk_write(writes).matched_count
    know(session, [held.entry.queue] if back and found else ())
    return found == len(back) + max(1, len(spells)) or settled_last(session, held)


def put_back(session: Session, held: Reservation, *, rescued: int = 0) -> None:
    """Let all that came along wait at the head of their queue again, in their order."""
    if held.bundle:
        found = session.jobs.bulk_write(_returns(session, held, held.bundle, rescued)).matched_count
        know(session, [held.entry.queue] if found else ())


def narrow(session: Session, held: Reservation, spells: Sequence[Spell], job_id: str, token: str) -> None:
    """Complete what has a spell, put back the others, and let one have the slot: all in one command.

    In the midst of it that one has no head. A sweep that looks at this very moment puts it back, and then
    there is nothing for the slot.
    """
    back = _without(held, [job_id, *(spell.job_id for spell in spells)])
    writes = [
        *_completions(session, held, spells),
        *_returns(session, held, back),
        *_change_of_heads(session, held, spells, job_id, token),
    ]
    try:
        found = session.jobs.bulk_write(writes).matched_count
    except BulkWriteError as error:
        _raise_unless_taken(error)
        found = error.details["nMatched"]
    know(session, [held.entry.queue] if back and found else ())


def _fit(head: Document, seen: Sequence[Document]) -> Sequence[Document]:
    """Those behind the head, up to the first that has to come alone."""
    if head.get("rescues"):
        return []
    places = [job["_id"] for job in seen]
    first = places.index(head["_id"]) + 1 if head["_id"] in places else 0
    return list(takewhile(_may_come, seen[first:]))


def _may_come(job: Document) -> bool:
    """Whether it was not rescued, holds its claim while it runs, and is whole: others may have changed it."""
    return (
        job.get("rescues") == 0
        and not any(name in job for name in ("history", *OVER_AT_START))
        and job.get("live") is True
        and is_name(job.get("id"))
        and read_moment_if_any(job.get("enqueued_at")) is not None
    )


def _still_fit(session: Session, head: Document, ids: Sequence[object]) -> Document:
    waiting = {"ns": session.ns, "state": "waiting", "queue": head.get("queue"), "rescues": 0}
    return {"_id": {"$in": list(ids)}, **waiting, **{name: {"$exists": False} for name in OVER_AT_START}}


def _into_hands(worker: Stored, token: Stored) -> Document:
    return {
        "$set": {"state": "running", "along": worker, "worker": worker, "token": token},
        "$currentDate": {"reserved_at": True, "since": {"$type": "timestamp"}},
    }


def _without(held: Reservation, ids: Iterable[str]) -> list[Entry]:
    """What came along, but for these."""
    those = set(ids)
    return [entry for entry in held.bundle if entry.id not in those]


def _came_along(session: Session, held: Reservation, which: object) -> Document:
    """The job of this id, or these, if it came along with this reservation, and still is there."""
    came = {"state": "running", "along": stored(held.worker), "token": stored(held.token)}
    return {"ns": session.ns, "id": which, **came}


def _completions(session: Session, held: Reservation, spells: Sequence[Spell]) -> list[Write]:
    """Of those that came along, all but the first. One statement for all costs the server least."""
    if not spells[1:]:
        return []
    ids = [stored(spell.job_id) for spell in spells[1:]]
    return [UpdateMany(_came_along(session, held, {"$in": ids}), done_along(spells[1:]), hint="along")]


def _returns(session: Session, held: Reservation, back: Sequence[Entry], rescued: int = 0) -> list[Write]:
    """In this order: what is put to the head last is the first there."""
    update = {"$set": {"state": "waiting", "rescues": rescued}, **BACK}
    which = [_came_along(session, held, stored(entry.id)) for entry in reversed(back)]
    return [UpdateOne(one, update, hint="along") for one in which]


def _change_of_heads(
    session: Session, held: Reservation, spells: Sequence[Spell], job_id: str, token: str
) -> list[Write]:
    head, named = held_under(session, held), {"token": stored(token)}
    if job_id == held.entry.id:
        return [UpdateOne(head, {"$set": named})]
    end = done_in(spells[0]) if spells else {"$set": {"state": "waiting"}, **BACK}
    came = _came_along(session, held, stored(job_id))
    into_slot = {"$set": {"slot": stored(held.worker), **named}, "$unset": {"along": True}}
    return [UpdateOne(head, end), UpdateOne(came, into_slot, hint="along")]


def _raise_unless_taken(error: BulkWriteError) -> None:
    """The slot is not free: this worker was swept, or holds something else."""
    problems = error.details["writeErrors"]
    if error.details.get("writeConcernErrors") or any(it["code"] != DUPLICATE_KEY for it in problems):
        raise error
