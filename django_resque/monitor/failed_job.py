"""What the page of a failed job says: the job, its error, its attempts, and where to go from there."""

import json
from typing import Any

from django.contrib.admin.utils import quote
from django.http import HttpRequest

from django_resque.monitor.backtraces import application_lines
from django_resque.monitor.base import may_see_arguments
from django_resque.monitor.job_facts import batch_line, texts_of
from django_resque.monitor.markup import format_html
from django_resque.monitor.redaction import MASK, masked
from django_resque.monitor.search import job_of
from django_resque.monitor.times import ago
from django_resque.monitor.workers import worker_link, worker_of
from resque_core.failure import Failure
from resque_core.job import Job

#: Members of a record that the page shows above it, by their names.
_ABOVE = ("args", "kwargs", "history")


def failed_job(request: HttpRequest, failure: Failure, site: str) -> dict[str, Any]:
    """What the template of a failed job needs."""
    job, shown = job_of(failure), may_see_arguments(request)
    backtrace = list(failure.backtrace) if shown else []
    application = list(application_lines(backtrace))
    return {
        "failure": failure,
        "job": job,
        "key": quote(failure.id),
        "texts": texts_of(job, request),
        "error": failure.error if shown else MASK,
        "backtrace": "\n".join(backtrace),
        "lines": len(backtrace),
        "application": "" if application == backtrace else "\n".join(application),
        "raw": raw_record(job) if shown else "",
        "failed": ago(failure.failed_at),
        "enqueued": ago(job.enqueued_at),
        "worker": _worker(failure.worker, site),
        "batch": batch_line(job.batch) if job.batch else "",
        "retried": ago(failure.retried_at) if failure.retried_at else "",
    }


def raw_record(job: Job) -> str:
    """The job as it is stored, without what is shown above by name: by name alone secrets are known."""
    if job.problem:
        return ""
    record: dict[str, Any] = json.loads(job.payload)
    above = {key: "…" for key in _ABOVE if record.get(key)}
    return json.dumps(masked(record | above), indent=2, ensure_ascii=False)


def _worker(key: str, site: str) -> str:
    """A worker that is still there leads to its page."""
    found = worker_of(key) if key else None
    return format_html("{} ({})", worker_link(site, found), key) if found else key or "–"
