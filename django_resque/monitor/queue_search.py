"""A search among the jobs that wait on a queue, head first, bounded in time as that among failures."""

from django_resque.monitor.instance import resque
from django_resque.monitor.redaction import arguments_text
from django_resque.monitor.walking import FoundJobs, walk
from resque_core.job import Job


def search_queue(queue: str, text: str, start: int, until: float, *, arguments: bool) -> FoundJobs[Job]:
    """Look for `text` in names, ids and, if `arguments`, in these; about until then (`time.monotonic`)."""
    return walk(
        lambda first, count: resque.peek(queue, first, count),
        lambda job: has_text(job, text, arguments=arguments),
        start,
        until,
    )


def has_text(job: Job, text: str, *, arguments: bool) -> bool:
    """Whether the text is in what is shown of a job; never in what is hidden."""
    needle = text.casefold()
    if needle in f"{job.name}\n{job.id}".casefold():
        return True
    # Masking takes a while: only what has the text at all is worth it.
    raw = job.payload.decode(errors="replace").casefold() if arguments else ""
    return needle in raw and needle in arguments_text(job).casefold()
