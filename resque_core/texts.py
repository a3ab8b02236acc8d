"""Jobs get their JSON text, and what depends on it: arguments as a worker will get them, claim and limit."""

from collections.abc import Callable, Mapping
from typing import Any

from resque_core.codec import decode_payload, encode_job
from resque_core.definition import Definition
from resque_core.job import Job, like

#: JSON gives these back as they are, and nobody can change them afterwards.
_PLAIN = frozenset({str, int, float, bool, type(None)})


def with_text(job: Job, encode: Callable[[Job], bytes] = encode_job) -> Job:
    """`job` with its JSON text, and its arguments as the text gives them back.

    :raises InvalidArguments: an argument is not JSON.
    """
    payload = encode(job)
    args, kwargs = as_read(payload, job.args, job.kwargs)
    return like(job, payload=payload, args=args, kwargs=kwargs)


def as_read(
    payload: bytes, args: tuple[Any, ...], kwargs: Mapping[str, Any]
) -> tuple[tuple[Any, ...], Mapping[str, Any]]:
    """The arguments as the text that was written of them gives them back."""
    if _PLAIN.issuperset(map(type, args)) and (not kwargs or _PLAIN.issuperset(map(type, kwargs.values()))):
        return args, kwargs
    # A copy: the caller's lists and dicts may change later, the stored ones will not.
    body = decode_payload(payload)
    return tuple(body.get("args") or ()), body.get("kwargs") or {}


def claiming(job: Job, definition: Definition) -> Job:
    """`job`, which has a text, with claim and limit if its definition asks for them, and these in its text.

    :raises InvalidArguments: `unique_key` or `limit_key` gave what cannot be a key.
    """
    uniqueness, limiting = definition.options.uniqueness, definition.options.limiting
    if uniqueness is None and limiting is None:
        return job
    call = job.name, job.args, job.kwargs
    claim = uniqueness.claim(*call) if uniqueness else None
    limit = limiting.limit(*call) if limiting else None
    return with_text(like(job, claim=claim, limit=limit))
