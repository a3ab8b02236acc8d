"""The recurring entries: what they enqueue, when they did and when they will."""

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html_join

from django_resque.models import Schedule
from django_resque.monitor.addresses import row_url
from django_resque.monitor.base import MonitorAdmin, may_see_arguments
from django_resque.monitor.confirm import confirmed
from django_resque.monitor.details import Button, details, linked
from django_resque.monitor.instance import resque
from django_resque.monitor.markup import format_html
from django_resque.monitor.other_arguments import fields_of, read
from django_resque.monitor.redaction import MASK, arguments_line, arguments_text
from django_resque.monitor.rows import ListedRows
from django_resque.monitor.times import ago, since
from resque_core.errors import ResqueError, StorageError
from resque_core.job import Job
from resque_core.recurring_job import API, RecurringJob

#: Seconds after which a run that has not come is somebody's to look at: schedulers look every few seconds.
LATE = 60.0
#: What becomes of runs that no scheduler was there for.
MISSED = {"last": "one is made up for", "all": "each is made up for", "none": "are passed over"}

OTHERS = "Once, with these. The entry and its next run stay as they are."


class ScheduleAdmin(MonitorAdmin):
    """All recurring entries."""

    title = "Schedule"
    right = "jobs"
    verbs = ("run", "run_with", "pause", "resume", "remove")
    verbs_with_form = ("run_with",)
    list_display = ("name", "job", "queue", "when", "last", "next")
    search_fields = ("name",)
    actions = ("run_ticked", "pause_ticked", "resume_ticked", "remove_ticked")

    def get_queryset(self, request: HttpRequest) -> Any:
        """Every entry, by name; a page reads them once."""
        return ListedRows(Schedule, cache(resque.all_schedules), SORTS).changed(
            arguments_shown=may_see_arguments(request)
        )

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        """By a part of the name or of the job's."""
        text = search_term.casefold()
        wanted = queryset.changed(wanted=lambda job: text in f"{job.name}\n{job.entry.job}".casefold())
        return wanted if text else queryset, False

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """The list, below what somebody should look at."""
        # Called by the template, where a store that is down is noticed.
        return super().changelist_view(request, {"warnings": warnings, **(extra_context or {})})

    @admin.display(description="entry", ordering="id")
    def name(self, row: Any) -> str:
        """Its name, what it is for, and what became of a run that had no job."""
        parts = [linked(row_url(self.admin_site.name, "schedule", row.pk), row.pk)]
        if about := row.record.entry.description:
            parts.append(format_html('<br><span class="rq-quiet">{}</span>', about))
        if note := row.record.note:
            parts.append(format_html('<br><span class="rq-amber">⚠</span> <bdi>{}</bdi>', note))
        return format_html_join("", "{}", ((part,) for part in parts))

    @admin.display(description="job")
    def job(self, row: Any) -> str:
        """The job's name, and for those who may see them its arguments."""
        name = format_html("<bdi>{}</bdi>", row.record.entry.job)
        line = arguments_line(job_of(row.record), 100) if row.arguments_shown else ""
        return format_html('{}<br><code class="rq-quiet">{}</code>', name, line) if line else name

    @admin.display(description="queue")
    def queue(self, row: Any) -> str:
        """Where its jobs wait, if it says so itself."""
        return queue_link(self.admin_site.name, row.record)

    @admin.display(description="when")
    def when(self, row: Any) -> str:
        """Its times, as they were written."""
        return format_html("<bdi>{}</bdi>", row.record.entry.when or "by hand")

    @admin.display(description="last run", ordering="last")
    def last(self, row: Any) -> str:
        """The last one that had a job."""
        return ago(row.record.last_run)

    @admin.display(description="next run", ordering="next")
    def next(self, row: Any) -> str:
        """When it is due."""
        return coming(row.record)

    @admin.action(description="Run now", permissions=["manage"])
    def run_ticked(self, request: HttpRequest, queryset: Any) -> HttpResponse | None:
        """Enqueue the jobs of those that are ticked."""
        return self._bulk(request, queryset, "run", "Run these now")

    @admin.action(description="Pause", permissions=["manage"])
    def pause_ticked(self, request: HttpRequest, queryset: Any) -> HttpResponse | None:
        """Let those that are ticked have no runs."""
        return self._bulk(request, queryset, "pause", "Pause these")

    @admin.action(description="Resume", permissions=["manage"])
    def resume_ticked(self, request: HttpRequest, queryset: Any) -> HttpResponse | None:
        """Let those that are ticked have runs again."""
        return self._bulk(request, queryset, "resume", "Resume these")

    @admin.action(description="Remove", permissions=["manage"])
    def remove_ticked(self, request: HttpRequest, queryset: Any) -> HttpResponse | None:
        """Delete those that are ticked, once that is confirmed."""
        return self._bulk(request, queryset, "remove", "Remove these recurring entries")

    def run(self, name: str) -> str:
        """Enqueue its job now; the next run stays."""
        return _run(name, lambda: ([], {}))

    def run_with(self, name: str, form: Mapping[str, str]) -> str:
        """Enqueue its job now, with the arguments of the form in place of its own."""
        return _run(name, lambda: read(form))

    def pause(self, name: str) -> str:
        """Let it have no runs."""
        return _told("is paused", name, done=resque.pause_schedule(name))

    def resume(self, name: str) -> str:
        """Let it have runs again."""
        return _told("is resumed", name, done=resque.resume_schedule(name))

    def remove(self, name: str) -> str:
        """Delete it. One from code or a file comes back with the next scheduler that says it."""
        return _told("is removed", name, done=resque.remove_schedule(name))

    def detail(self, request: HttpRequest, key: str) -> HttpResponse:
        """Everything about one entry."""
        found = resque.fetch_schedule(key)
        if found is None:
            return self.missing(request, key)
        steer = Button("resume", "Resume") if found.paused else Button("pause", "Pause")
        shown = may_see_arguments(request)
        arguments = arguments_text(job_of(found)) if shown else MASK
        given = found.entry.args or found.entry.kwargs
        other = Button(
            "run_with", "Run now with other arguments", OTHERS, fields=fields_of(job_of(found), shown=shown)
        )
        return details(
            self,
            request,
            key,
            title=found.name,
            warnings=[*filter(None, [found.note]), *(warnings() if is_late(found) else [])],
            facts=facts_of(found, self.admin_site.name),
            buttons=[
                Button("run", "Run now"),
                steer,
                Button("remove", "Remove", _sure(found), stays=False),
                other,
            ],
            texts=[("Arguments", arguments)] if given else [],
        )

    def _bulk(self, request: HttpRequest, rows: Any, verb: str, question: str) -> HttpResponse | None:
        ask = verb == "remove" or rows.ids is None
        page = confirmed(self, request, rows, question) if ask else None
        return page or self.each(request, rows[0 : self.list_max_show_all], verb)


