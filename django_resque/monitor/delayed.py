"""The jobs that wait for their time."""

from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse

from django_resque.models import DelayedJob, Overview
from django_resque.monitor.addresses import row_url
from django_resque.monitor.base import MonitorAdmin, may_see_arguments
from django_resque.monitor.commands import carry_out
from django_resque.monitor.confirm import confirmed
from django_resque.monitor.delayed_rows import DelayedRows
from django_resque.monitor.details import Button, details, linked
from django_resque.monitor.filters import SearchFromFilter
from django_resque.monitor.instance import resque
from django_resque.monitor.job_facts import facts_of, texts_of, warnings_of
from django_resque.monitor.job_filters import DelayedNameFilter, DelayedQueueFilter, DueFilter, KindFilter
from django_resque.monitor.markup import format_html
from django_resque.monitor.options import option
from django_resque.monitor.redaction import arguments_line
from django_resque.monitor.search import Progress
from django_resque.monitor.search_time import time_of
from django_resque.monitor.times import ago, since

#: Seconds after which a job that is due, and was not promoted, is marked.
LATE = 60.0


class DelayedJobAdmin(MonitorAdmin):
    """All delayed jobs."""

    title = "Delayed"
    right = "jobs"
    verbs = ("run", "remove")
    list_display = ("job", "arguments", "queue", "due")
    list_filter = (KindFilter, DelayedQueueFilter, DelayedNameFilter, DueFilter, SearchFromFilter)
    search_fields = ("name",)
    change_list_template = "resque/delayed.html"
    actions = ("run_ticked", "remove_ticked")

    def get_queryset(self, request: HttpRequest) -> Any:
        """Every delayed job."""
        return DelayedRows(DelayedJob)

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        """Those with the text, and those of the filters, as far as can be looked in time."""
        text = search_term.strip()
        if text or queryset.wanted:
            start = getattr(request, "resque_search_from", 0)
            with time_of(request).searching() as until:
                queryset = queryset.searched(text, start, until, arguments=may_see_arguments(request))
            request.resque_found = queryset.found
        return queryset, False

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """The list; with a search, also how far it got."""
        progress = Progress(request, resque.schedule.count)
        return super().changelist_view(request, {"progress": progress, **(extra_context or {})})

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

    @admin.display(description="due", ordering="run_at")
    def due(self, row: Any) -> str:
        """When; marked if nobody has promoted it in time."""
        late = since(row.record.run_at) > LATE
        tag = format_html(' <span class="rq-tag rq-amber">{}</span>', "late") if late else ""
        return format_html("{}{}", ago(row.record.run_at), tag)

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
        if page is not None or rows.ids is not None:
            return page or self.each(request, rows, verb)
        keys = [row.pk for row in rows[0 : min(rows.count(), option("BULK_LIMIT"))]]
        step = {"run": resque.storage.schedule.promote_now, "remove": resque.storage.schedule.remove}[verb]
        told = {"run": "wait on their queues now", "remove": "are removed"}[verb]
        row = Overview(id=f"{len(keys)} delayed jobs")
        outcome = carry_out(
            request, self.right, verb, row, lambda: f"{step(keys)} of {len(keys)} jobs {told}."
        )
        self.message_user(request, outcome, messages.SUCCESS)
        return None


def _told(what: str, key: str, count: int) -> str:
    return f"{key} {what}." if count else f"{key} is due or gone already."
