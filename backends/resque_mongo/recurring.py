"""Recurring entries, one document each, and the jobs of their ticks, which are documents of `jobs`.

A tick changes two documents, so it is three steps. The job is inserted first, as `staged`: nobody can see it.
Then the entry is advanced by compare-and-set, and names that document. Then the job is let out, which
happens to a document once. Whoever dies in between is made good by the next `all` of any process: what the
entry names is let out, and what it does not name never is. Two steps would not do: a job that is there at
once may have run and be gone when its tick is looked at again.
"""

from collections.abc import Sequence
from datetime import datetime

from bson import ObjectId
from pymongo import ASCENDING
from pymongo.errors import DuplicateKeyError

from resque_core.claim import Claim
from resque_core.job import Entry
from resque_core.records import Advance, Agenda, Recurrence
from resque_mongo import uniques
from resque_mongo.connection import Connection
from resque_mongo.fields import as_seen, is_name, read_bytes, read_document, read_moment_if_any, read_seconds
from resque_mongo.queues import entry_of, know
from resque_mongo.session import Document, Session, in_utc
from resque_mongo.texts import shown, stored


class MongoRecurring:
    """`Recurring` on MongoDB."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._tidied = False

    def all(self) -> Agenda:
        """Every entry, sorted by name, and the server's clock. What the dead left staged is let out."""
        with self._connection.calling() as session:
            # Before the entries are read: what one of them will name must not be taken for left over.
            staged = [] if self._tidied else list(session.jobs.find({"ns": session.ns, "state": "staged"}))
            fields = {**_FIELDS, **session.with_now}
            found = list(session.recurring.find({"ns": session.ns}, fields, sort=[("name", ASCENDING)]))
            now = in_utc(found[0]["now"]) if found and session.with_now else session.now()
            found = [_with_revision(session, it) for it in found if is_name(it.get("name"))]
            live = _live(session, found)
            _drop_left_over(session, staged, found)
            self._tidied = not staged
            entries = (_recurrence(it, live if _has_come(it, now) else frozenset()) for it in found)
            return Agenda(tuple(entries), now)

    def put(self, entry: Recurrence, seen: str) -> bool:
        """Write an entry in place of the one that was seen, or as a new one."""
        with self._connection.calling() as session:
            named = _named(session, entry.name)
            if seen:
                written = session.recurring.update_one({**named, "revision": stored(seen)}, _written(entry))
                return bool(written.matched_count) or _is_at(session, entry)
            try:
                session.recurring.insert_one({**named, **_written(entry)["$set"]})
            except DuplicateKeyError:
                return _is_at(session, entry)
            return True

    def advance(self, entry: Recurrence, seen: str, job: Entry | None, claim: Claim | None = None) -> Advance:
        """Write an entry in place of the one that was seen, once its tick has come; and enqueue the job."""
        with self._connection.calling() as session:
            staged = _stage(session, entry, seen, job, claim) if job else None
            meant = {**_named(session, entry.name), "revision": stored(seen), **_over(session)}
            firing = {"firing": staged["_id"]} if staged else {}
            if not session.recurring.update_one(meant, _written(entry, firing)).matched_count:
                return _asked_again(session, entry, staged)
            return Advance(True, _let_out(session, staged) if staged else None)

    def remove(self, name: str) -> bool:
        """Delete an entry."""
        with self._connection.calling() as session:
            found = session.recurring.find_one_and_delete(_named(session, name))
            _live(session, [found] if found else [])
            return found is not None


_FIELDS = dict.fromkeys(("name", "text", "revision", "next_at", "last_job", "firing"), True)


def _with_revision(session: Session, entry: Document) -> Document:
    """The entry, with a new revision if it has none: by its revision everybody says what they have seen."""
    seen = entry.get("revision")
    if is_name(seen) and seen:
        return entry
    given = {"revision": str(ObjectId())}
    session.recurring.update_one({"_id": entry["_id"], **as_seen("revision", seen)}, {"$set": given})
    return entry | given


def _named(session: Session, name: str) -> Document:
    return {"ns": session.ns, "name": stored(name)}


def _written(entry: Recurrence, more: Document | None = None) -> Document:
    return {
        "$set": {
            "text": entry.text,
            "revision": stored(entry.revision),
            "next_at": entry.next_at,
            "last_job": stored(entry.last_job),
            **(more or {}),
        }
    }


def _is_at(session: Session, entry: Recurrence) -> bool:
    """Whether this very write was carried out before: then the reply was lost."""
    meant = {**_named(session, entry.name), "revision": stored(entry.revision)}
    return session.recurring.find_one(meant, {"_id": True}) is not None


