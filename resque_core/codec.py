"""A job's JSON text: written strictly, so that only what comes back equal is stored, and read leniently.

Text is `{"class":…,"args":[…]}` first and in this order, compact, raw UTF-8, then our own keys where
they carry something (architecture §3).
"""

import json
import math
from collections.abc import Callable, Mapping
from dataclasses import replace
from types import UnionType
from typing import Any, NoReturn

from resque_core.arguments import MAX_DEPTH, explain, sound
from resque_core.claim import UNTILS, Claim
from resque_core.clock import from_iso, to_iso
from resque_core.errors import BadPayload, InvalidArguments
from resque_core.job import DEATH_POLICIES, Entry, Job
from resque_core.limit import MOST, Limit

#: Most texts have no other keys.
_COMMON = frozenset({"class", "args", "kwargs", "id", "enqueued_at"})

#: Seconds. Nobody keeps a result for longer.
LONGEST_TRACK = 366 * 86_400.0
#: Seconds. What is worth running for longer is so for ever.
LONGEST_EXPIRY = 100 * LONGEST_TRACK

#: What is nested deeper is not read: showing or copying it would exhaust the stack (B5).
MAX_READ_DEPTH = 200
#: What JSON lets stand around a value.
_BLANK = " \t\n\r"
#: Longer ids of other writers are not used as keys in a store.
MAX_ID = 255


def encode_job(job: Job) -> bytes:
    """The JSON text of `job`, as UTF-8.

    :raises InvalidArguments: a part is not JSON; the message names it, its path and the way out.
    """
    return encode_body(job, body_of(job), _ENCODER.encode)


def body_of(job: Job) -> dict[str, Any]:
    """What the text of `job` says: `class`, `args`, our keys that carry something, then its extras."""
    body: dict[str, Any] = {"class": job.name, "args": job.args}
    body |= _present(
        kwargs=dict(job.kwargs),
        id=job.id,
        enqueued_at=job.enqueued_at and to_iso(job.enqueued_at),
        on_worker_death=job.on_worker_death,
        unique=job.claim and _claim_text(job.claim),
        limit=job.limit and {"key": job.limit.key, "most": job.limit.most},
        attempt=job.attempt if job.attempt > 1 else None,
        history=list(job.history),
        expires_at=job.expires_at and to_iso(job.expires_at),
        expires_after=job.expires_after,
        track=job.track,
        then=list(job.then),
        batch=job.batch,
        delayed_hooks=job.delayed_hooks,
    )
    if not job.extras:
        return body
    return body | {key: value for key, value in job.extras.items() if key not in _ours(job)}


def encode_body(job: Job, body: Mapping[str, Any], encode: Callable[[Any], str]) -> bytes:
    """`body`, which says `job`, as UTF-8.

    :raises InvalidArguments: a part is not JSON; the message names it, its path and the way out.
    """
    try:
        if sound(body, MAX_DEPTH):
            return encode(body).encode()
    except (ValueError, TypeError, RecursionError) as error:
        raise InvalidArguments(explain(job, error)) from None
    raise InvalidArguments(explain(job))


def encode_value(value: object) -> str:
    """The JSON text of a `sound` value.

    :raises ValueError, TypeError, RecursionError: there is none.
    """
    return _ENCODER.encode(value)


def encode_text(body: Mapping[str, Any]) -> bytes:
    """The text of a body that was read from one."""
    return _ENCODER.encode(body).encode()


def decode_job(entry: Entry) -> Job:
    """The job that the entry's bytes say.

    :raises BadPayload: they are not a job; nothing else is ever raised (B1 to B5).
    """
    body = decode_payload(entry.payload)
    return read_job(entry.queue, entry.id or job_id(entry.queue, entry.payload, body), body, entry.payload)


