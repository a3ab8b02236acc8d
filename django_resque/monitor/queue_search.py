"""A search among the jobs that wait on a queue, head first, bounded in time as that among failures."""

import time
from dataclasses import dataclass

from django_resque.monitor.instance import resque
from django_resque.monitor.redaction import arguments_text
from resque_core.job import Job

#: As many jobs are read at once, in so many calls at most.
WINDOW, CALLS = 1000, 3


@dataclass(frozen=True, slots=True)
class FoundJobs:
    """What a search found, each with its place in the queue from 1 on, and where it stopped."""

    jobs: tuple[tuple[int, Job], ...]
    start: int
    stop: int
    #: Whether there is nothing left to look at.
    complete: bool


def search_queue(queue: str, text: str, start: int, until: float, *, arguments: bool) -> FoundJobs:
    """Look for `text` in names, ids and, if `arguments`, in these; about until then (`time.monotonic`)."""
    found: list[tuple[int, Job]] = []
    stop = start
    for _ in range(CALLS):
        window = resque.peek(queue, stop, WINDOW)
        meant = enumerate(window, stop + 1)
        found += [(place, job) for place, job in meant if has_text(job, text, arguments=arguments)]
        stop += len(window)
        if len(window) < WINDOW:
            return FoundJobs(tuple(found), start, stop, complete=True)
        if time.monotonic() > until:
            break
    return FoundJobs(tuple(found), start, stop, complete=False)


def has_text(job: Job, text: str, *, arguments: bool) -> bool:
    """Whether the text is in what is shown of a job; never in what is hidden."""
    needle = text.casefold()
    if needle in f"{job.name}\n{job.id}".casefold():
        return True
    # Masking takes a while: only what has the text at all is worth it.
    raw = job.payload.decode(errors="replace").casefold() if arguments else ""
    return needle in raw and needle in arguments_text(job).casefold()
