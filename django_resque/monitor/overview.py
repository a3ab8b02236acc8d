"""Overview and Stats: the pages without rows, and the numbers that keep open pages up to date."""

from collections.abc import Sequence
from typing import Any

import django
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import path

from django_resque.monitor.base import MonitorAdmin, delayed
from django_resque.monitor.charts import DAY, SPANS, Span, depths_chart, jobs_chart
from django_resque.monitor.redaction import arguments_line
from django_resque.monitor.search import job_of
from django_resque.monitor.source import snapshot
from django_resque.monitor.sparks import Sparks
from django_resque.stores import resque
from resque_core import __version__
from resque_core.errors import NoQueueError
from resque_core.queue_list import QueueList
from resque_core.records import Overview, QueueInfo, WorkerInfo


class PageAdmin(MonitorAdmin):
    """A page that is not a list."""

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """The page, for those who may see it."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        return self.when_down(self.show)(request)

    def show(self, request: HttpRequest) -> HttpResponse:
        """The page itself."""
        raise NotImplementedError


class OverviewAdmin(PageAdmin):
    """Everything at a glance."""

    title = "Overview"

    def get_urls(self) -> list[Any]:
        """The numbers alone, for pages that are open."""
        return [path("live.json", self.wrapped(self.live), name="resque_live"), *super().get_urls()]

    def show(self, request: HttpRequest) -> HttpResponse:
        """Counters, what waits, what runs, what failed last, and what is wrong."""
        now, sparks = snapshot(), Sparks()
        span = request.GET.get("span", "")
        span = span if span in SPANS else "1h"
        last = resque.failures.peek(0, 5) if request.user.has_perm("resque.view_failedjob") else []
        return self.page(
            request,
            "resque/overview.html",
            now=now,
            processed=now.counters.get("processed", 0),
            busiest=[
                (queue, sparks.of(queue.name), state_of(queue, now))
                for queue in sorted(now.queues, key=lambda queue: -queue.size)[:10]
            ],
            running=now.working[:10],
            warnings=warnings(now),
            last=[(failure, arguments_line(job_of(failure), 80)) for failure in last],
            spans=SPANS,
            span=span,
            jobs=jobs_chart(SPANS[span]),
            depths=depths_chart(SPANS[span]),
            waited=f"Jobs that waited, in the last {'hour' if span == '1h' else '24 hours'}",
            empty=not (now.queues or now.workers or now.counters or now.failed or now.delayed),
        )

    def live(self, request: HttpRequest) -> HttpResponse:
        """The numbers of the tabs and cards."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        now = snapshot()
        return JsonResponse(
            {
                "pending": now.pending,
                "working": len(now.working),
                "workers": len(now.workers),
                "failed": now.failed,
                "delayed": now.delayed,
                "more_delayed": now.more_delayed,
                "retrying": now.retrying,
                "processed": now.counters.get("processed", 0),
                "paused": now.paused,
                "queues": {queue.name: queue.size for queue in now.queues},
            }
        )


class StatsAdmin(PageAdmin):
    """Counters, and what the store says of itself."""

    title = "Stats"

    def show(self, request: HttpRequest) -> HttpResponse:
        """The counters with their history, facts about the store, and how much it keeps of what."""
        now = snapshot()
        server = resque.storage.server_info()
        return self.page(
            request,
            "resque/stats.html",
            now=now,
            totals=[
                ("pending", now.pending),
                ("delayed", delayed(now)),
                ("retrying", now.retrying),
                *sorted(now.counters.items()),
                ("failed jobs kept", now.failed),
                ("queues", len(now.queues)),
                ("workers", len(now.workers)),
                ("working", len(now.working)),
            ],
            server=server,
            facts=[("location", server.location), ("namespace", resque.namespace), *server.details.items()],
            kept=sorted(resque.storage.inventory().items()),
            advice=advice(server.details),
            versions=[("resque-core", __version__), ("Django", django.get_version())],
            minutes=jobs_chart(Span("minute", 60)),
            days=jobs_chart(Span("day", 30)),
            depths=depths_chart(DAY),
        )


def warnings(now: Overview) -> list[str]:
    """What somebody should look at, each with what to do next."""
    found = [
        f"{worker.id} has missed its heartbeat: its job goes back to its queue."
        for worker in now.workers
        if worker.state == "lapsed"
    ]
    if now.paused:
        found.append("All queues are paused: no worker takes a job until they are resumed.")
    found += [
        f"Nobody listens to the queue {queue.name}, where {queue.size} jobs wait. Start a worker for it."
        for queue in now.queues
        if queue.size and not listeners(queue.name, now.workers)
    ]
    return found[:8]


def listeners(queue: str, workers: Sequence[WorkerInfo]) -> int:
    """How many workers take jobs from a queue."""
    return sum(_takes_from(worker, queue) for worker in workers)


def _takes_from(worker: WorkerInfo, queue: str) -> bool:
    try:
        return queue in QueueList(",".join(worker.queues)).resolve([queue])
    except NoQueueError:
        # Another program has registered it, under an id that names none.
        return False


def state_of(queue: QueueInfo, now: Overview) -> str:
    """Running, paused, or without workers; a sign and a word."""
    if queue.paused or now.paused:
        return "⏸ Paused"
    return "▶ Running" if listeners(queue.name, now.workers) else "⚠ No workers"


def advice(details: Any) -> list[str]:
    """What a store says of itself that is a danger to jobs."""
    policy = str(details.get("maxmemory_policy", "noeviction"))
    if policy == "noeviction":
        return []
    return [f"maxmemory-policy is {policy}: Redis may delete jobs when its memory is full. Set noeviction."]
