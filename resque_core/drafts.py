"""Drafts: calls of jobs as values, before a `Resque` has completed and checked them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from resque_core.clock import utc_now
from resque_core.codec import decode_payload, encode_job
from resque_core.definition import Definition
from resque_core.ids import new_id
from resque_core.job import Job
from resque_core.moments import read_delay, read_moment
from resque_core.terms import Terms, lasting

#: JSON gives these back as they are, and nobody can change them afterwards.
_PLAIN = frozenset({str, int, float, bool, type(None)})


def new_job(
    definition: Definition,
    queue: str,
    args: Sequence[Any],
    kwargs: Mapping[str, Any],
    terms: Terms = Terms(),  # noqa: B008 - it is frozen
) -> Job:
    """A job for a call of `definition`, with a fresh id. Its time to expire begins when it is enqueued.

    :raises InvalidArguments: an argument is not JSON, or the terms cannot be used.
    """
    return with_text(claiming(draft(definition, queue, args, kwargs, terms), definition))


def draft(
    definition: Definition, queue: str, args: Sequence[Any], kwargs: Mapping[str, Any], terms: Terms
) -> Job:
    """The same without its claim and its text."""
    options = definition.options
    expires = options.expires if terms.expires is None else terms.expires
    moment = expires if isinstance(expires, datetime) else None
    return Job(
        queue=queue,
        name=definition.name,
        args=tuple(args),
        kwargs=kwargs,
        id=new_id(),
        enqueued_at=utc_now(),
        on_worker_death="fail" if options.on_worker_death == "fail" else None,
        expires_at=moment and read_moment(moment),
        expires_after=lasting(expires) if expires is not None and moment is None else 0.0,
        track=read_delay(options.result_ttl).total_seconds() if options.track else 0.0,
        then=terms.then,
        batch=terms.batch,
        delayed_hooks=terms.delays and definition.hooks.tells_of_delays,
    )


def dated(job: Job, run_at: datetime | timedelta | None = None) -> Job:
    """`job`, enqueued now for `run_at`: by which moment it expires."""
    if not job.expires_after:
        return job
    begin = run_at if isinstance(run_at, datetime) else utc_now() + (run_at or timedelta(0))
    return replace(job, expires_at=begin + timedelta(seconds=job.expires_after), expires_after=0.0)


def with_text(job: Job, encode: Callable[[Job], bytes] = encode_job) -> Job:
    """`job` with its JSON text, and its arguments as the text gives them back.

    :raises InvalidArguments: an argument is not JSON.
    """
    payload = encode(job)
    if _PLAIN.issuperset(map(type, job.args)) and _PLAIN.issuperset(map(type, job.kwargs.values())):
        return replace(job, payload=payload)
    # A copy: the caller's lists and dicts may change later, the stored ones will not.
    body = decode_payload(payload)
    return replace(job, payload=payload, args=tuple(body.get("args") or ()), kwargs=body.get("kwargs") or {})


def claiming(job: Job, definition: Definition) -> Job:
    """`job` with claim and limit that its definition asks for: by the arguments as a worker will get them."""
    uniqueness, limiting = definition.options.uniqueness, definition.options.limiting
    if uniqueness is None and limiting is None:
        return job
    sound = with_text(job)
    call = job.name, sound.args, sound.kwargs
    claim = uniqueness.claim(*call) if uniqueness else None
    return replace(sound, claim=claim, limit=limiting.limit(*call) if limiting else None)
