"""What is kept of jobs that ask for it: a hash for each, which expires."""

from collections.abc import Mapping
from dataclasses import replace
from typing import cast

from resque_core.records import Place, Reservation, Standing
from resque_core.sequel import Note
from resque_redis.notes import note_parts
from resque_redis.record_text import decode_record, encode_token
from resque_redis.store import Store
from resque_redis.text import to_bytes, to_text
from resque_redis.times import from_microseconds


class RedisRecords:
    """`Records` on Redis."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def open(self, notes: Mapping[str, Note]) -> None:
        """Keep these notes, but not in place of others."""
        parts = [part for job, note in notes.items() for part in (to_bytes(job), *note_parts(note))]
        self._store.run("records_open", *parts)

    def write(self, reservation: Reservation, note: Note) -> bool:
        """Write to the note of a job that is held."""
        held = to_bytes(reservation.worker), encode_token(reservation.token), to_bytes(reservation.entry.id)
        return bool(self._store.run("records_write", *held, *note_parts(note)))

    def read(self, job_id: str) -> Standing | None:
        """Where the job is, and its note."""
        said, texts, *more = self._store.run("records_read", to_bytes(job_id))
        note = Note(*texts) if texts else None
        place = cast(Place, said.decode())
        if place == "running":
            return Standing(place, note, reservation=_of_job(job_id, *more))
        if place == "delayed":
            return Standing(place, note, from_microseconds(more[0]))
        return Standing(place, note) if place == "waiting" or note else None


def _of_job(job_id: str, worker: bytes, record: bytes, along: bytes | None = None) -> Reservation:
    """The reservation of this job: it may be one that came along."""
    held = decode_record(to_text(worker), record, along)
    its = next((entry for entry in held.bundle if entry.id == job_id), held.entry)
    return replace(held, entry=its, bundle=())
