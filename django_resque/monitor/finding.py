"""`find`: from the id of a job, a failure, a batch or a worker to its page, wherever it is by now."""

import time
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from django_resque.monitor.addresses import Addresses
from django_resque.monitor.instance import resque
from django_resque.monitor.options import option
from django_resque.monitor.queue_search import search_queue
from django_resque.monitor.search import search
from django_resque.monitor.source import snapshot
from django_resque.monitor.workers import worker_of
from resque_core.display import one_line
from resque_core.failure import EVERY_FAILURE

#: As many queues, those with the most jobs, are looked through for a job that waits.
QUEUES = 4


def find(page: Any, request: HttpRequest) -> HttpResponse:
    """On to the page of what has this id; else to the failures, with what is known of it."""
    key = request.GET.get("id", "").strip()[:500]
    addresses = Addresses(page.admin_site.name)
    if not key:
        return HttpResponseRedirect(addresses.list("overview"))
    url = _of_a_job(key, addresses) or _of_others(key, addresses)
    if url is None:
        page.message_user(request, _known_of(key), messages.INFO)
        url = f"{addresses.list('failedjob')}?{urlencode({'q': key})}"
    return HttpResponseRedirect(url)


def _known_of(key: str) -> str:
    status = resque.job(key)
    if status is None:
        return f"Nothing waits, runs or is a batch or a worker under the id {one_line(key, 80)}."
    when = f", at {status.ended_at:%Y-%m-%d %H:%M:%S} UTC" if status.ended_at else ""
    return f"The job {one_line(key, 80)} is {status.status}{when}."


def _of_a_job(key: str, addresses: Addresses) -> str | None:
    standing = resque.storage.records.read(key)
    if standing is not None and standing.place == "running" and standing.reservation:
        return addresses.row("workingjob", standing.reservation.worker)
    if standing is not None and standing.place == "delayed":
        return addresses.row("delayedjob", key)
    if standing is not None and standing.place == "waiting":
        return _of_a_waiting_job(key, addresses)
    return _of_a_failure(key, addresses)


def _of_a_failure(key: str, addresses: Addresses) -> str | None:
    """By its own id, or that of its job, as far as a search comes."""
    until = time.monotonic() + float(option("SEARCH_SECONDS"))
    found = search(key, EVERY_FAILURE, 0, until, arguments=False)
    ids = [failure.id for failure in found.failures if key in (failure.id, failure.job_id)]
    return addresses.row("failedjob", ids[0]) if ids else None


def _of_a_waiting_job(key: str, addresses: Addresses) -> str:
    """On its queue, which it may have noted; else on one of the longest, if it is near its head."""
    status = resque.job(key)
    names = [status.queue] if status and status.queue else _longest_queues()
    until = time.monotonic() + float(option("SEARCH_SECONDS"))
    for name in names:
        found = search_queue(name, key, 0, until, arguments=False)
        if any(job.id == key for _, job in found.jobs):
            return f"{addresses.row('queue', name)}?{urlencode({'q': key})}"
    return addresses.list("queue")


def _longest_queues() -> list[str]:
    queues = sorted(snapshot().queues, key=lambda queue: -queue.size)
    return [queue.name for queue in queues if queue.size][:QUEUES]


def _of_others(key: str, addresses: Addresses) -> str | None:
    if resque.find_batch(key):
        return addresses.row("batch", key)
    return addresses.row("worker", key) if worker_of(key) else None
