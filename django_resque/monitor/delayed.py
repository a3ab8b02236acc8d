"""The jobs that wait for their time."""

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html

from django_resque.models import DelayedJob
from django_resque.monitor.addresses import row_url
from django_resque.monitor.base import MonitorAdmin, may_see_arguments
from django_resque.monitor.confirm import confirmed
from django_resque.monitor.details import Button, details, linked
from django_resque.monitor.instance import resque
from django_resque.monitor.job_facts import facts_of, texts_of, warnings_of
from django_resque.monitor.redaction import arguments_line
from django_resque.monitor.rows import Rows
from django_resque.monitor.times import ago


class DelayedRows(Rows):
    """Delayed jobs, the one that is due first at the head."""

    def total(self) -> int:
        """How many there are."""
        return resque.schedule.count()

    def window(self, start: int, count: int) -> Sequence[Any]:
        """Those from index `start`."""
        return resque.schedule.peek(start, count)

    def record(self, key: str) -> Any | None:
        """The one with this job id."""
        return resque.schedule.get(key)

    def key(self, record: Any) -> str:
        """The job's id."""
        return str(record.job.id)


class DelayedJobAdmin(MonitorAdmin):
    """All delayed jobs."""

    title = "Delayed"
    right = "jobs"
    verbs = ("run", "remove")
    list_display = ("job", "arguments", "queue", "due")
    actions = ("run_ticked", "remove_ticked")

    def get_queryset(self, request: HttpRequest) -> Any:
        """Every delayed job."""
        return DelayedRows(DelayedJob)

    def get_list_display(self, request: HttpRequest) -> tuple[str, ...]:
        """Arguments for those only who may see them."""
        shown = may_see_arguments(request)
        return tuple(name for name in self.list_display if shown or name != "arguments")

    @admin.display(description="job")
    def job(self, row: Any) -> str:
        """Name and id; and which attempt it waits for, if one has failed."""
        url = row_url(self.admin_site.name, "delayedjob", row.pk)
        link = linked(url, row.record.job.shown_name or "not a job")
        attempt = row.record.job.attempt
        again = format_html(' <span class="rq-tag">attempt {}</span>', attempt) if attempt > 1 else ""
        return format_html('{}{}<br><code class="rq-quiet">{}</code>', link, again, row.pk)

    @admin.display(description="arguments")
    def arguments(self, row: Any) -> str:
        """On one line."""
        return format_html("<code>{}</code>", arguments_line(row.record.job))

    @admin.display(description="queue")
    def queue(self, row: Any) -> str:
        """Where it will wait once it is due."""
        name = row.record.job.queue
        url = row_url(self.admin_site.name, "queue", name)
        return format_html('<a href="{}"><bdi>{}</bdi></a>', url, name)

    @admin.display(description="due")
    def due(self, row: Any) -> str:
        """When."""
        return ago(row.record.run_at)

    @admin.action(description="Run now", permissions=["manage"])
    def run_ticked(self, request: HttpRequest, queryset: Any) -> HttpResponse | None:
        """Put those that are ticked on their queues."""
        return self._bulk(request, queryset, "run", "Run these jobs now")

    @admin.action(description="Remove", permissions=["manage"])
    def remove_ticked(self, request: HttpRequest, queryset: Any) -> HttpResponse | None:
        """Delete those that are ticked, once that is confirmed."""
        return self._bulk(request, queryset, "remove", "Remove these jobs")

    def run(self, key: str) -> str:
        """Put it on its queue now."""
        return _told("waits on its queue now", key, resque.storage.schedule.promote_now([key]))

    def remove(self, key: str) -> str:
        """Delete it."""
        return _told("is removed", key, resque.storage.schedule.remove([key]))

    def detail(self, request: HttpRequest, key: str) -> HttpResponse:
        """Everything about one job."""
        found = resque.schedule.get(key)
        if found is None:
            return self.missing(request, key)
        sure = "The job would be deleted for good."
        return details(
            self,
            request,
            key,
            title=found.job.shown_name or "Not a job",
            warnings=warnings_of(found.job),
            facts=[("Due", ago(found.run_at)), *facts_of(found.job, self.admin_site.name)],
            buttons=[
                Button("run", "Run now", stays=False),
                Button("remove", "Remove", sure, stays=False),
            ],
            texts=texts_of(found.job, request),
        )

    def _bulk(self, request: HttpRequest, rows: Any, verb: str, question: str) -> HttpResponse | None:
        ask = verb == "remove" or rows.ids is None
        page = confirmed(self, request, rows, question) if ask else None
        # A list of its own: those that go let the others move up.
        return page or self.each(request, rows[0 : self.list_max_show_all], verb)


def _told(what: str, key: str, count: int) -> str:
    return f"{key} {what}." if count else f"{key} is due or gone already."
