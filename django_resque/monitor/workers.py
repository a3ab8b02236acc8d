"""The workers."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html_join

from django_resque.models import Worker
from django_resque.monitor.addresses import row_url
from django_resque.monitor.base import MonitorAdmin
from django_resque.monitor.confirm import confirmed
from django_resque.monitor.details import Button, details, linked
from django_resque.monitor.filters import HostFilter
from django_resque.monitor.instance import resque
from django_resque.monitor.markup import format_html
from django_resque.monitor.rows import ListedRows
from django_resque.monitor.snapshot_filters import ListensFilter, WorkerStateFilter
from django_resque.monitor.source import snapshot
from django_resque.monitor.times import ago
from resque_core.codec import decode_leniently
from resque_core.records import Reservation, WorkerInfo

LOST = (
    "Lost: the last heartbeat is longer ago than the lease. The process was killed, is stuck, or cannot "
    "reach the store. Any other worker takes its job back to its queue within seconds, and forgets it."
)
STATES = {"working": "⚙ Working", "idle": "○ Idle", "lapsed": "⚠ Lost"}


class WorkerAdmin(MonitorAdmin):
    """All workers."""

    title = "Workers"
    right = "workers"
    verbs = ("quiet", "stop", "forget")
    list_display = ("state", "where", "queues", "job", "started", "heartbeat", "processed", "failed")
    list_filter = (WorkerStateFilter, HostFilter, ListensFilter)
    change_list_template = "resque/workers.html"
    actions = ("quiet_ticked", "stop_ticked", "forget_ticked")

    def get_queryset(self, request: HttpRequest) -> Any:
        """Every worker that is registered."""
        return ListedRows(Worker, lambda: snapshot().workers, SORTS)

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """The list, below its machines and what somebody should look at."""
        # Called by the template, where a store that is down is noticed.
        more = {"warnings": _lost, "machines": machines, "waiting": lambda: snapshot().pending}
        return super().changelist_view(request, {**more, **(extra_context or {})})

    @admin.display(description="state")
    def state(self, row: Any) -> str:
        """What it does."""
        return STATES[row.record.state]

    @admin.display(description="worker", ordering="host")
    def where(self, row: Any) -> str:
        """Machine and process, which lead to its page; its id when pointed at."""
        return worker_link(self.admin_site.name, row.record)

    @admin.display(description="queues")
    def queues(self, row: Any) -> str:
        """Its patterns, as given."""
        return format_html_join(" ", '<span class="rq-tag">{}</span>', ((one,) for one in row.record.queues))

    @admin.display(description="job")
    def job(self, row: Any) -> str:
        """What it runs now, which leads to that job's page."""
        held = row.record.reservation
        return self._running(row.record.id, held) if held else "–"

    @admin.display(description="started", ordering="started")
    def started(self, row: Any) -> str:
        """When it began."""
        return ago(row.record.started_at)

    @admin.display(description="heartbeat", ordering="heartbeat")
    def heartbeat(self, row: Any) -> str:
        """When it was heard of last."""
        return ago(row.record.heartbeat_at)

    @admin.display(description="processed", ordering="processed")
    def processed(self, row: Any) -> int:
        """Jobs that ended in it."""
        return int(row.record.processed)

    @admin.display(description="failed", ordering="failed")
    def failed(self, row: Any) -> int:
        """Those of them that failed."""
        return int(row.record.failed)

    def detail(self, request: HttpRequest, key: str) -> HttpResponse:
        """Everything about one worker."""
        found = worker_of(key)
        if found is None:
            return self.missing(request, key)
        lost = found.state == "lapsed"
        sure = "The worker would end. Its job gets its grace, and else goes back to its queue."
        return details(
            self,
            request,
            key,
            title=f"{found.host}:{found.pid}",
            warnings=[LOST] if lost else [],
            facts=self._facts(found),
            buttons=[
                Button("quiet", "Quiet"),
                Button("stop", "Stop", sure),
                *([Button("forget", "Forget", stays=False)] if lost else []),
            ],
        )

    def _facts(self, worker: WorkerInfo) -> list[tuple[str, str]]:
        held = worker.reservation
        return [
            ("State", STATES[worker.state]),
            ("Queues", ", ".join(worker.queues)),
            ("Running job", self._running(worker.id, held) if held else "–"),
            *([("Job began", ago(held.reserved_at))] if held else []),
            ("Started", ago(worker.started_at)),
            ("Heartbeat", ago(worker.heartbeat_at)),
            ("Processed", str(worker.processed)),
            ("Failed", str(worker.failed)),
            ("Worker id", worker.id),
        ]

    def _running(self, worker: str, held: Reservation) -> str:
        url = row_url(self.admin_site.name, "workingjob", worker)
        return linked(url, decode_leniently(held.entry).shown_name or "not a job")

    @admin.action(description="Quiet: take no more jobs", permissions=["manage"])
    def quiet_ticked(self, request: HttpRequest, queryset: Any) -> HttpResponse | None:
        """Quiet those that are ticked."""
        return self.each(request, queryset, "quiet")

    @admin.action(description="Stop", permissions=["manage"])
    def stop_ticked(self, request: HttpRequest, queryset: Any) -> HttpResponse | None:
        """Stop those that are ticked, once that is confirmed."""
        return confirmed(self, request, queryset, "Stop these workers") or self.each(
            request, queryset, "stop"
        )

    @admin.action(description="Forget lost workers", permissions=["manage"])
    def forget_ticked(self, request: HttpRequest, queryset: Any) -> HttpResponse | None:
        """Forget those that are ticked."""
        return self.each(request, queryset, "forget")

    def quiet(self, worker: str) -> str:
        """Let it finish its job and take no more."""
        return told(worker, "quiet")

    def stop(self, worker: str) -> str:
        """End it; its job gets its grace, and else goes back to its queue."""
        return told(worker, "stop")

    def forget(self, worker: str) -> str:
        """Remove the record of a worker that is gone and holds nothing."""
        found = worker_of(worker)
        if found is None:
            return f"{worker} is gone already."
        if found.state != "lapsed":
            return f"{worker} is alive: stop it first."
        if resque.storage.workers.unregister(worker):
            return f"{worker} is forgotten."
        return (
            f"{worker} still holds a job: the next sweep of any worker takes it back, and forgets the worker."
        )


