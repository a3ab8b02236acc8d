"""Storing jobs: one insert of all, and the unique indexes say which of them are there already."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from bson import Timestamp
from pymongo.errors import BulkWriteError

from resque_core.claim import Claim
from resque_core.errors import PayloadTooLarge
from resque_core.job import Entry
from resque_core.records import When
from resque_mongo import schedule, uniques
from resque_mongo.queues import know, names_of
from resque_mongo.session import Document, Session
from resque_mongo.texts import stored

DUPLICATE_KEY = 11000
#: The server replaces it by its own time, which grows with each document.
_SERVER_TIME = Timestamp(0, 0)
#: Bytes. A document has 16 MB at most, and a failure has to fit in beside the payload.
_MOST = 15 * 2**20


def _known_and_now(session: Session, entries: Sequence[Entry]) -> tuple[frozenset[str], datetime]:
    """Which of the entries' queues are known, and the server's clock: in one round trip, if any is."""
    names = {stored(entry.queue) for entry in entries}
    meant = {"ns": session.ns, "name": {"$in": list(names)}, "known": True}
    found = list(session.queues.find(meant, {"name": True, **session.with_now}))
    now = found[0]["now"] if found and session.with_now else session.now()
    return names_of(found), now


def store(
    session: Session,
    entries: Sequence[Entry],
    held: Mapping[str, Claim],
    *,
    at_front: bool,
    run_at: When | None = None,
) -> list[Entry]:
    """Store, in one command, the entries whose ids and claims are free; the others."""
    known, now = _known_and_now(session, entries)
    in_order = list(reversed(entries)) if at_front else list(entries)
    due = now if run_at is None else schedule.due(run_at, now)
    place: Document = {
        "state": "waiting",
        "seq": _SERVER_TIME,
        **({"head": _SERVER_TIME} if at_front else {}),
    }
    if due > now:
        place = {"state": "delayed", "run_at": due}
    jobs = [
        {
            "ns": session.ns,
            "id": stored(entry.id),
            "live": True,
            "queue": stored(entry.queue),
            "payload": entry.payload,
            "rescues": 0,
            "enqueued_at": now,
            **place,
            **uniques.fields_of(held.get(entry.id), now),
        }
        for entry in in_order
    ]
    skipped = _insert(session, jobs)
    names = {entry.queue for number, entry in enumerate(in_order) if number not in skipped}
    # Afterwards, and only those of jobs that were stored. Until then, a queue is known by its job.
    know(session, names - known if due <= now else ())
    return [in_order[number] for number in skipped]


def _insert(session: Session, jobs: list[Document]) -> set[int]:
    """Store the jobs that no unique index keeps out; the numbers of the others."""
    try:
        session.jobs.insert_many(jobs, ordered=False)
    except BulkWriteError as error:
        problems = error.details["writeErrors"]
        if error.details.get("writeConcernErrors") or any(it["code"] != DUPLICATE_KEY for it in problems):
            raise
        return {problem["index"] for problem in problems}
    return set()


def first_of_each_id(entries: Sequence[Entry]) -> list[Entry]:
    """Of several entries with one id the first counts."""
    first: dict[str, Entry] = {}
    for entry in entries:
        if len(entry.payload) > _MOST:
            raise PayloadTooLarge(
                f"Job {entry.id} has {len(entry.payload)} bytes; MongoDB can keep {_MOST}. "
                f"Pass a reference to the data instead of the data."
            )
        first.setdefault(entry.id, entry)
    return list(first.values())
