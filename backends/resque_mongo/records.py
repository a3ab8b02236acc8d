"""What is kept of jobs that ask for it. Where a job is, its own document says."""

from collections.abc import Mapping

from resque_core.records import Place, Reservation, Standing
from resque_core.sequel import Note
from resque_mongo.claims import reservation_of
from resque_mongo.connection import Connection
from resque_mongo.ending import held_under
from resque_mongo.fields import read_moment
from resque_mongo.notes import forget_expired, open_note, read_note, write_note
from resque_mongo.session import Document
from resque_mongo.texts import shown, stored

_PLACES: Mapping[str, Place] = {"waiting": "waiting", "delayed": "delayed", "running": "running"}


class MongoRecords:
    """`Records` on MongoDB."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def open(self, notes: Mapping[str, Note]) -> None:
        """Keep these notes, but not in place of others."""
        if not notes:
            return
        with self._connection.calling() as session:
            now = session.now()
            forget_expired(session, list(notes), now)
            writes = [open_note(session, job, note, now) for job, note in notes.items()]
            session.records.bulk_write(writes, ordered=False)

    def write(self, reservation: Reservation, note: Note) -> bool:
        """Look whether the job is held, then write."""
        with self._connection.calling() as session:
            if session.jobs.find_one(held_under(session, reservation), {"_id": True}) is None:
                return False
            write_note(session, reservation.entry.id, note)
            return True

    def read(self, job_id: str) -> Standing | None:
        """Where the job is, and its note. The job first: its note is written before it goes."""
        with self._connection.calling() as session:
            meant = {"id": stored(job_id), "live": True, "state": {"$in": list(_PLACES)}}
            job = session.jobs.find_one({"ns": session.ns, **meant})
            note = read_note(session, job_id)
        if job is not None:
            return _standing(job, note)
        return Standing("gone", note) if note else None


def _standing(job: Document, note: Note | None) -> Standing:
    place = _PLACES.get(shown(job["state"]), "waiting")
    due = read_moment(job.get("run_at")) if place == "delayed" else None
    return Standing(place, note, due, reservation_of(job) if place == "running" else None)