def read_job(queue: str, job_id: str, body: Mapping[str, Any], payload: bytes = b"") -> Job:
    """The job that a decoded JSON object says.

    :raises BadPayload: it is not a job.
    """
    job = Job(
        queue=queue,
        name=_class_of(body),
        args=tuple(_typed(body, "args", [], list | tuple)),
        kwargs=_typed(body, "kwargs", {}, dict),
        id=job_id,
        enqueued_at=from_iso(body.get("enqueued_at")),
        payload=payload,
    )
    return job if body.keys() <= _COMMON else _with_rare_keys(job, body)


def _with_rare_keys(job: Job, body: Mapping[str, Any]) -> Job:
    """The job, with what the keys say that few texts have, and with those that are not ours."""
    job = replace(job, **{field: read(body[key]) for key, (field, read) in _RARE.items() if key in body})
    ours = _ours(job)
    return replace(job, extras=extras) if (extras := {key: body[key] for key in body.keys() - ours}) else job


def decode_leniently(entry: Entry) -> Job:
    """As `decode_job`, but bytes that are no job give a nameless `Job` whose `problem` says why."""
    try:
        return decode_job(entry)
    except BadPayload as error:
        return Job(queue=entry.queue, name="", id=entry.id, payload=entry.payload, problem=str(error))


def decode_payload(payload: bytes) -> dict[str, Any]:
    """The JSON object in `payload`.

    :raises BadPayload: there is none. Deep nesting, huge integers and odd literals included.
    """
    try:
        body = _decode(payload.decode().strip(_BLANK))
        deep = _many_brackets(payload) and not sound(body, MAX_READ_DEPTH)
    except RecursionError:
        deep = True
    except ValueError as error:
        raise BadPayload(f"not JSON: {error}") from None
    if deep:
        raise BadPayload("nested too deeply to be read")
    if not isinstance(body, dict):
        raise BadPayload(f"a JSON {_json_type(body)}, not an object")
    return body


def _decode(text: str) -> Any:
    # As `JSONDecoder.decode`, which looks for blanks with a regular expression.
    value, end = _DECODER.raw_decode(text)
    if end != len(text):
        raise json.JSONDecodeError("Extra data", text, end)
    return value


def job_id(queue: str, payload: bytes, body: Mapping[str, Any]) -> str:
    """The job's own id, or for entries without one the sha1 of queue and payload (ruling 5)."""
    text = queue.encode(errors="surrogatepass") + b"\0" + payload
    return own_id(body) or _sha1(text)


def _sha1(text: bytes) -> str:
    # Imported where it is needed: it maps OpenSSL, which every fork of an app process would pay for.
    from hashlib import sha1

    return sha1(text, usedforsecurity=False).hexdigest()


def own_id(body: Mapping[str, Any]) -> str | None:
    """The id that a job's text carries, if a store can use it."""
    own = body.get("id")
    return own if isinstance(own, str) and own.isprintable() and 0 < len(own) <= MAX_ID else None


def _many_brackets(payload: bytes) -> bool:
    # A text with fewer cannot be nested too deeply, and hardly any has more.
    return payload.count(b"[") + payload.count(b"{") > MAX_READ_DEPTH


def _class_of(body: Mapping[str, Any]) -> str:
    name = body.get("class")
    if not isinstance(name, str) or not name:
        raise BadPayload("no class: a job needs a name under the key 'class'")
    return name


def _death_policy(said: object) -> str | None:
    return said if isinstance(said, str) and said in DEATH_POLICIES else None


def _ours(job: Job) -> frozenset[str]:
    # What another code base calls `unique`, say, is kept like any other key of theirs.
    said: dict[str, object] = {"unique": job.claim, "limit": job.limit, "expires_at": job.expires_at}
    said |= {"track": job.track, "then": job.then, "batch": job.batch}
    said |= {"delayed_hooks": job.delayed_hooks, "expires_after": job.expires_after}
    return OUR_KEYS.difference(key for key, value in said.items() if not value)


def _claim_text(claim: Claim) -> dict[str, Any]:
    return {"key": claim.key, "until": claim.until} | _present(seconds=claim.seconds)


