"""What becomes of a job after an attempt that failed: another one, or the failed store; with its history."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from resque_core.clock import to_iso, utc_now
from resque_core.codec import encode_job
from resque_core.errors import PromotionRefused, RetryJob
from resque_core.job import Job
from resque_core.outcome import Again, Problem
from resque_core.retry import BY_THE_JOB, Retry

#: Failed attempts that a job's text remembers, and characters of each one's message.
MOST_REMEMBERED = 20
_LONGEST_ERROR = 300


def after(job: Job, policy: Retry | None, error: BaseException, problem: Problem) -> Again | None:
    """What the policy says: another attempt, or none any more. None: this is nothing that it has retried."""
    policy = policy or (BY_THE_JOB if isinstance(error, RetryJob) else None)
    if policy is None or isinstance(error, PromotionRefused):
        return None
    wanted = policy.wants(error)
    if not wanted and job.attempt == 1:
        return None
    history = (*job.history, _line(job, problem))[-MOST_REMEMBERED:]
    noted = replace(job, history=history, delayed_hooks=False)
    if not wanted or job.attempt > policy.limit:
        # Whoever retries it by hand gives it a new life, with all its attempts.
        return Again(encode_job(replace(noted, attempt=1)), job.queue, None)
    return Again(
        encode_job(replace(noted, attempt=job.attempt + 1)),
        policy.queue or job.queue,
        _seconds(policy, job.attempt, error),
    )


def _seconds(policy: Retry, retry: int, error: BaseException) -> float:
    # An exception that inherits from it need not have called its __init__.
    asked = getattr(error, "delay", None) if isinstance(error, RetryJob) else None
    if asked is None:
        return policy.seconds(retry)
    return asked.total_seconds() if isinstance(asked, timedelta) else float(asked)


def _line(job: Job, problem: Problem) -> dict[str, Any]:
    return {
        "attempt": job.attempt,
        "at": to_iso(utc_now()),
        "exception": problem.exception,
        "error": problem.error[:_LONGEST_ERROR].encode(errors="backslashreplace").decode(),
    }
