"""The failed jobs: found by filters and a bounded search, retried and removed by stable id."""

from functools import partial
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.options import IncorrectLookupParameters
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path
from django.utils.text import Truncator

from django_resque.models import FailedJob, Overview
from django_resque.monitor.addresses import Addresses
from django_resque.monitor.base import MonitorAdmin, may_see_arguments
from django_resque.monitor.bulk import Course, next_slices, one_step, ticked_steps
from django_resque.monitor.commands import carry_out
from django_resque.monitor.confirm import back_to_list, confirmed, form_of, snapshot_of
from django_resque.monitor.failed_groups import Groups
from django_resque.monitor.failed_job import failed_job
from django_resque.monitor.failed_rows import FailedRows
from django_resque.monitor.filters import (
    ExceptionFilter,
    GroupFilter,
    JobFilter,
    QueueFilter,
    RetriedFilter,
    SearchFromFilter,
    WhenFilter,
    WorkerFilter,
    sample,
)
from django_resque.monitor.instance import resque
from django_resque.monitor.markup import format_html
from django_resque.monitor.numbers import whole
from django_resque.monitor.redaction import MASK, arguments_line
from django_resque.monitor.search import Progress, is_slow, job_of
from django_resque.monitor.search_time import time_of
from django_resque.monitor.source import snapshot
from django_resque.monitor.times import ago

#: So many characters of an error's message are in a row.
MESSAGE = 160
QUESTIONS = {
    "retry": "Retry these jobs",
    "keep": "Retry these jobs and keep their failures",
    "remove": "Remove these failures",
}
#: What can be done to all failures, or to all that match: address and verb.
EVERYTHING = (("retry_all", "retry"), ("clear_all", "remove"))