def _claim(said: object) -> Claim | None:
    """The claim that a text carries. Another code base may mean something else by that key."""
    if not isinstance(said, dict):
        return None
    key, until, seconds = said.get("key"), said.get("until"), said.get("seconds", 0.0)
    if isinstance(key, str) and key and until in UNTILS and isinstance(seconds, int | float):
        return Claim(key, until, float(seconds))
    return None


def _limit(said: object) -> Limit | None:
    """The limit that a text carries. Another code base may mean something else by that key."""
    if not isinstance(said, dict):
        return None
    key, most = said.get("key"), said.get("most")
    if isinstance(key, str) and key and isinstance(most, int) and not isinstance(most, bool):
        return Limit(key, most) if 1 <= most <= MOST else None
    return None


def _attempt(said: object) -> int:
    return said if isinstance(said, int) and not isinstance(said, bool) and 1 <= said < 10**9 else 1


def _then(said: object) -> tuple[Mapping[str, Any], ...]:
    """The jobs to follow that a text carries; none if only one of them is none of ours."""
    if not isinstance(said, list) or not all(map(_follows, said)):
        return ()
    return tuple(said)


def _follows(said: object) -> bool:
    return (
        isinstance(said, dict)
        and isinstance(said.get("queue"), str)
        and isinstance(said.get("text"), dict)
        and own_id(said["text"]) is not None
    )


def _batch(said: object) -> str:
    return said if isinstance(said, str) and said.isprintable() and len(said) <= MAX_ID else ""


def read_duration(said: object, longest: float = LONGEST_EXPIRY) -> float:
    """So many seconds that a text carries; 0 if it carries none."""
    sound = isinstance(said, int | float) and not isinstance(said, bool) and 0 < said <= longest
    return float(said) if sound and isinstance(said, int | float) else 0.0


def _history(said: object) -> tuple[Mapping[str, Any], ...]:
    return tuple(line for line in said if isinstance(line, dict)) if isinstance(said, list) else ()


def _typed(body: Mapping[str, Any], key: str, default: Any, kind: type | UnionType) -> Any:
    value = body.get(key)
    if value is None:
        return default
    if not isinstance(value, kind):
        raise BadPayload(f"{key!r} is no JSON {_json_type(default)} but a JSON {_json_type(value)}")
    return value


def _json_type(value: object) -> str:
    return _JSON_TYPES.get(type(value), type(value).__name__)


def _present(**fields: Any) -> dict[str, Any]:
    return {key: value for key, value in fields.items() if value}


def _refuse_constant(literal: str) -> NoReturn:
    raise ValueError(f"{literal} is not a JSON number")


def _finite(literal: str) -> float:
    value = float(literal)
    if math.isinf(value):
        raise ValueError(f"{literal[:40]} is too large for a number")
    return value


_JSON_TYPES = {
    dict: "object",
    list: "list",
    str: "string",
    int: "number",
    float: "number",
    bool: "boolean",
    type(None): "null",
}

#: The keys that few texts have: the field of a job that each stands for, and what reads it.
_RARE: Mapping[str, tuple[str, Callable[[Any], Any]]] = {
    "on_worker_death": ("on_worker_death", _death_policy),
    "unique": ("claim", _claim),
    "limit": ("limit", _limit),
    "attempt": ("attempt", _attempt),
    "history": ("history", _history),
    "expires_at": ("expires_at", from_iso),
    "expires_after": ("expires_after", read_duration),
    "track": ("track", lambda said: read_duration(said, LONGEST_TRACK)),
    "then": ("then", _then),
    "batch": ("batch", _batch),
    "delayed_hooks": ("delayed_hooks", lambda said: said is True),
}

OUR_KEYS = _COMMON.union(_RARE)

# Made once: `json.dumps` and `json.loads` make a new one for each call with options.
_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False)
_DECODER = json.JSONDecoder(parse_constant=_refuse_constant, parse_float=_finite)
