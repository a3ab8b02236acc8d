"""Stats: counters with their history, and on a page of its own what the store says of itself."""

import platform
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

import django
from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse

from django_resque.monitor.base import delayed
from django_resque.monitor.charts import DAY, Chart, Span, depths_chart, jobs_chart
from django_resque.monitor.instance import resque
from django_resque.monitor.numbers import number
from django_resque.monitor.page import PageAdmin
from django_resque.monitor.source import snapshot
from resque_core import __version__
from resque_core.records import Overview


class StatsAdmin(PageAdmin):
    """Counters, and what the store says of itself."""

    title = "Stats"
    right = "queues"
    verbs = ("reset",)

    def get_urls(self) -> list[Any]:
        """The page of the store is below that of the counters."""
        backend = path("backend/", self.wrapped(self.backend), name="resque_stats_backend")
        return [backend, *super().get_urls()]

    def show(self, request: HttpRequest) -> HttpResponse:
        """The counters, with their history by minute and day."""
        now, days = snapshot(), jobs_chart(Span("day", 30))
        return self._tab(
            request,
            "resque/stats.html",
            counters=sorted(now.counters.items()),
            totals=totals_of(now),
            minutes=jobs_chart(Span("minute", 60)),
            depths=depths_chart(DAY),
            days=days,
            by_day=list(by_day(days)),
        )

    def backend(self, request: HttpRequest) -> HttpResponse:
        """Facts about the store, how much it keeps of what, and the versions of all that reads it."""
        self.refuse_strangers(request)
        server = resque.storage.server_info()
        return self._tab(
            request,
            "resque/stats_backend.html",
            server=server,
            facts=[("location", server.location), ("namespace", resque.namespace), *server.details.items()],
            kept=[(name, number(count)) for name, count in sorted(resque.storage.inventory().items())],
            advice=advice(server.details),
            versions=[
                ("resque-core", __version__),
                ("Django", django.get_version()),
                ("Python", platform.python_version()),
            ],
        )

    def reset(self, name: str) -> str:
        """Set a counter back."""
        resque.stats.clear(name)
        return f"The counter {name} is set back. Its history stays."

    def _tab(self, request: HttpRequest, template: str, **context: Any) -> HttpResponse:
        site = self.admin_site.name
        parts = [("resque_stats_changelist", "Resque"), ("resque_stats_backend", "Backend")]
        parted = [(reverse(f"{site}:{name}"), title) for name, title in parts]
        return self.page(request, template, parts=parted, **context)


def totals_of(now: Overview) -> Sequence[tuple[str, Any]]:
    """How much there is now."""
    return [
        ("pending", number(now.pending)),
        ("delayed", delayed(now)),
        ("retrying", number(now.retrying)),
        ("failed jobs kept", number(now.failed)),
        ("queues", len(now.queues)),
        ("workers", len(now.workers)),
        ("working", len(now.working)),
        ("servers", len({worker.host for worker in now.workers})),
    ]


def by_day(chart: Chart) -> Iterator[tuple[date, int, int, str]]:
    """Of each day on which anything ended, the last first: processed, failed, and the part that failed."""
    for start, (processed, failed) in chart.rows:
        done, bad = processed or 0, failed or 0
        yield start.date(), done, bad, f"{bad / done:.1%}" if done else "–"


def advice(details: Mapping[str, Any]) -> list[str]:
    """What a store says of itself that is a danger to jobs."""
    policy = str(details.get("maxmemory_policy", "noeviction"))
    if policy == "noeviction":
        return []
    return [f"maxmemory-policy is {policy}: Redis may delete jobs when its memory is full. Set noeviction."]
