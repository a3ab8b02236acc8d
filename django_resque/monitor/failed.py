"""The failed jobs: found by filters and a bounded search, retried and removed by stable id."""

import time
from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.utils import quote
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html
from django.utils.text import Truncator

from django_resque.models import FailedJob, Overview
from django_resque.monitor.addresses import Addresses
from django_resque.monitor.base import MonitorAdmin, may_see_arguments
from django_resque.monitor.commands import carry_out
from django_resque.monitor.confirm import confirmed, snapshot_of
from django_resque.monitor.failed_rows import FailedRows
from django_resque.monitor.filters import (
    ExceptionFilter,
    JobFilter,
    QueueFilter,
    RetriedFilter,
    SearchFromFilter,
    WhenFilter,
    WorkerFilter,
    sample,
)
from django_resque.monitor.job_facts import batch_line
from django_resque.monitor.options import option
from django_resque.monitor.redaction import MASK, arguments_line, arguments_text
from django_resque.monitor.search import is_slow, job_of
from django_resque.monitor.source import snapshot
from django_resque.monitor.times import ago
from django_resque.stores import resque
from resque_core.failure import Failure

#: What happens to one failure: done, gone, or not retryable.
DONE, GONE, REFUSED = "done", "already gone", "not retryable (retried before, or its job waits or runs)"
#: So many characters of an error's message are in a row.
MESSAGE = 160
QUESTIONS = {
    "retry": "Retry these jobs",
    "keep": "Retry these jobs and keep their failures",
    "remove": "Remove these failures",
}


class FailedJobAdmin(MonitorAdmin):
    """All failures."""

    title = "Failed"
    right = "jobs"
    verbs = ("retry", "keep", "remove")
    list_display = ("job", "error", "queue", "failed")
    list_filter = (
        *(ExceptionFilter, JobFilter, QueueFilter, WorkerFilter, WhenFilter, RetriedFilter),
        SearchFromFilter,
    )
    search_fields = ("name",)
    actions = ("retry_ticked", "keep_ticked", "remove_ticked")
    change_list_template = "resque/failed.html"

    def get_queryset(self, request: HttpRequest) -> Any:
        """Every failure."""
        addresses = Addresses(self.admin_site.name)
        shown = may_see_arguments(request)
        return FailedRows(FailedJob, partial(sample, request), addresses, arguments=shown)

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        """Those with the text, as far as can be looked in time; those of a filter that takes long, too."""
        text = search_term.strip()
        if text or is_slow(queryset.which):
            start = getattr(request, "resque_search_from", 0)
            queryset = queryset.searched(text, start, self._until(request))
            request.resque_found = queryset.found
        return queryset, False

    @staticmethod
    def _until(request: HttpRequest) -> float:
        """When a search is to stop. What the page has read for its filters is a part of that time."""
        began: float = getattr(request, "resque_began", time.monotonic())
        return began + float(option("SEARCH_SECONDS"))

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """The list; with a search, also how far it got."""
        request.resque_began = time.monotonic()
        return super().changelist_view(request, {"progress": Progress(request), **(extra_context or {})})

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
        job = job_of(failure)
        shown = may_see_arguments(request)
        return self.page(
            request,
            "resque/job.html",
            title=failure.name or "Not a job",
            failure=failure,
            job=job,
            key=quote(key),
            arguments=arguments_text(job) if shown else MASK,
            error=failure.error if shown else MASK,
            backtrace="\n".join(failure.backtrace) if shown else "",
            failed=ago(failure.failed_at),
            enqueued=ago(job.enqueued_at),
            batch=batch_line(job.batch) if job.batch else "",
            retried=ago(failure.retried_at) if failure.retried_at else "",
        )

    def _arguments(self, row: Any) -> str:
        return arguments_line(job_of(row.record), 100) if row.arguments_shown else MASK

    def _bulk(self, request: HttpRequest, rows: Any, verb: str, *, ask: bool) -> HttpResponse | None:
        if ask:
            page = confirmed(self, request, rows, QUESTIONS[verb], in_words(request, rows))
            if page is not None:
                return page
        everything = rows.ids is None
        row = Overview(id="failed jobs, by filter" if everything else f"{len(rows.ids)} failed jobs")
        outcome = carry_out(request, self.right, verb, row, lambda: self._each(request, rows, verb))
        self.message_user(request, outcome, messages.SUCCESS)
        return None

    def _each(self, request: HttpRequest, rows: Any, verb: str) -> str:
        done = Counter(one_step(verb, key) for key in rows.ids or ())
        limit, count = option("BULK_LIMIT"), rows.count()
        for failures in rows.slices_until(snapshot_of(request)) if rows.ids is None else ():
            some = failures[: limit - done.total()]
            done += many_steps(verb, some)
            if len(some) < len(failures):
                done["left: do it again for the rest, of at most that many at once"] = max(count - limit, 1)
                break
        outcomes = ", ".join(f"{count} {outcome}" for outcome, count in done.items()) or "nothing matched"
        return f"{verb.capitalize()}: {outcomes}."


def _beginning(text: str) -> str:
    # Most are short, and to look for a good place to cut takes as long as all else of a row.
    return text if len(text) <= MESSAGE else Truncator(text).chars(MESSAGE)


def one_step(verb: str, key: str) -> str:
    """Do it to one failure; what became of it."""
    steps: dict[str, Callable[[], bool]] = {
        "retry": lambda: resque.failures.requeue(key),
        "keep": lambda: resque.failures.requeue(key, keep=True),
        "remove": lambda: resque.failures.remove(key),
    }
    if steps[verb]():
        return DONE
    return GONE if resque.failures.get(key) is None else REFUSED


def many_steps(verb: str, failures: Sequence[Failure]) -> Counter[str]:
    """Do it to all of these; how often what became of them."""
    if verb == "remove":
        done = resque.failures.remove_many(failure.id for failure in failures)
    else:
        done = resque.failures.requeue_many(failures, keep=verb == "keep")
    others = {failure.id for failure in failures}.difference(done)
    became = Counter(GONE if resque.failures.get(key) is None else REFUSED for key in others)
    return Counter({DONE: len(done)}) + became


def in_words(request: HttpRequest, rows: Any) -> str:
    """What a filter and a search leave, in words."""
    which = rows.which
    parts = [
        *([f"exception {which.exception}"] if which.exception else []),
        *([f"job {which.name}"] if which.name else []),
        *([f"queue {which.queue}"] if which.queue else []),
        *([f"worker {which.worker}"] if which.worker else []),
        *([f"failed after {which.since:%Y-%m-%d %H:%M} UTC"] if which.since else []),
        *({True: ["retried"], False: ["not retried"]}.get(which.retried, [])),
        *([f"with “{request.GET['q']}” in them, as far as the search came"] if rows.text else []),
    ]
    return ", ".join(parts) or "every failed job"


class Progress:
    """How far a search got; asked by the template, after the list has searched."""

    def __init__(self, request: HttpRequest) -> None:
        self._request = request

    def __bool__(self) -> bool:
        return self.found is not None

    @property
    def found(self) -> Any:
        """What was found, if there was a search."""
        return getattr(self._request, "resque_found", None)

    @property
    def total(self) -> int:
        """How many failures there are in all."""
        return snapshot().failed

    @property
    def next(self) -> str:
        """The address of the next slice."""
        query = self._request.GET.copy()
        query.pop("p", None)
        query["from"] = str(self.found.stop)
        return f"?{query.urlencode()}"