class FailedJobAdmin(MonitorAdmin):
    """All failures."""

    title = "Failed"
    right = "jobs"
    verbs = ("retry", "keep", "remove")
    list_display = ("job", "error", "queue", "failed")
    list_filter = (
        *(ExceptionFilter, JobFilter, QueueFilter, WorkerFilter, WhenFilter, RetriedFilter),
        *(SearchFromFilter, GroupFilter),
    )
    search_fields = ("name",)
    actions = ("retry_ticked", "keep_ticked", "remove_ticked")
    change_list_template = "resque/failed.html"

    def get_urls(self) -> list[Any]:
        """With what is done to all that match."""
        everything = [
            path(f"{name}/", self.wrapped(self._everything(verb)), name=f"resque_failedjob_{name}")
            for name, verb in EVERYTHING
        ]
        return [*everything, *super().get_urls()]

    def get_queryset(self, request: HttpRequest) -> Any:
        """Every failure."""
        addresses = Addresses(self.admin_site.name)
        shown = may_see_arguments(request)
        return FailedRows(FailedJob, partial(sample, request), addresses, arguments=shown)

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        """Those with the text, as far as can be looked in time; those of a filter that takes long, too.

        Groups are of as many as that.
        """
        text = search_term.strip()
        if text or is_slow(queryset.which) or getattr(request, "resque_grouped", False):
            start = getattr(request, "resque_search_from", 0)
            with time_of(request).searching() as until:
                queryset = queryset.searched(text, start, until)
            request.resque_found = queryset.found
        return queryset, False

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """The list; with a search, also how far it got."""
        more = {"progress": Progress(request, _all), "groups": Groups(request, self.list_url())}
        return super().changelist_view(request, {**more, **(extra_context or {})})

    @admin.display(description="job")
    def job(self, row: Any) -> str:
        """Name, and arguments on one line; leads to the job's page."""
        failure = row.record
        url = row.addresses.row("failedjob", row.pk)
        retried = (
            format_html(' <span class="rq-tag">retried {}</span>', ago(failure.retried_at))
            if failure.retried_at
            else ""
        )
        return format_html(
            '<a href="{}"><bdi>{}</bdi></a>{}<br><code class="rq-quiet">{}</code>',
            url, failure.name or "not a job", retried, self._arguments(row),
        )  # fmt: skip

    @admin.display(description="error")
    def error(self, row: Any) -> str:
        """The exception, and the beginning of its message."""
        text = _beginning(row.record.error) if row.arguments_shown else MASK
        return format_html("<strong><bdi>{}</bdi></strong><br><bdi>{}</bdi>", row.record.exception, text)

    @admin.display(description="queue")
    def queue(self, row: Any) -> str:
        """Where it came from."""
        url = row.addresses.row("queue", row.record.queue)
        return format_html('<a href="{}"><bdi>{}</bdi></a>', url, row.record.queue)

    @admin.display(description="failed", ordering="failed_at")
    def failed(self, row: Any) -> str:
        """When."""
        return ago(row.record.failed_at)

    @admin.action(description="Retry", permissions=["manage"])
    def retry_ticked(self, request: HttpRequest, queryset: Any) -> HttpResponse | None:
        """Put jobs back on their queues; their failures go."""
        return self._bulk(request, queryset, "retry", ask=queryset.ids is None)

    @admin.action(description="Retry and keep the failure", permissions=["manage"])
    def keep_ticked(self, request: HttpRequest, queryset: Any) -> HttpResponse | None:
        """Put jobs back on their queues; their failures stay, marked."""
        return self._bulk(request, queryset, "keep", ask=queryset.ids is None)

    @admin.action(description="Remove", permissions=["manage"])
    def remove_ticked(self, request: HttpRequest, queryset: Any) -> HttpResponse | None:
        """Delete failures for good."""
        return self._bulk(request, queryset, "remove", ask=True)

    def retry(self, key: str) -> str:
        """Put the job back on its queue."""
        return f"Retry: {one_step('retry', key)}."

    def keep(self, key: str) -> str:
        """Put the job back on its queue, and keep the failure."""
        return f"Retry and keep: {one_step('keep', key)}."

    def remove(self, key: str) -> str:
        """Delete the failure."""
        return f"Remove: {one_step('remove', key)}."

    def detail(self, request: HttpRequest, key: str) -> HttpResponse:
        """Everything about one failure."""
        failure = resque.failures.get(key)
        if failure is None:
            return self.missing(request, key)
        more = failed_job(request, failure, self.admin_site.name)
        return self.page(request, "resque/job.html", title=failure.name or "Not a job", **more)

    def _arguments(self, row: Any) -> str:
        return arguments_line(job_of(row.record), 100) if row.arguments_shown else MASK

    def _everything(self, verb: str) -> Any:
        """The page that asks, and what then is done to all that match the filters of its address."""

        def everything(request: HttpRequest) -> HttpResponse:
            if not self.has_manage_permission(request):
                raise PermissionDenied
            try:
                rows = self.get_changelist_instance(request).queryset
            except IncorrectLookupParameters:
                return HttpResponseRedirect(f"{self.list_url()}?e=1")
            back = HttpResponseRedirect(back_to_list(self, request))
            return self._bulk(request, rows, verb, ask=True) or back

        return everything

    def _bulk(self, request: HttpRequest, rows: Any, verb: str, *, ask: bool) -> HttpResponse | None:
        words = rows.in_words
        page = confirmed(self, request, rows, QUESTIONS[verb], words) if ask else None
        if page is not None:
            return page
        if rows.ids is None:
            return self._slices(request, rows, verb, Overview(id=f"failed jobs: {words}"))
        row = Overview(id=f"{len(rows.ids)} failed jobs")
        outcome = carry_out(request, self.right, verb, row, lambda: _told(verb, ticked_steps(verb, rows.ids)))
        self.message_user(request, outcome, messages.SUCCESS)
        return None

    def _slices(self, request: HttpRequest, rows: Any, verb: str, row: Any) -> HttpResponse | None:
        """As many as a request may; then the page that goes on, or the list."""
        courses: list[Course] = []

        def step() -> str:
            courses.extend(next_slices(request, rows, verb))
            return _told(verb, courses[0])

        carry_out(request, self.right, verb, row, step)
        course = courses[1]
        if course.finished:
            self.message_user(request, _told(verb, course), messages.SUCCESS)
            return None
        total = max(whole(request.POST.get("total", "")), course.became.total())
        return self.page(
            request,
            "resque/bulk.html",
            title=QUESTIONS[verb],
            words=rows.in_words,
            course=course,
            total=total,
            form=form_of(request),
            snapshot=snapshot_of(request),
            back=back_to_list(self, request),
        )


def _all() -> int:
    return snapshot().failed


def _told(verb: str, course: Course) -> str:
    return f"{verb.capitalize()}: {course}."


def _beginning(text: str) -> str:
    # Most are short, and to look for a good place to cut takes as long as all else of a row.
    return text if len(text) <= MESSAGE else Truncator(text).chars(MESSAGE)
