"""What is known of entries and failures that other programs wrote: ids made out of their bytes (ruling 5)."""

from collections.abc import Mapping
from hashlib import sha1, sha256
from typing import Any

from resque_redis.text import to_bytes

_LONGEST_ID = 255


def job_id(queue: str, payload: bytes, body: Mapping[str, Any]) -> str:
    """The id in a payload's JSON, else the sha1 of queue and payload."""
    own = body.get("id")
    if isinstance(own, str) and own.isprintable() and 0 < len(own) <= _LONGEST_ID:
        return own
    return sha1(to_bytes(queue) + b"\0" + payload, usedforsecurity=False).hexdigest()


def failure_id(element: bytes) -> str:
    """The id of a failure that carries none."""
    return sha256(element).hexdigest()[:16]


def is_made_of_bytes(failure: str) -> bool:
    """Whether an id looks like those of `failure_id`."""
    return len(failure) == 16 and all(letter in "0123456789abcdef" for letter in failure)
