"""Jobs that come along with another, and their spells, as scripts read and write them: see `_bundles.lua`."""

from collections.abc import Sequence

from resque_core.job import Entry
from resque_core.records import Reservation, Spell
from resque_redis.text import to_text

_MICRO = 1_000_000
#: What came along, as long as that is not done.
_NOT_DONE = b"false,false"


def read_bundle(text: bytes) -> tuple[Entry, ...]:
    """The jobs that came along with another, in their order."""
    _, queue, ids, *payloads = text.split(b"\n")
    name = to_text(queue)
    jobs = zip(to_text(ids).split("\t"), payloads, strict=True)
    return tuple([Entry(job, name, payload) for job, payload in jobs])


def encode_spells(held: Reservation, spells: Sequence[Spell]) -> bytes:
    """When each job of a bundle began and ended. Of a job that is alone the server's clock is enough."""
    if not (spells and held.bundle):
        return b""
    done = {spell.job_id: b"%d,%d" % (spell.began * _MICRO, spell.ended * _MICRO) for spell in spells}
    return b"[%b]" % b",".join([done.get(entry.id, _NOT_DONE) for entry in (held.entry, *held.bundle)])
