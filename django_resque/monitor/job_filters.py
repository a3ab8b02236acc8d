"""The filters beside the jobs that run, and beside those that wait for their time."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from django_resque.monitor.filter_shapes import Choices, FieldFilter
from django_resque.monitor.instance import resque
from django_resque.monitor.source import snapshot
from resque_core.clock import utc_now
from resque_core.codec import decode_leniently
from resque_core.delayed_jobs import DelayedJob
from resque_core.job import Job
from resque_core.records import WorkerInfo

#: As many of the delayed jobs that are due first are looked at for what a filter offers.
SAMPLE = 200


def running_job(worker: Any) -> Job:
    """The job that a worker holds, which does hold one."""
    return decode_leniently(worker.reservation.entry)


class JobFilter(FieldFilter):
    """Jobs with one value of a field of theirs."""

    def jobs(self, request: HttpRequest) -> Iterable[Job]:
        """Those whose values are offered."""
        raise NotImplementedError

    def job_of(self, record: Any) -> Job:
        """The job of a row."""
        raise NotImplementedError

    def values(self, request: HttpRequest) -> Iterable[str]:
        """What these jobs have there."""
        return (str(getattr(job, self.field)) for job in self.jobs(request))

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        """Those with the chosen value."""
        chosen = self.value()
        if not chosen:
            return queryset
        return queryset.narrowed(lambda record: getattr(self.job_of(record), self.field) == chosen)


class RunningFilter(JobFilter):
    """Of the jobs that run."""

    def jobs(self, request: HttpRequest) -> Iterable[Job]:
        """All of them."""
        return map(running_job, snapshot().working)

    def job_of(self, record: WorkerInfo) -> Job:
        """The job that the worker holds."""
        return running_job(record)


class RunningQueueFilter(RunningFilter):
    """By the queue that it came from."""

    title = "queue"
    parameter_name = field = "queue"


class RunningNameFilter(RunningFilter):
    """By the job's name."""

    title = "job"
    parameter_name = "job"
    field = "name"


class DelayedFilter(JobFilter):
    """Of the jobs that wait for their time."""

    def jobs(self, request: HttpRequest) -> Iterable[Job]:
        """Those that are due first, read once for a page."""
        if not hasattr(request, "resque_delayed"):
            request.resque_delayed = resque.schedule.peek(0, SAMPLE)
        return [delayed.job for delayed in request.resque_delayed]

    def job_of(self, record: DelayedJob) -> Job:
        """The job that is delayed."""
        return record.job


class DelayedQueueFilter(DelayedFilter):
    """By the queue that it will wait on."""

    title = "queue"
    parameter_name = field = "queue"


class DelayedNameFilter(DelayedFilter):
    """By the job's name."""

    title = "job"
    parameter_name = "job"
    field = "name"


class KindFilter(admin.SimpleListFilter):
    """Delayed jobs by why they wait."""

    title = "kind"
    parameter_name = "kind"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        """For their first attempt, or for another one."""
        return [("scheduled", "Scheduled"), ("retry", "Another attempt")]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        """Those of the chosen kind."""
        if not self.value():
            return queryset
        again = self.value() == "retry"
        return queryset.narrowed(lambda record: (record.job.attempt > 1) is again)


class DueFilter(admin.SimpleListFilter):
    """Delayed jobs by when they are due."""

    title = "due"
    parameter_name = "due"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        """Spans from now on, and those that nobody has promoted in time."""
        return [("late", "Overdue"), ("1h", "Within an hour"), ("24h", "Within 24 hours"), ("later", "Later")]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        """Those that are due in the span."""
        now, day = utc_now(), timedelta(days=1)
        spans = {"late": (None, now), "1h": (now, now + day / 24), "24h": (now, now + day)}
        since, until = spans.get(self.value() or "", (now + day, None))
        if not self.value():
            return queryset
        return queryset.narrowed(
            lambda record: (
                (since is None or record.run_at >= since) and (until is None or record.run_at < until)
            )
        )
