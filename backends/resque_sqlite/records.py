"""What is kept of jobs that ask for it. Where a job is, its own row says."""

from collections.abc import Mapping
from typing import cast

from resque_core.clock import from_epoch
from resque_core.records import Place, Reservation, Standing
from resque_core.sequel import Note
from resque_sqlite.connection import Connection
from resque_sqlite.jobs import reservation_of
from resque_sqlite.notes import SQL, keep
from resque_sqlite.session import Session

_PLACES: Mapping[str, Place] = {"queued": "waiting", "delayed": "delayed", "running": "running"}


class SqliteRecords:
    """`Records` on SQLite."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def open(self, notes: Mapping[str, Note]) -> None:
        """Keep these notes, but not in place of others."""
        with self._connection.writing() as session:
            for job, note in notes.items():
                keep(session, job, note, "open")

    def write(self, reservation: Reservation, note: Note) -> bool:
        """Write to the note of a job that is held."""
        with self._connection.writing() as session:
            if not session.rows(SQL["holds"], worker=reservation.worker, token=reservation.token):
                return False
            keep(session, reservation.entry.id, note)
            return True

    def read(self, job_id: str) -> Standing | None:
        """Where the job is, and its note."""
        with self._connection.reading() as session:
            note = _note(session, job_id)
            for state, run_at, *held in session.rows(SQL["place"], job=job_id):
                due = None if run_at is None else from_epoch(run_at)
                running = reservation_of(tuple(held)) if state == "running" else None
                return Standing(_PLACES[state], note, due, running)
            return Standing("gone", note) if note else None


def _note(session: Session, job: str) -> Note | None:
    for texts in session.rows(SQL["read"], job=job):
        return Note(*cast(tuple[bytes, bytes, bytes], texts))
    return None