def _asked_again(session: Session, entry: Recurrence, staged: Document | None) -> Advance:
    """The answer to a tick that is over: whether this very call carried it out before."""
    meant = {**_named(session, entry.name), "revision": stored(entry.revision)}
    there = session.recurring.find_one(meant, _FIELDS)
    _live(session, [there] if there else [])
    if staged:
        session.jobs.delete_one({"_id": staged["_id"], "state": "staged"})
    return Advance(there is not None)


def _drop_left_over(session: Session, staged: Sequence[Document], entries: Sequence[Document]) -> None:
    """Delete the jobs of calls that died before they advanced their entry: none can name them any more."""
    names = {shown(it["name"]): it for it in entries}
    over = [it["_id"] for it in staged if _is_left_over(it, names.get(shown(it.get("recurrence"))))]
    if over:
        session.jobs.delete_many({"_id": {"$in": over}, "state": "staged"})


def _is_left_over(staged: Document, entry: Document | None) -> bool:
    return entry is None or (entry.get("firing") != staged["_id"] and entry["revision"] != staged.get("seen"))


def _over(session: Session) -> Document:
    """That the tick has come. No date sorts before all dates, and has never come."""
    there: Document = {"next_at": {"$type": "date"}}
    if session.double:
        return {"next_at": {"$lte": session.now()}}
    return {**there, "$expr": {"$lte": ["$next_at", "$$NOW"]}}


def _has_come(entry: Document, now: datetime) -> bool:
    due = read_moment_if_any(entry.get("next_at"))
    return due is not None and due <= now


def _stage(session: Session, entry: Recurrence, seen: str, job: Entry, claim: Claim | None) -> Document:
    """Keep the job where nobody sees it. By its revision, so that a repeated call has the same document."""
    staged = {
        "_id": ObjectId(),
        "ns": session.ns,
        "state": "staged",
        "id": stored(job.id),
        "queue": stored(job.queue),
        "payload": job.payload,
        "rescues": 0,
        "recurrence": stored(entry.name),
        "revision": stored(entry.revision),
        "seen": stored(seen),
        **(
            {"claim": {"key": stored(claim.key), "until": claim.until, "seconds": claim.seconds}}
            if claim
            else {}
        ),
    }
    try:
        session.jobs.insert_one(staged)
    except DuplicateKeyError:
        meant = {"ns": session.ns, "revision": staged["revision"], "recurrence": staged["recurrence"]}
        return session.jobs.find_one({**meant, "state": "staged"}) or staged
    return staged


def _let_out(session: Session, staged: Document) -> str | None:
    """Let a staged job wait, unless another one holds its claim: which one. It happens once."""
    claim, entry = _claim_of(staged), entry_of(staged)
    job, queue = entry.id, entry.queue
    now = session.now() if claim else None
    names = {"id": stored(job), "queue": stored(queue)}
    let_out: Document = {
        "$set": {"state": "waiting", "live": True, **names, **uniques.fields_of(claim, now)},
        "$currentDate": {"seq": {"$type": "timestamp"}, "enqueued_at": True},
        "$unset": dict.fromkeys(("recurrence", "revision", "seen", "claim"), True),
    }
    this: Document = {"_id": staged["_id"], "state": "staged"}
    while True:
        try:
            session.jobs.update_one(this, let_out)
        except DuplicateKeyError:
            holder = uniques.holder(session, job, claim) if claim else job
            if holder is None:
                continue  # Whoever held the claim does not any more.
            session.jobs.delete_one(this)
            return holder if holder != job else None
        know(session, [queue])
        return None


def _live(session: Session, entries: Sequence[Document]) -> frozenset[str]:
    """Which of the last ticks' jobs are there; those that are still staged are let out before."""
    last = [it["last_job"] for it in entries if is_name(it.get("last_job")) and it["last_job"]]
    firing = [it["firing"] for it in entries if isinstance(it.get("firing"), ObjectId)]
    if not last and not firing:
        return frozenset()
    there = {"id": {"$in": last}, "live": True}
    staged = {"state": "staged", "_id": {"$in": firing}}
    found = list(session.jobs.find({"ns": session.ns, "$or": [there, staged]}))
    for job in found:
        if job["state"] == "staged":
            _let_out(session, job)
    return frozenset(entry_of(job).id for job in found)


def _claim_of(staged: Document) -> Claim | None:
    said = read_document(staged.get("claim"))
    until = next((it for it in uniques.FIELDS if it == said.get("until")), None)
    if until is None or not is_name(said.get("key")):
        return None
    return Claim(shown(said["key"]), until, read_seconds(said.get("seconds")))


def _recurrence(entry: Document, live: frozenset[str]) -> Recurrence:
    name, text, revision = shown(entry["name"]), read_bytes(entry.get("text")), shown(entry["revision"])
    job = shown(entry.get("last_job"))
    return Recurrence(name, text, revision, read_moment_if_any(entry.get("next_at")), job, job in live)
