"""Drafts: what the definition of a job, and the terms of a call, say of a job, without its arguments."""

from dataclasses import replace
from datetime import datetime, timedelta

from resque_core.clock import utc_now
from resque_core.definition import Definition
from resque_core.job import Job
from resque_core.moments import read_delay
from resque_core.terms import Terms, lasting, until


def draft(definition: Definition, queue: str, terms: Terms) -> Job:
    """A job of `definition` without arguments, id, time and text. Its time to expire begins when enqueued.

    :raises InvalidArguments: the terms cannot be used.
    """
    options = definition.options
    expires = options.expires if terms.expires is None else terms.expires
    moment = expires if isinstance(expires, datetime) else None
    return Job(
        queue=queue,
        name=definition.name,
        on_worker_death="fail" if options.on_worker_death == "fail" else None,
        expires_at=moment and until(moment),
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
