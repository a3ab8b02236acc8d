"""Recurring entries: `scripts/_recurring.lua` says how they are kept. A tick and its job are one script."""

from resque_core.claim import Claim
from resque_core.job import Entry
from resque_core.records import Advance, Agenda, Recurrence
from resque_redis.claims import claim_parts
from resque_redis.schedule import encode_when
from resque_redis.store import Store
from resque_redis.text import to_bytes, to_text
from resque_redis.times import from_microseconds

#: Name, record, next tick, whether the last tick's job is there.
_PARTS = 4


class RedisRecurring:
    """`Recurring` on Redis. Ruby's schedulers know nothing of them, and so fire none a second time."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def all(self) -> Agenda:
        """Every entry, sorted by name, and the server's clock."""
        now, *said = self._store.run("recurring_all")
        found = [_recurrence(*said[place : place + _PARTS]) for place in range(0, len(said), _PARTS)]
        return Agenda(tuple(sorted(found, key=lambda it: it.name)), from_microseconds(now))

    def put(self, entry: Recurrence, seen: str) -> bool:
        """Write an entry in place of the one that was seen."""
        return bool(self._store.run("recurring_put", *_write(entry, seen)))

    def advance(self, entry: Recurrence, seen: str, job: Entry | None, claim: Claim | None = None) -> Advance:
        """Write an entry in place of the one that was seen, once its tick has come; and enqueue the job."""
        parts = (to_bytes(job.id), to_bytes(job.queue), job.payload, *claim_parts(claim)) if job else ()
        done, holder = self._store.run("recurring_advance", *_write(entry, seen), *parts)
        return Advance(bool(done), to_text(holder) or None)

    def remove(self, name: str) -> bool:
        """Delete an entry."""
        return bool(self._store.run("recurring_remove", to_bytes(name)))


def _write(entry: Recurrence, seen: str) -> tuple[bytes, bytes, bytes, bytes]:
    job = to_bytes(entry.last_job)
    record = b"%b\n%d\n%b%b" % (to_bytes(entry.revision), len(job), job, entry.text)
    return to_bytes(entry.name), to_bytes(seen), record, encode_when(entry.next_at)


def _recurrence(name: bytes, record: bytes, tick: bytes, live: int) -> Recurrence:
    revision, length, rest = record.split(b"\n", 2)
    job, text = rest[: int(length)], rest[int(length) :]
    due = from_microseconds(tick) if tick else None
    return Recurrence(to_text(name), text, to_text(revision), due, to_text(job), bool(live))
