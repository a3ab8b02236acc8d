"""What the page of a queue lists: its jobs from the head or the tail, or those that a search finds."""

from typing import Any

from django.http import HttpRequest

from django_resque.monitor.instance import resque
from django_resque.monitor.numbers import whole
from django_resque.monitor.queue_search import search_queue
from django_resque.monitor.redaction import arguments_line
from django_resque.monitor.search_time import time_of
from resque_core.job import Job

#: Jobs on a page.
PAGE = 50
#: As many of what a search found are shown.
MOST = 200


def waiting_jobs(request: HttpRequest, queue: str, total: int, *, arguments: bool) -> dict[str, Any]:
    """What the template needs to list them."""
    text = request.GET.get("q", "").strip()
    if text:
        return _found(request, queue, text, arguments=arguments)
    place = min(whole(request.GET.get("start", "")), max(total - 1, 0))
    newest = request.GET.get("order") == "newest"
    start = max(total - place - PAGE, 0) if newest else place
    jobs = list(enumerate(resque.peek(queue, start, min(PAGE, total - place)), start + 1))
    return {
        "jobs": _lines(jobs[::-1] if newest else jobs, arguments=arguments),
        "newest": newest,
        "place": place,
        "before": max(place - PAGE, 0) if place else None,
        "after": place + PAGE if place + PAGE < total else None,
    }


def _found(request: HttpRequest, queue: str, text: str, *, arguments: bool) -> dict[str, Any]:
    start = whole(request.GET.get("from", ""))
    with time_of(request).searching() as until:
        found = search_queue(queue, text, start, until, arguments=arguments)
    return {"jobs": _lines(found.jobs[:MOST], arguments=arguments), "found": found, "text": text}


def _lines(jobs: Any, *, arguments: bool) -> list[tuple[int, Job, str]]:
    return [(place, job, arguments_line(job) if arguments else "") for place, job in jobs]
