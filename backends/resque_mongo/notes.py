"""The notes of jobs: documents of their own, written before the job that they are of is settled.

In this order, because a job that is still held says where it is, whatever its note says of an end: whoever
dies in between leaves a note that is written anew with the settlement that follows.
"""

from datetime import datetime, timedelta

from pymongo import UpdateOne

from resque_core.sequel import Note
from resque_mongo.fields import read_bytes, read_moment
from resque_mongo.session import Document, Session
from resque_mongo.texts import stored


def open_note(session: Session, job: str, note: Note, now: datetime) -> UpdateOne:
    """The write that keeps the note, unless there is one; one whose time is over is none."""
    fields = {**_texts(note), "kept_until": _until(note, now)}
    return UpdateOne(_of(session, job), {"$setOnInsert": fields}, upsert=True)


def write_note(session: Session, job: str, note: Note) -> None:
    """Write to the job's note; an empty text leaves what is there."""
    said = {name: text for name, text in _texts(note).items() if text}
    fields = {**said, "kept_until": _until(note, session.now())}
    session.records.update_one(_of(session, job), {"$set": fields}, upsert=True)


def forget_expired(session: Session, jobs: list[str], now: datetime) -> None:
    """Delete of these notes those whose time is over, and which the server has not deleted yet."""
    named = {"ns": session.ns, "id": {"$in": [stored(job) for job in jobs]}}
    session.records.delete_many({**named, "kept_until": {"$not": {"$gt": now}}})


def read_note(session: Session, job: str) -> Note | None:
    """The job's note, if it has one and its time is not over."""
    found = session.records.find_one(_of(session, job))
    if found is None or read_moment(found.get("kept_until")) <= session.now():
        return None
    about, latest, end = (read_bytes(found.get(name)) for name in ("about", "latest", "end"))
    return Note(about, latest, end)


def _of(session: Session, job: str) -> Document:
    return {"ns": session.ns, "id": stored(job)}


def _texts(note: Note) -> dict[str, bytes]:
    return {"about": note.about, "latest": note.latest, "end": note.end}


def _until(note: Note, now: datetime) -> datetime:
    return now + timedelta(seconds=note.seconds)
