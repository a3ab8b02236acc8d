"""A failure as an element of Ruby's `failed` list.

Ruby's fields come first and in Ruby's order; then `x`, what only we know; then `failure_id`, as later
versions of Ruby Resque have it; and once it was retried, `retried_at`.
"""

import json
import re
from base64 import b64decode, b64encode
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from resque_core.clock import from_iso, to_iso
from resque_core.failure import Failure
from resque_redis import foreign
from resque_redis.json_members import members_of, object_of, text_at, value_of
from resque_redis.text import sound, to_bytes, to_json, to_text
from resque_redis.times import UNKNOWN, read_failed_at, ruby_failed_at

#: Ends of jobs that nobody raised, and Ruby's names for them.
_RUBY = {name: f"Resque::{name}" for name in ("DirtyExit", "PruneDeadWorkerDirtyExit", "TermException")}
_OURS = {ruby: name for name, ruby in _RUBY.items()}
#: The exception of an element that is no failure at all.
UNREADABLE = "BadPayload"
_WRITTEN = re.compile(rb'"failure_id":"(?:[^"\\]|\\.)*"')
_PAYLOAD = re.compile(r'"payload"[ \t\r\n]*:[ \t\r\n]*')


def encode_failure(failure: Failure) -> bytes:
    """The element. A payload that is a JSON object is part of it as it is; other bytes are in `x`."""
    body = object_of(failure.payload)
    ours = {"job_id": failure.job_id, "name": failure.name, "at": to_iso(failure.failed_at)}
    if body is None:
        ours["raw"] = b64encode(failure.payload).decode()
    members: dict[str, Any] = {
        "failed_at": ruby_failed_at(failure.failed_at),
        "payload": {"class": sound(failure.name), "args": []},
        "exception": sound(_RUBY.get(failure.exception, failure.exception)),
        "error": sound(failure.error),
        "backtrace": [sound(line) for line in failure.backtrace],
        "worker": sound(failure.worker),
        "queue": sound(failure.queue),
        "x": {key: sound(value) for key, value in ours.items()},
        "failure_id": sound(failure.id),
    }
    if failure.retried_at:
        members["retried_at"] = ruby_failed_at(failure.retried_at)
    texts = {key: to_json(value) for key, value in members.items()}
    if body is not None:
        texts["payload"] = failure.payload
    return _joined(texts)


def written_id(failure_id: str) -> bytes:
    """How the id of a failure is written in its element."""
    return b'"failure_id":' + to_json(sound(failure_id))


def names_in(element: bytes) -> set[bytes]:
    """What an element has of the form of `written_id`: its own id, and perhaps texts that look like one."""
    return set(_WRITTEN.findall(element))


def mark_retried(element: bytes, moment: datetime) -> bytes:
    """The element with `retried_at` as its last member; no other byte changes."""
    members = members_of(to_text(element))
    members.pop("retried_at", None)
    texts = {key: to_bytes(member.text) for key, member in members.items()}
    return _joined(texts | {"retried_at": to_json(ruby_failed_at(moment))})


def decode_failure(element: bytes) -> Failure:
    """The failure that an element says, whoever wrote it. Nothing is ever raised (C37, B25)."""
    try:
        body, payload = _taken_apart(to_text(element))
    except (ValueError, RecursionError):
        return _unreadable(element)
    return _read(element, body, to_bytes(payload))


def sketch_failure(element: bytes) -> Failure:
    """The same without payload and job id: what a filter asks for, in a fraction of the time."""
    try:
        body = json.loads(element)
    except (ValueError, RecursionError):
        return decode_failure(element)
    if not isinstance(body, dict):
        return _unreadable(element)
    return _read(element, body, b"")


def _taken_apart(text: str) -> tuple[Mapping[str, Any], str]:
    """What an element says, and the text of its payload.

    :raises ValueError: it is no JSON object.
    """
    found = _PAYLOAD.search(text)
    if found and text.count('"payload"') == 1 and "\\u" not in text:
        # No other member can be the payload: read as a whole, that takes a third of the time.
        body = value_of(text)
        if "payload" in body:
            return body, text_at(text, found.end())
    members = members_of(text)
    values = {key: member.value for key, member in members.items()}
    return values, members["payload"].text if "payload" in members else ""


def _read(element: bytes, members: Mapping[str, Any], payload: bytes) -> Failure:
    ours = _mapping(members, "x")
    body = _mapping(members, "payload")
    if isinstance(ours.get("raw"), str):
        payload = b64decode(ours["raw"])
    queue, exception = _text(members, "queue"), _text(members, "exception")
    return Failure(
        id=_text(members, "failure_id") if _has_id(members) else foreign.failure_id(element),
        job_id=_text(ours, "job_id") or foreign.job_id(queue, payload, body),
        queue=queue,
        name=ours["name"] if isinstance(ours.get("name"), str) else _text(body, "class"),
        payload=payload,
        exception=_OURS.get(exception, exception),
        error=_text(members, "error"),
        backtrace=_lines(members),
        worker=_text(members, "worker"),
        failed_at=from_iso(ours.get("at")) or read_failed_at(_text(members, "failed_at")) or UNKNOWN,
        retried_at=_retried_at(members),
    )


def _unreadable(element: bytes) -> Failure:
    return Failure(
        id=foreign.failure_id(element),
        job_id=foreign.job_id("", element, {}),
        queue="",
        name="",
        payload=element,
        exception=UNREADABLE,
        error="This element of the failed list is no failure: its bytes are in the payload.",
        failed_at=UNKNOWN,
    )


def _joined(texts: Mapping[str, bytes]) -> bytes:
    return b"{" + b",".join(to_bytes(json.dumps(key)) + b":" + text for key, text in texts.items()) + b"}"


def _mapping(members: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    value = members.get(key)
    return value if isinstance(value, dict) else {}


def _text(members: Mapping[str, Any], key: str) -> str:
    value = members.get(key)
    return value if isinstance(value, str) else ""


def _has_id(members: Mapping[str, Any]) -> bool:
    return isinstance(members.get("failure_id"), str)


def _lines(members: Mapping[str, Any]) -> tuple[str, ...]:
    value = members.get("backtrace")
    return tuple(line for line in value if isinstance(line, str)) if isinstance(value, list) else ()


def _retried_at(members: Mapping[str, Any]) -> datetime | None:
    if not members.get("retried_at"):
        return None
    # Whatever it says, it says that the failure was retried.
    return read_failed_at(members["retried_at"]) or UNKNOWN
