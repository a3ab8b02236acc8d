"""What the page of a job says that waits for its time, or runs."""

from collections.abc import Sequence

from django.http import HttpRequest

from django_resque.monitor.addresses import row_url
from django_resque.monitor.base import may_see_arguments
from django_resque.monitor.details import linked
from django_resque.monitor.instance import resque
from django_resque.monitor.redaction import MASK, arguments_text
from django_resque.monitor.times import ago
from resque_core.display import one_line
from resque_core.job import Job

Facts = list[tuple[str, str]]


def facts_of(job: Job, site: str) -> Facts:
    """What every job says of itself."""
    return [
        ("Queue", linked(row_url(site, "queue", job.queue), job.queue)),
        ("Enqueued", ago(job.enqueued_at)),
        ("Attempt", str(job.attempt)),
        *([("Batch", batch_line(job.batch))] if job.batch else []),
        *([("Worth running until", ago(job.expires_at))] if job.expires_at else []),
        ("Job id", job.id),
    ]


def batch_line(batch: str) -> str:
    """How far the batch of a job has come."""
    found = resque.find_batch(batch)
    if found is None:
        return f"{batch}: not known any more"
    failed = f", {found.failed} failed" if found.failed else ""
    return f"{batch}: {found.total - found.pending} of {found.total} jobs have ended{failed}"


def texts_of(job: Job, request: HttpRequest) -> Sequence[tuple[str, str]]:
    """Its arguments, and how its attempts so far ended; masked for those who may not see them."""
    shown = may_see_arguments(request)
    texts = [("Arguments", arguments_text(job) if shown else MASK)]
    if job.history:
        lines = (_attempt(said, shown=shown) for said in reversed(job.history))
        texts.append(("Attempts before", "\n".join(lines)))
    return texts


def warnings_of(job: Job) -> list[str]:
    """Why it cannot run, if it cannot."""
    return [f"This is not a job: {job.problem}"] if job.problem else []


def _attempt(said: object, *, shown: bool) -> str:
    if not isinstance(said, dict):
        return one_line(said, 200)
    number, at, exception = (one_line(str(said.get(key, "–")), 100) for key in ("attempt", "at", "exception"))
    error = one_line(str(said.get("error", "")), 300) if shown else MASK
    return f"{number}  {at}  {exception}: {error}"
