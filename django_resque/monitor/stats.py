"""Stats: counters with their history, and what the store says of itself."""

from typing import Any

import django
from django.http import HttpRequest, HttpResponse

from django_resque.monitor.base import delayed
from django_resque.monitor.charts import DAY, Span, depths_chart, jobs_chart
from django_resque.monitor.page import PageAdmin
from django_resque.monitor.source import snapshot
from django_resque.stores import resque
from resque_core import __version__


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


def advice(details: Any) -> list[str]:
    """What a store says of itself that is a danger to jobs."""
    policy = str(details.get("maxmemory_policy", "noeviction"))
    if policy == "noeviction":
        return []
    return [f"maxmemory-policy is {policy}: Redis may delete jobs when its memory is full. Set noeviction."]
