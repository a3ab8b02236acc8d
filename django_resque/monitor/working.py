"""The jobs that run."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse

from django_resque.models import WorkingJob
from django_resque.monitor.addresses import row_url
from django_resque.monitor.base import MonitorAdmin, may_see_arguments
from django_resque.monitor.confirm import confirmed
from django_resque.monitor.details import Button, details, linked
from django_resque.monitor.filters import HostFilter
from django_resque.monitor.instance import resque
from django_resque.monitor.job_facts import facts_of, texts_of, warnings_of
from django_resque.monitor.job_filters import RunningNameFilter, RunningQueueFilter, running_job
from django_resque.monitor.markup import format_html
from django_resque.monitor.options import option
from django_resque.monitor.redaction import arguments_line
from django_resque.monitor.rows import ListedRows
from django_resque.monitor.source import snapshot
from django_resque.monitor.times import ago, since
from django_resque.monitor.workers import SORTS, told, worker_link, worker_of
from resque_core.clock import utc_now
from resque_core.codec import decode_leniently
from resque_core.job import Job


class WorkingJobAdmin(MonitorAdmin):
    """The jobs that run."""

    title = "Working"
    right = "workers"
    verbs = ("stop",)
    list_display = ("where", "queue", "job", "running")
    list_filter = (HostFilter, RunningQueueFilter, RunningNameFilter)
    actions = ("stop_ticked",)

    def get_queryset(self, request: HttpRequest) -> Any:
        """Every worker that holds a job, the one that holds it longest first."""
        sorts = SORTS | {"running": lambda worker: utc_now() - (worker.reservation.reserved_at or utc_now())}
        rows = ListedRows(WorkingJob, lambda: snapshot().working, sorts)
        return rows.changed(arguments_shown=may_see_arguments(request))

    @admin.display(description="worker", ordering="host")
    def where(self, row: Any) -> str:
        """Machine and process, which lead to the worker."""
        return worker_link(self.admin_site.name, row.record)

    @admin.display(description="queue")
    def queue(self, row: Any) -> str:
        """The queue it came from."""
        name = row.record.reservation.entry.queue
        url = row_url(self.admin_site.name, "queue", name)
        return format_html('<a href="{}"><bdi>{}</bdi></a>', url, name)

    @admin.display(description="job")
    def job(self, row: Any) -> str:
        """Its name, which leads to its page; for those who may see them its arguments, on one line."""
        job = running_job(row.record)
        link = linked(row_url(self.admin_site.name, "workingjob", row.pk), job.shown_name or "not a job")
        line = arguments_line(job) if row.arguments_shown else ""
        return format_html('{}<br><code class="rq-quiet">{}</code>', link, line) if line else link

    def detail(self, request: HttpRequest, key: str) -> HttpResponse:
        """Everything about the job that a worker runs."""
        found = worker_of(key)
        if found is None or found.reservation is None:
            return self.missing(request, key)
        job = decode_leniently(found.reservation.entry)
        site = self.admin_site.name
        return details(
            self,
            request,
            key,
            title=job.shown_name or "Not a job",
            warnings=warnings_of(job),
            facts=[
                ("Began", ago(found.reservation.reserved_at)),
                ("Worker", worker_link(site, found)),
                *_progress(job),
                *facts_of(job, site),
                ("Taken back from dead workers", str(found.reservation.rescues)),
            ],
            buttons=[Button("stop", "Stop", "The job would be ended, and fail. Its worker goes on.")],
            texts=texts_of(job, request),
        )

    @admin.action(description="Stop: end the job, which fails", permissions=["manage"])
    def stop_ticked(self, request: HttpRequest, queryset: Any) -> HttpResponse | None:
        """End the jobs that are ticked, once that is confirmed."""
        page = confirmed(self, request, queryset, "End the jobs of these workers")
        return page or self.each(request, queryset, "stop")

    def stop(self, worker: str) -> str:
        """End the job that a worker runs; the worker goes on with the next."""
        return told(worker, "kill-job")

    @admin.display(description="running for", ordering="running")
    def running(self, row: Any) -> str:
        """For how long; marked when that is long."""
        begun = row.record.reservation.reserved_at
        slow = begun is not None and since(begun) > option("SLOW_AFTER")
        return format_html('<span class="{}">{}</span>', "rq-amber" if slow else "", ago(begun))


def _progress(job: Job) -> list[tuple[str, str]]:
    """How far a tracked job is, and what it says to that."""
    status = resque.job(job.id) if job.track else None
    if status is None or status.n is None:
        return []
    of = f" of {status.total:g}" if status.total else ""
    return [("Progress", " – ".join(filter(None, [f"{status.n:g}{of}", status.message])))]