def _run(name: str, given: Callable[[], tuple[list[Any], dict[str, Any]]]) -> str:
    try:
        args, kwargs = given()
        job = resque.run_schedule(name, *args, **kwargs)
    except StorageError:
        raise
    except ResqueError as error:
        return f"{name} was not run: {error}"
    if job is None:
        return f"{name} was not run: a hook refused its job, or it is there already."
    return f"{name}: job {job.id} waits on {job.queue}."


def facts_of(job: RecurringJob, site: str) -> list[tuple[str, str]]:
    """What an entry says, and how it stands."""
    entry = job.entry
    return [
        ("Job", entry.job),
        ("When", entry.when or "by hand"),
        ("Next run", coming(job)),
        ("Last run", ago(job.last_run)),
        ("Last job", job.last_job or "–"),
        ("Queue", queue_link(site, job)),
        ("Missed runs", MISSED[entry.catch_up]),
        ("While one runs", "the next is skipped" if entry.overlap == "skip" else "the next runs beside it"),
        ("Environments", ", ".join(entry.environments) or "all"),
        ("Source", job.source),
        *([("Description", entry.description)] if entry.description else []),
    ]


def coming(job: RecurringJob) -> str:
    """When it is due; marked when that is past."""
    if job.paused:
        return "‖ Paused"
    return format_html('<span class="{}">{}</span>', "rq-amber" if is_late(job) else "", ago(job.next_run))


def is_late(job: RecurringJob) -> bool:
    """Whether its run should have come by now."""
    return job.next_run is not None and since(job.next_run) > LATE


def warnings() -> list[str]:
    """What is wrong with the schedule as a whole, and what to do."""
    late = [job.name for job in resque.all_schedules() if is_late(job)]
    if not late:
        return []
    return [f"{', '.join(late[:5])}: due, and not run. Does a scheduler run? Start one: resque scheduler"]


def queue_link(site: str, job: RecurringJob) -> str:
    """Where its jobs wait, if the entry says so itself."""
    name = job.entry.queue
    return linked(row_url(site, "queue", name), name) if name else "the job’s own"


def job_of(job: RecurringJob) -> Job:
    """What it enqueues, to be shown."""
    entry = job.entry
    return Job(queue=entry.queue or "", name=entry.job, args=entry.args, kwargs=entry.kwargs)


def _sure(job: RecurringJob) -> str:
    if job.source == API:
        return "The entry would be deleted for good."
    return f"It would come back with the next scheduler that reads it: it stands in {job.source}."


def _told(what: str, name: str, *, done: bool) -> str:
    return f"{name} {what}." if done else f"{name} is gone already."


def _moment(name: str) -> Any:
    def of(job: RecurringJob) -> float:
        moment = getattr(job, name)
        return moment.timestamp() if moment else 0.0

    return of


SORTS: dict[str, Any] = {
    "id": lambda job: job.name,
    "last": _moment("last_run"),
    "next": _moment("next_run"),
}
