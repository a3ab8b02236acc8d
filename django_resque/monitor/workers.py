"""The workers, and the jobs that run."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html, format_html_join

from django_resque.models import Worker, WorkingJob
from django_resque.monitor.addresses import row_url
from django_resque.monitor.base import MonitorAdmin, may_see_arguments
from django_resque.monitor.confirm import confirmed
from django_resque.monitor.filters import HostFilter
from django_resque.monitor.options import option
from django_resque.monitor.redaction import arguments_line
from django_resque.monitor.rows import ListedRows
from django_resque.monitor.source import snapshot
from django_resque.monitor.times import ago, since
from django_resque.stores import resque
from resque_core.codec import decode_leniently
from resque_core.records import WorkerInfo

STATES = {"working": "⚙ Working", "idle": "○ Idle", "lapsed": "⚠ Lost"}


class WorkerAdmin(MonitorAdmin):
    """All workers."""

    title = "Workers"
    right = "workers"
    verbs = ("quiet", "stop", "forget")
    list_display = ("state", "where", "queues", "job", "started", "heartbeat", "processed", "failed")
    list_filter = (HostFilter,)
    actions = ("quiet_ticked", "stop_ticked", "forget_ticked")

    def get_queryset(self, request: HttpRequest) -> Any:
        """Every worker that is registered."""
        return ListedRows(Worker, lambda: snapshot().workers, SORTS)

    @admin.display(description="state")
    def state(self, row: Any) -> str:
        """What it does."""
        return STATES[row.record.state]

    @admin.display(description="worker", ordering="host")
    def where(self, row: Any) -> str:
        """Machine and process; its id when pointed at."""
        return format_html('<bdi title="{}">{}:{}</bdi>', row.pk, row.record.host, row.record.pid)

    @admin.display(description="queues")
    def queues(self, row: Any) -> str:
        """Its patterns, as given."""
        return format_html_join(" ", '<span class="rq-tag">{}</span>', ((one,) for one in row.record.queues))

    @admin.display(description="job")
    def job(self, row: Any) -> str:
        """What it runs now."""
        return decode_leniently(row.record.reservation.entry).name if row.record.reservation else "–"

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
        found = next((one for one in resque.workers() if one.id == worker), None)
        if found is None:
            return f"{worker} is gone already."
        if found.state != "lapsed":
            return f"{worker} is alive: stop it first."
        if resque.storage.workers.unregister(worker):
            return f"{worker} is forgotten."
        return (
            f"{worker} still holds a job: the next sweep of any worker takes it back, and forgets the worker."
        )


class WorkingJobAdmin(MonitorAdmin):
    """The jobs that run."""

    title = "Working"
    right = "workers"
    verbs = ("stop",)
    list_display = ("where", "queue", "job", "arguments", "running")
    list_filter = (HostFilter,)
    actions = ("stop_ticked",)

    def get_queryset(self, request: HttpRequest) -> Any:
        """Every worker that holds a job, the one that holds it longest first."""
        return ListedRows(WorkingJob, lambda: snapshot().working, SORTS)

    def get_list_display(self, request: HttpRequest) -> tuple[str, ...]:
        """Arguments for those only who may see them."""
        shown = may_see_arguments(request)
        return tuple(name for name in self.list_display if shown or name != "arguments")

    @admin.display(description="worker", ordering="host")
    def where(self, row: Any) -> str:
        """Machine and process."""
        return format_html('<bdi title="{}">{}:{}</bdi>', row.pk, row.record.host, row.record.pid)

    @admin.display(description="queue")
    def queue(self, row: Any) -> str:
        """The queue it came from."""
        name = row.record.reservation.entry.queue
        url = row_url(self.admin_site.name, "queue", name)
        return format_html('<a href="{}"><bdi>{}</bdi></a>', url, name)

    @admin.display(description="job")
    def job(self, row: Any) -> str:
        """Its name."""
        return decode_leniently(row.record.reservation.entry).name or "not a job"

    @admin.display(description="arguments")
    def arguments(self, row: Any) -> str:
        """Its arguments, on one line."""
        return format_html("<code>{}</code>", arguments_line(decode_leniently(row.record.reservation.entry)))

    @admin.action(description="Stop: end the job, which fails", permissions=["manage"])
    def stop_ticked(self, request: HttpRequest, queryset: Any) -> HttpResponse | None:
        """End the jobs that are ticked, once that is confirmed."""
        page = confirmed(self, request, queryset, "End the jobs of these workers")
        return page or self.each(request, queryset, "stop")

    def stop(self, worker: str) -> str:
        """End the job that a worker runs; the worker goes on with the next."""
        return told(worker, "kill-job")

    @admin.display(description="running for")
    def running(self, row: Any) -> str:
        """For how long; marked when that is long."""
        begun = row.record.reservation.reserved_at
        slow = begun is not None and since(begun) > option("SLOW_AFTER")
        return format_html('<span class="{}">{}</span>', "rq-amber" if slow else "", ago(begun))


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
