"""The transitions of a job: enqueue, reserve, complete, fail, release."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from resque_core.claim import Claim
from resque_core.errors import StorageError, WorkerBusyError
from resque_core.failure import Failure
from resque_core.job import Entry
from resque_core.keeping import KEEP_ALL, Keeping
from resque_core.limit import Limit
from resque_core.records import Idle, Lost, Reservation, Spell, Stale, When
from resque_core.sequel import Sequel
from resque_redis.bundles import encode_spells, read_bundle
from resque_redis.claims import claim_parts
from resque_redis.failure_text import encode_failure
from resque_redis.notes import encode_sequel
from resque_redis.packing import Argument
from resque_redis.record_text import decode_record, encode_token
from resque_redis.schedule import encode_when
from resque_redis.store import Store, list_of
from resque_redis.text import sound, to_bytes, to_text
from resque_redis.times import from_microseconds

#: A request of Redis has 1,048,576 parts at most, and each entry is three.
MOST_ENTRIES = 300_000


class RedisJobs:
    """`Jobs` on Redis. A running job is in Ruby's record `worker:ID`, which ends with our token."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def enqueue(self, entries: Sequence[Entry], *, at_front: bool = False, run_at: When | None = None) -> int:
        """Append all entries, or none, or delay them; those whose id is taken are skipped."""
        if not entries:
            return 0
        if len(entries) > MOST_ENTRIES:
            raise StorageError(
                f"{self._store.location} takes {MOST_ENTRIES} jobs at most in one step, not {len(entries)}. "
                f"Enqueue them in several calls; nothing was stored."
            )
        return int(self._store.run("enqueue", int(at_front), encode_when(run_at), *parts_of(entries)))

    def enqueue_unique(
        self,
        entries: Sequence[Entry],
        claims: Sequence[Claim | None],
        *,
        at_front: bool = False,
        run_at: When | None = None,
    ) -> Mapping[str, str]:
        """As `enqueue`, without the entries whose claim another job holds; who that is."""
        chosen = zip(entries, claims, strict=True)
        parts = [part for entry, claim in chosen for part in (*entry_parts(entry), *claim_parts(claim))]
        said = self._store.run("enqueue_unique", int(at_front), encode_when(run_at), *parts)
        jobs = [to_text(job) for job in said]
        return dict(zip(jobs[::2], jobs[1::2], strict=True))

    def reserve(
        self, queues: Sequence[str], worker: str, token: str, *, discover: bool = False, most: int = 1
    ) -> Reservation | Idle | Lost:
        """Take the head of the first queue that has a job and is not paused, and some behind it."""
        wanted = _wanted(token, discover, most, queues)
        answer = self._store.run("reserve", to_bytes(worker), *wanted)
        return _reserved(worker, token, answer)

    def complete(self, reservation: Reservation, sequel: Sequel | None = None) -> bool:
        """Drop the job as done and count it processed, if the token is not stale."""
        return bool(self._store.run("complete", *_ended(reservation, sequel)))

    def complete_and_reserve(
        self,
        done: Reservation,
        queues: Sequence[str],
        token: str,
        *,
        discover: bool = False,
        sequel: Sequel | None = None,
        spells: Sequence[Spell] = (),
        most: int = 1,
    ) -> Reservation | Idle | Lost | Stale:
        """Drop the job, or bundle, as done, and take the next one."""
        ended = (*_ended(done, sequel), encode_spells(done, spells))
        wanted = _wanted(token, discover, most, queues)
        answer = self._store.run("complete_and_reserve", *ended, *wanted)
        return Stale() if answer[0] == b"stale" else _reserved(done.worker, token, answer)

    def narrow(
        self, held: Reservation, spells: Sequence[Spell], job_id: str, token: str
    ) -> Reservation | Stale:
        """Drop what is done of a bundle, and hold one job alone."""
        job = (to_bytes(held.entry.queue), held.entry.payload, encode_spells(held, spells), to_bytes(job_id))
        said = self._store.run("narrow", *_identity(held), *job, encode_token(token))
        return decode_record(held.worker, said[0]) if said else Stale()

    def fail(
        self,
        reservation: Reservation,
        failure: Failure,
        keeping: Keeping = KEEP_ALL,
        sequel: Sequel | None = None,
    ) -> bool:
        """Move the job to the failed list and count it, if the token is not stale."""
        store, end = end_of(self._store, failure, keeping)
        return bool(store.run("fail", *_ended(reservation, sequel), *end))

    def reschedule(
        self, reservation: Reservation, again: Entry, run_at: When, sequel: Sequel | None = None
    ) -> bool:
        """Let the job wait once more, from `run_at` on, if the token is not stale."""
        job = (to_bytes(again.queue), again.payload, encode_when(run_at))
        return bool(self._store.run("reschedule", *_ended(reservation, sequel), *job))

    def release(self, reservation: Reservation) -> bool:
        """Put the job back at the head of its queue, if the token is not stale."""
        entry = reservation.entry
        return bool(self._store.run("release", *_identity(reservation), to_bytes(entry.queue), entry.payload))

    def cancel(self, job_id: str) -> bool:
        """Delete the job, if it waits or is delayed."""
        return bool(self._store.run("cancel", to_bytes(job_id)))

    def admit(self, reservation: Reservation, limit: Limit, seconds: float) -> bool:
        """Give the held job a slot; or delay it, if none is free."""
        entry = reservation.entry
        asked = (
            to_bytes(limit.key),
            limit.most,
            int(seconds * 1_000_000),
            to_bytes(entry.queue),
            entry.payload,
        )
        return bool(self._store.run("admit", *_identity(reservation), *asked))

    def wake(self, key: str) -> bool:
        """Let the job that waits longest for a slot wait at the head of its queue."""
        return bool(self._store.run("wake", to_bytes(key)))