@dataclass(frozen=True, slots=True)
class Machine:
    """The workers of one host."""

    host: str
    workers: int
    working: int
    lost: int


def machines() -> list[Machine]:
    """Each host that has workers, by name."""
    workers = sorted(snapshot().workers, key=lambda worker: worker.host)
    return [_machine(host, list(its)) for host, its in groupby(workers, key=lambda worker: worker.host)]


def _machine(host: str, workers: Sequence[WorkerInfo]) -> Machine:
    states = Counter(worker.state for worker in workers)
    return Machine(host, len(workers), states["working"], states["lapsed"])


def _lost() -> list[str]:
    return [LOST] if any(worker.state == "lapsed" for worker in snapshot().workers) else []


def worker_of(key: str) -> WorkerInfo | None:
    """The worker with this id."""
    return next((one for one in resque.workers() if one.id == key), None)


def worker_link(site: str, worker: WorkerInfo) -> str:
    """Machine and process, which lead to the worker's page."""
    link = linked(row_url(site, "worker", worker.id), f"{worker.host}:{worker.pid}")
    return format_html('<span title="{}">{}</span>', worker.id, link)


def told(worker: str, verb: str) -> str:
    """Leave a command for a worker; what became of it, in words."""
    if resque.storage.workers.command(worker, verb):
        return f"{worker} hears “{verb}” at its next heartbeat."
    return f"{worker} is gone already."


def _moment(name: str) -> Any:
    def of(worker: WorkerInfo) -> float:
        moment = getattr(worker, name)
        return moment.timestamp() if moment else 0.0

    return of


SORTS: dict[str, Any] = {
    "host": lambda worker: (worker.host, worker.pid),
    "started": _moment("started_at"),
    "heartbeat": _moment("heartbeat_at"),
    "processed": lambda worker: worker.processed,
    "failed": lambda worker: worker.failed,
}
