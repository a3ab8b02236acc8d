"""The queues, and what waits on one of them."""

import math
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any
from urllib.parse import urlencode

from django.contrib import admin
from django.contrib.admin.utils import quote
from django.http import HttpRequest, HttpResponse, QueryDict
from django.urls import reverse

from django_resque.models import Queue
from django_resque.monitor.addresses import can_be_addressed, row_url
from django_resque.monitor.base import MonitorAdmin, may_see_arguments
from django_resque.monitor.charts import depth_chart
from django_resque.monitor.confirm import EXPECTED, MANY, TYPED, confirmed
from django_resque.monitor.instance import resque
from django_resque.monitor.listening import Listeners
from django_resque.monitor.markup import format_html
from django_resque.monitor.numbers import number
from django_resque.monitor.rows import ListedRows
from django_resque.monitor.snapshot_filters import QueueStateFilter
from django_resque.monitor.source import snapshot
from django_resque.monitor.sparks import Sparks
from django_resque.monitor.times import duration
from django_resque.monitor.waiting_jobs import waiting_jobs
from resque_core.errors import InvalidQueueName
from resque_core.records import ALL_QUEUES, QueueInfo
from resque_core.timing import Histogram

#: As many other queues are offered to move jobs to; any name may be typed.
OFFERED = 200


class QueueRows(ListedRows):
    """Queues with how long the oldest job of each waits, who listens, and how many waited."""

    def __getitem__(self, part: slice) -> list[Any]:
        rows = super().__getitem__(part)
        # Each is asked for all queues of a page at once.
        waits, listeners, sparks = waits_of(row.record for row in rows), Listeners(snapshot()), Sparks()
        for row in rows:
            row.oldest, row.spark = waits.get(row.pk), sparks.of(row.pk)
            row.listening, row.state = listeners.of(row.pk), listeners.shown(row.record)
        return rows


def waits_of(queues: Iterable[QueueInfo]) -> Mapping[str, float]:
    """Seconds that the job at the head of each queue has waited, for those that have one."""
    return resque.storage.queues.latencies([queue.name for queue in queues if queue.size])


