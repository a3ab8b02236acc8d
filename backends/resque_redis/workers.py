"""Registered workers, their leases, the sweep, and commands."""

import json
from collections.abc import Sequence
from typing import Any

from resque_core.clock import from_iso, to_iso
from resque_core.records import Beat, Lapsed, Verdict, WorkerInfo
from resque_redis.jobs import NO_END, end_of
from resque_redis.notes import encode_sequel
from resque_redis.record_text import decode_record, encode_token
from resque_redis.store import Store
from resque_redis.text import to_ascii_json, to_bytes, to_text
from resque_redis.times import UNKNOWN, from_microseconds, read_started, ruby_started

_MICRO = 1_000_000
_MOST = 2**62


class RedisWorkers:
    """`Workers` on Redis. Ruby's workers are shown; only those with a lease, ours, are ever swept."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def register(self, worker: WorkerInfo, lease: float) -> None:
        """Make the worker known, with a lease of so many seconds."""
        started = ruby_started(worker.started_at)
        self._store.run("register", to_bytes(worker.id), _describe(worker), started, int(lease * _MICRO))

    def beat(self, worker: str, lease: float) -> Beat:
        """Renew the lease, if the worker is registered, and hand over its commands."""
        alive, now, *verbs = self._store.run("beat", to_bytes(worker), int(lease * _MICRO))
        return Beat(bool(alive), int(now) / _MICRO, tuple(map(to_text, verbs)))

    def unregister(self, worker: str) -> bool:
        """Forget the worker, unless it holds a job."""
        return bool(self._store.run("unregister", to_bytes(worker)))

    def all(self) -> Sequence[WorkerInfo]:
        """Every registered worker, by id; Ruby's with a lease of 0 seconds, since they have none."""
        return read_workers(self._store.run("workers_all"))

    def lapsed(self, limit: int = 100) -> Sequence[Lapsed]:
        """Up to `limit` workers whose lease is over, longest first."""
        said = self._store.run("lapsed", min(max(limit, 0), _MOST))
        return [_lapsed(to_text(said[i]), *said[i + 1 : i + 3]) for i in range(0, len(said), 3)]

    def sweep(self, lapsed: Lapsed, verdict: Verdict, *, forced: bool = False) -> bool:
        """Carry out the verdict and forget the worker, if it is still as `lapsed` says."""
        held, failure = lapsed.reservation, verdict.failure
        job: tuple[bytes, ...] = (b"", b"", b"", b"")
        if held:
            entry = held.entry
            job = (encode_token(held.token), to_bytes(entry.id), to_bytes(entry.queue), entry.payload)
        store, end = end_of(self._store, failure, verdict.keeping) if failure else (self._store, NO_END)
        worker, sequel = to_bytes(lapsed.worker), encode_sequel(verdict.sequel)
        return bool(store.run("sweep", int(forced), worker, *job, *end, sequel))

    def command(self, worker: str, verb: str) -> bool:
        """Leave a verb for the worker's next beat; False when it is not registered, or is one of Ruby's."""
        return bool(self._store.run("command", to_bytes(worker), to_bytes(verb)))


def read_workers(said: Sequence[Any]) -> Sequence[WorkerInfo]:
    """What `list_workers` of `_listing.lua` has found, by id."""
    now, *found = said
    return sorted((_worker(int(now), *each) for each in found), key=lambda info: info.id)


def _describe(worker: WorkerInfo) -> bytes:
    return to_ascii_json(
        {
            "host": worker.host,
            "pid": worker.pid,
            "queues": worker.queues,
            "started_at": to_iso(worker.started_at),
        }
    )


def _lapsed(worker: str, record: bytes | None, along: bytes | None) -> Lapsed:
    return Lapsed(worker, decode_record(worker, record, along) if record else None)


def _worker(
    now: int,
    name: bytes,
    about: bytes | None,
    lease: bytes | None,
    *rest: bytes | None,
) -> WorkerInfo:
    beat, record, started, heartbeat, processed, failed, along = rest
    worker = to_text(name)
    described = _read_id(worker) | (_read_description(about) if about else {})
    started_at = from_iso(described.get("started_at")) or read_started(to_text(started or b""))
    return WorkerInfo(
        id=worker,
        host=described["host"],
        pid=described["pid"],
        queues=tuple(described["queues"]),
        started_at=started_at or UNKNOWN,
        heartbeat_at=from_microseconds(beat) if about and beat else _heard(about, heartbeat),
        lease_left=(float(lease) - now) / _MICRO if lease else 0.0,
        reservation=decode_record(worker, record, along) if record else None,
        processed=_count(processed),
        failed=_count(failed),
    )


def _read_id(worker: str) -> dict[str, Any]:
    """What a Ruby worker's id says: HOST:PID:QUEUES."""
    host, pid, queues = (*worker.split(":", 2), "", "")[:3]
    return {
        "host": host,
        "pid": int(pid) if pid.isdigit() else 0,
        "queues": [queue for queue in queues.split(",") if queue],
    }


def _read_description(about: bytes) -> dict[str, Any]:
    """What we wrote of a worker of ours; only that, should another program have written there."""
    try:
        body = json.loads(about)
    except (ValueError, RecursionError):
        return {}
    if not isinstance(body, dict):
        return {}
    kinds = {"host": str, "pid": int, "queues": list, "started_at": str}
    found = {name: body[name] for name, kind in kinds.items() if isinstance(body.get(name), kind)}
    return found | ({"queues": list(map(str, found["queues"]))} if "queues" in found else {})


def _heard(about: bytes | None, heartbeat: bytes | None) -> Any:
    # Ours get one at registration, which is no beat yet.
    return from_iso(to_text(heartbeat)) if heartbeat and not about else None


def _count(said: bytes | None) -> int:
    try:
        return int(said or 0)
    except ValueError:
        return 0