#: What a script is told of a failure: its id, its element, its list, how many are kept and for how long.
End = tuple[bytes, bytes, bytes, bytes, bytes]
NO_END: End = (b"", b"", b"", b"", b"")


def end_of(store: Store, failure: Failure, keeping: Keeping) -> tuple[Store, End]:
    """Where the failure is to be kept, and what a script is told of it."""
    name = list_of(to_bytes(failure.queue)) if keeping.apart else b""
    store = store.with_list(name) if name else store
    limits = (_number(keeping.most), _number(keeping.age))
    return store, (to_bytes(sound(failure.id)), encode_failure(failure), name, *limits)


def _number(value: float | None) -> bytes:
    return b"" if value is None else str(value).encode()


def parts_of(entries: Sequence[Entry]) -> list[bytes]:
    """Id, queue and payload of each."""
    names = {queue: to_bytes(queue) for queue in {entry.queue for entry in entries}}
    return [part for it in entries for part in (to_bytes(it.id), names[it.queue], it.payload)]


def entry_parts(entry: Entry) -> tuple[bytes, bytes, bytes]:
    """Id, queue and payload."""
    return to_bytes(entry.id), to_bytes(entry.queue), entry.payload


def _identity(held: Reservation) -> tuple[bytes, bytes, bytes]:
    return to_bytes(held.worker), encode_token(held.token), to_bytes(held.entry.id)


def _ended(held: Reservation, sequel: Sequel | None) -> tuple[bytes, ...]:
    return *_identity(held), to_bytes(held.entry.queue), encode_sequel(sequel)


def _wanted(token: str, discover: bool, most: int, queues: Sequence[str]) -> list[Argument]:
    return [encode_token(token), int(discover), most, *map(to_bytes, queues)]


def _reserved(worker: str, token: str, answer: Sequence[Any]) -> Reservation | Idle | Lost:
    """What `_taking.lua` answers."""
    what, known, *said = answer
    if what == b"lost":
        return Lost()
    names = tuple(sorted(map(to_text, known)))
    if what == b"idle":
        return Idle(names, bool(said[0]))
    if what == b"busy":
        raise _busy(worker, said[0])
    if what == b"held":
        return replace(decode_record(worker, *said), known=names)
    queue, job, payload, rescues, now, *along = said
    entry = Entry(to_text(job), to_text(queue), payload)
    bundle = read_bundle(along[0]) if along else ()
    return Reservation(token, worker, entry, int(rescues), from_microseconds(now), names, bundle)


def _busy(worker: str, record: bytes) -> WorkerBusyError:
    held = decode_record(worker, record).entry
    return WorkerBusyError(
        f"Worker {worker} asked for a job while it holds job {held.id} of queue {held.queue}. "
        f"It must complete, fail or release that one first."
    )