class QueueAdmin(MonitorAdmin):
    """All queues."""

    title = "Queues"
    right = "queues"
    verbs = ("pause", "resume", "clear", "delete", "move_jobs", "remove_jobs")
    verbs_with_form = ("clear", "delete", "move_jobs", "remove_jobs")
    list_display = ("name", "pending", "oldest", "trend", "listening", "state")
    list_filter = (QueueStateFilter,)
    search_fields = ("name",)
    actions = ("pause_ticked", "resume_ticked", "clear_ticked", "delete_ticked")

    def get_queryset(self, request: HttpRequest) -> Any:
        """Every queue that is known."""
        # Who sorts by these wants them of all queues.
        waits = cache(lambda: waits_of(snapshot().queues))
        listeners = cache(lambda: Listeners(snapshot()))
        sorts = {
            "id": lambda queue: queue.name,
            "size": lambda queue: queue.size,
            "oldest": lambda queue: waits().get(queue.name, -1.0),
            "listening": lambda queue: listeners().of(queue.name),
        }
        return QueueRows(Queue, lambda: snapshot().queues, sorts)

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        """By a part of the name."""
        text = search_term.casefold()
        wanted = queryset.narrowed(lambda queue: text in queue.name.casefold())
        return wanted if text else queryset, False

    @admin.display(description="queue", ordering="id")
    def name(self, row: Any) -> str:
        """The name, which leads to its jobs."""
        url = row_url(self.admin_site.name, "queue", row.pk)
        return format_html('<a href="{}"><bdi>{}</bdi></a>', url, row.pk)

    @admin.display(description="pending", ordering="size")
    def pending(self, row: Any) -> str:
        """How many wait."""
        return number(row.record.size)

    @admin.display(description="oldest waits", ordering="oldest")
    def oldest(self, row: Any) -> str:
        """For how long the job at the head has waited."""
        return "–" if row.oldest is None else duration(row.oldest)

    @admin.display(description="last hour")
    def trend(self, row: Any) -> str:
        """How many waited."""
        return str(row.spark)

    @admin.display(description="workers", ordering="listening")
    def listening(self, row: Any) -> str:
        """How many workers take from it, which leads to them."""
        return workers_link(self.admin_site.name, row.pk, row.listening)

    @admin.display(description="state")
    def state(self, row: Any) -> str:
        """Whether anybody takes jobs from it."""
        return str(row.state)

    @admin.action(description="Pause", permissions=["manage"])
    def pause_ticked(self, request: HttpRequest, queryset: Any) -> HttpResponse | None:
        """Pause each queue that is ticked."""
        return self.each(request, queryset, "pause")

    @admin.action(description="Resume", permissions=["manage"])
    def resume_ticked(self, request: HttpRequest, queryset: Any) -> HttpResponse | None:
        """Resume each queue that is ticked."""
        return self.each(request, queryset, "resume")

    @admin.action(description="Clear: delete what waits", permissions=["manage"])
    def clear_ticked(self, request: HttpRequest, queryset: Any) -> HttpResponse | None:
        """Clear each queue that is ticked, once that is confirmed."""
        return confirmed(self, request, queryset, "Clear these queues") or self.each(
            request, queryset, "clear"
        )

    @admin.action(description="Delete queues with what waits", permissions=["manage"])
    def delete_ticked(self, request: HttpRequest, queryset: Any) -> HttpResponse | None:
        """Delete each queue that is ticked, once that is confirmed."""
        return confirmed(self, request, queryset, "Delete these queues") or self.each(
            request, queryset, "delete"
        )

    def pause(self, name: str) -> str:
        """Let no worker take from it."""
        resque.pause(name)
        return "All queues are paused." if name == ALL_QUEUES else f"{name} is paused."

    def resume(self, name: str) -> str:
        """Let workers take from it."""
        resque.resume(name)
        return "All queues are resumed." if name == ALL_QUEUES else f"{name} is resumed."

    def clear(self, name: str, form: QueryDict | None = None) -> str:
        """Delete what waits."""
        return _unsure(name, form) or f"{name}: {resque.clear_queue(name)} waiting jobs deleted."

    def delete(self, name: str, form: QueryDict | None = None) -> str:
        """Delete what waits, and the queue."""
        return _unsure(name, form) or f"{name} is deleted with {resque.remove_queue(name)} waiting jobs."

    def move_jobs(self, name: str, form: QueryDict) -> str:
        """Let the jobs that are ticked wait on another queue, unless they have been begun."""
        keys, to = form.getlist("job")[:MANY], form.get("to", "").strip()
        if not keys or to == name:
            return f"{name}: {'they wait there already' if keys else 'no job was ticked'}."
        try:
            moved = resque.move(name, to, keys)
        except InvalidQueueName as error:
            return f"{name}: nothing was moved. {error}"
        return f"{name}: {moved} waiting jobs moved to {to}{_gone(len(keys) - moved)}."

    def remove_jobs(self, name: str, form: QueryDict) -> str:
        """Delete the jobs that are ticked, unless they have been begun."""
        keys = form.getlist("job")[:MANY]
        removed = sum(resque.storage.jobs.cancel(key) for key in keys)
        gone = _gone(len(keys) - removed)
        return f"{name}: {removed} waiting jobs deleted{gone}." if keys else f"{name}: no job was ticked."

    def detail(self, request: HttpRequest, key: str) -> HttpResponse:
        """The jobs that wait, from the head or from the tail."""
        found = next((queue for queue in snapshot().queues if queue.name == key), None)
        if found is None:
            return self.missing(request, key)
        total, listeners = resque.size(key), Listeners(snapshot())
        return self.page(
            request,
            "resque/queue.html",
            title=f"Queue {key}",
            queue=found,
            key=quote(key),
            total=total,
            oldest=duration(resque.latency(key)) if total else "–",
            waited=_waited(resque.timings(key).wait),
            listening=workers_link(self.admin_site.name, key, listeners.of(key)),
            state=listeners.shown(found),
            depth=depth_chart(key),
            typed=key if total > MANY else "",
            others=[queue.name for queue in snapshot().queues if queue.name != key][:OFFERED],
            move_url=reverse(f"{self.admin_site.name}:resque_queue_move_jobs", args=[quote(key)]),
            remove_url=reverse(f"{self.admin_site.name}:resque_queue_remove_jobs", args=[quote(key)]),
            **waiting_jobs(request, key, total, arguments=may_see_arguments(request)),
        )


def workers_link(site: str, queue: str, count: int) -> str:
    """How many workers listen to a queue, which leads to them where an address can have its name."""
    if not count or not can_be_addressed(queue):
        return number(count)
    address = f"{reverse(f'{site}:resque_worker_changelist')}?{urlencode({'queue': queue})}"
    return format_html('<a href="{}">{}</a>', address, number(count))


def _unsure(name: str, form: QueryDict | None) -> str:
    """Why nothing is deleted, if the page asked for a name and another one was typed."""
    if form is None or EXPECTED not in form or form.get(TYPED, "").strip() == name:
        return ""
    return f"{name}: nothing was deleted, as its name was not typed."


def _gone(count: int) -> str:
    return f", {count} were begun or gone already" if count else ""


def _waited(waits: Histogram) -> str:
    """Within what time half of its jobs were reserved, and nearly all."""
    if not waits.total:
        return "–"
    return f"half {_within(waits.within(0.5))}, 95 % {_within(waits.within(0.95))}"


def _within(seconds: float) -> str:
    if math.isinf(seconds):
        return "for hours"
    if seconds < 1:
        return f"up to {seconds * 1000:.0f} ms"
    return f"up to {seconds:g} s" if seconds < 60 else f"up to {duration(seconds)}"
