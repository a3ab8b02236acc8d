"""A reservation as the in-flight record `worker:ID`: Ruby's three keys, then `x` and the token, ours."""

import json
import re

from resque_core.clock import from_iso
from resque_core.job import Entry
from resque_core.records import Reservation
from resque_redis import foreign
from resque_redis.bundles import read_bundle
from resque_redis.json_members import Member, members_of
from resque_redis.text import to_ascii_json, to_bytes, to_text
from resque_redis.times import from_microseconds

_TEXT = rb'"(?:[^"\\]|\\.)*"'
#: The payload need not be JSON that Python takes. What follows it cannot be part of it: in a JSON text,
#: each quote has a backslash, so the last `,"x":{"id":` is ours.
_OURS = re.compile(
    rb'\{"queue":(?P<queue>%(text)s),"run_at":"[^"]*","payload":(?P<payload>.*)'
    rb',"x":\{"id":(?P<id>%(text)s),"at":(?P<at>\d+),"rescues":(?P<rescues>\d+)(?:,"raw":(?P<raw>%(text)s))?(?P<along>,"along":true)?\}'
    rb',"token":(?P<token>%(text)s)\}' % {b"text": _TEXT},
    re.DOTALL,
)


def encode_token(token: str) -> bytes:
    """How a token is written in records."""
    return to_ascii_json(token)


def decode_record(worker: str, record: bytes, along: bytes | None = None) -> Reservation:
    """The job that a worker of ours holds, or a Ruby worker: that one has no token, so nobody settles it.

    `along` is what is kept of the jobs that came along with it, if it says that any did.
    """
    found = _OURS.fullmatch(record)
    if found is None:
        return _read_foreign(worker, record)
    payload = found["payload"] if found["raw"] is None else _plain(found["raw"]).encode("latin-1")
    entry = Entry(_name(found["id"]), _name(found["queue"]), payload)
    bundle = read_bundle(along) if found["along"] and along and along.startswith(_ending(found)) else ()
    return Reservation(
        token=json.loads(found["token"]),
        worker=worker,
        entry=entry,
        rescues=int(found["rescues"]),
        reserved_at=from_microseconds(found["at"]),
        bundle=bundle,
    )


def _ending(found: re.Match[bytes]) -> bytes:
    return b',"token":%b}\n' % found["token"]


def _read_foreign(worker: str, record: bytes) -> Reservation:
    try:
        members = members_of(to_text(record))
    except ValueError:
        return Reservation("", worker, Entry(foreign.job_id("", record, {}), "", record))
    queue = str(members["queue"].value) if "queue" in members else ""
    shown = members.get("payload", Member(None, ""))
    payload = to_bytes(shown.text)
    body = shown.value if isinstance(shown.value, dict) else {}
    run_at = from_iso(members["run_at"].value) if "run_at" in members else None
    return Reservation("", worker, Entry(foreign.job_id(queue, payload, body), queue, payload), 0, run_at)


def _plain(text: bytes) -> str:
    """A JSON text, each of whose bytes is one letter."""
    return str(json.loads(text.decode("latin-1"), strict=False))


def _name(text: bytes) -> str:
    return to_text(_plain(text).encode("latin-1"))
