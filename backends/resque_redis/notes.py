"""Notes and sequels as the scripts take them."""

from resque_core.sequel import Note, Sequel
from resque_redis.text import to_bytes


def note_parts(note: Note) -> tuple[bytes, bytes, bytes, bytes]:
    """Milliseconds, about, latest, end."""
    return b"%d" % max(1, int(note.seconds * 1000)), note.about, note.latest, note.end


def encode_sequel(sequel: Sequel | None) -> bytes:
    """What `_sequel.lua` reads; nothing for none."""
    if sequel is None:
        return b""
    parts = list(note_parts(sequel.note) if sequel.note else (b"",) * 4)
    leaving = sequel.leaving
    parts += [to_bytes(leaving.batch), b"%d" % leaving.failed] if leaving else [b"", b""]
    for entry in sequel.then:
        parts += [to_bytes(entry.id), to_bytes(entry.queue), entry.payload]
    return b"".join(b"%d:%b" % (len(part), part) for part in parts)
