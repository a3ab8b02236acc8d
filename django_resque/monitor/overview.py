"""Overview: everything at a glance, and the numbers that keep open pages up to date."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import path

from django_resque.monitor.charts import SPANS, Chart, Span, depths_chart, jobs_chart, noted_in
from django_resque.monitor.commands import may
from django_resque.monitor.concerns import concerns_of
from django_resque.monitor.finding import find
from django_resque.monitor.health import health_view
from django_resque.monitor.instance import resque
from django_resque.monitor.listening import Listeners
from django_resque.monitor.page import PageAdmin
from django_resque.monitor.programs import is_alone, work_on
from django_resque.monitor.redaction import arguments_line
from django_resque.monitor.search import job_of
from django_resque.monitor.source import snapshot
from django_resque.monitor.sparks import Sparks
from django_resque.monitor.times import duration
from resque_core.records import Overview

#: Queues, and running jobs, that are shown here. Their own pages have all.
ROWS = 10
#: Failures that are shown here.
LAST = 5


@dataclass(frozen=True, slots=True)
class Recent:
    """What ended lately, as far as the chart of the page tells anyhow."""

    processed: int
    failed: int
    #: Since when.
    when: str


class OverviewAdmin(PageAdmin):
    """Everything at a glance."""

    title = "Overview"

    def get_urls(self) -> list[Any]:
        """The numbers alone, and whether the store answers, for programs; and the way to what has an id."""
        return [
            path("live.json", self.wrapped(self.live), name="resque_live"),
            path("find/", self.wrapped(self.find), name="resque_find"),
            path("healthz", health_view, name="resque_healthz"),
            *super().get_urls(),
        ]

    def show(self, request: HttpRequest) -> HttpResponse:
        """What is wrong, counters, what waits, what runs, and what failed last."""
        now = snapshot()
        if not (now.queues or now.workers or now.counters or now.failed or now.delayed):
            return self.page(
                request, "resque/overview.html", empty=True, alone=is_alone(), work_command=work_on("*")
            )
        name = request.GET.get("span", "")
        name = name if name in SPANS else "1h"
        return self.page(
            request,
            "resque/overview.html",
            now=now,
            concerns=concerns_of(now),
            may_resume=may(request, "queues"),
            running=now.working[:ROWS],
            last=_last(request),
            spans=SPANS,
            span=name,
            waited=f"Jobs that waited, in the last {'hour' if name == '1h' else '24 hours'}",
            **_numbers(now, SPANS[name]),
        )

    def find(self, request: HttpRequest) -> HttpResponse:
        """On to what has an id."""
        self.refuse_strangers(request)
        return find(self, request)

    def live(self, request: HttpRequest) -> HttpResponse:
        """The numbers of the tabs and cards."""
        self.refuse_strangers(request)
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


def recent(chart: Chart, span: Span) -> Recent:
    """The end of a chart: the last hour; of one by days, today."""
    points = 60 // span.fold if span.grain == "minute" else 1
    processed, failed = (sum(value or 0 for value in line[-points:]) for line in chart.lines)
    return Recent(processed, failed, "in the last hour" if span.grain == "minute" else "today (UTC)")


def _numbers(now: Overview, span: Span) -> Mapping[str, Any]:
    """The charts, and what of them the rest of the page shows, too."""
    jobs, noted = jobs_chart(span), noted_in(span)
    depths = depths_chart(span, noted)
    return {"jobs": jobs, "depths": depths, "recent": recent(jobs, span), **_queues(now, Sparks(noted))}


def _queues(now: Overview, sparks: Sparks) -> Mapping[str, Any]:
    """The fullest queues, each with how long its oldest job waits, and the one that waits longest of all."""
    waits = resque.storage.queues.latencies([queue.name for queue in now.queues if queue.size])
    longest, listeners = max(waits, key=lambda name: waits[name], default=None), Listeners(now)
    shown = sorted(now.queues, key=lambda queue: (-queue.size, queue.name))[:ROWS]
    return {
        "busiest": [
            (queue, _waits(waits, queue.name), sparks.of(queue.name), listeners.shown(queue))
            for queue in shown
        ],
        "oldest": longest and (longest, _waits(waits, longest)),
        "more_queues": max(len(now.queues) - ROWS, 0),
    }


def _waits(waits: Mapping[str, float], queue: str) -> str:
    return duration(waits[queue]) if queue in waits else "–"


def _last(request: HttpRequest) -> list[Any]:
    if not request.user.has_perm("resque.view_failedjob"):
        return []
    return [(failure, arguments_line(job_of(failure), 80)) for failure in resque.failures.peek(0, LAST)]
