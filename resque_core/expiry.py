"""Jobs that are not worth running late: how a worker that meets one puts it aside."""

from dataclasses import replace
from datetime import datetime

from resque_core.clock import to_iso, utc_now
from resque_core.codec import decode_leniently, encode_job
from resque_core.outcome import Again, Ended, Problem
from resque_core.records import Reservation

#: The name under which such a job is in the failed store, and the counter of them.
JOB_EXPIRED = "JobExpired"
EXPIRED = "expired"
#: Jobs are not read for this by who need not read them otherwise; nearly all lack it.
_KEY = b'"expires_at"'


def expired(held: Reservation) -> Ended | None:
    """How a job ends that was reserved too late, by the store's clock; None: it is to be performed.

    Its text loses the time: whoever retries it by hand wants it to run.
    """
    if _KEY not in held.entry.payload:
        return None
    job = decode_leniently(held.entry)
    now = held.reserved_at or utc_now()
    if job.expires_at is None or now <= job.expires_at:
        return None
    problem = Problem(JOB_EXPIRED, _message(job.expires_at, now))
    payload = encode_job(replace(job, expires_at=None))
    return Ended(held.token, problem, name=job.name, again=Again(payload, job.queue, None))


def _message(expires_at: datetime, now: datetime) -> str:
    late = (now - expires_at).total_seconds()
    return f"It was to be run until {to_iso(expires_at)}, and was reserved {late:.3f} s later: it was not run"
