"""The filters beside the lists. What they offer comes from a bounded sample, never from all rows."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from django_resque.monitor.addresses import can_be_addressed
from django_resque.monitor.filter_shapes import Choices, FieldFilter, UnshownFilter
from django_resque.monitor.instance import resque
from django_resque.monitor.numbers import whole
from django_resque.monitor.source import snapshot
from resque_core.clock import utc_now
from resque_core.failure import Failure, host_of

#: As many of the newest failures are looked at for what a filter offers.
SAMPLE = 200


class SampleFilter(FieldFilter):
    """Failures with one value of a field, which a `Failure` and a `FailureFilter` have."""

    def value_in(self, failure: Failure) -> str:
        """What a failure has there."""
        return str(getattr(failure, self.field))

    def values(self, request: HttpRequest) -> Iterable[str]:
        """Those of the newest failures."""
        return map(self.value_in, sample(request))

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        """Those with the chosen value."""
        return queryset.matching(**{self.field: self.value()}) if self.value() else queryset


class ExceptionFilter(SampleFilter):
    """By the exception."""

    title = "exception"
    parameter_name = field = "exception"


class JobFilter(SampleFilter):
    """By the job's name."""

    title = "job"
    parameter_name = "job"
    field = "name"


class QueueFilter(SampleFilter):
    """By the queue."""

    title = "queue"
    parameter_name = field = "queue"


class WorkerFilter(SampleFilter):
    """By the machine that it ran on; an address may name a single worker, too."""

    title = "worker"
    parameter_name = field = "worker"

    def value_in(self, failure: Failure) -> str:
        """The machine of the worker that ran it."""
        return host_of(failure.worker)


class WhenFilter(admin.SimpleListFilter):
    """By when it failed."""

    title = "when"
    parameter_name = "when"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        """Spans up to now."""
        return [("15m", "15 minutes"), ("1h", "hour"), ("24h", "24 hours"), ("7d", "7 days")]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        """Those that failed within the span."""
        spans = {
            "15m": timedelta(minutes=15),
            "1h": timedelta(hours=1),
            "24h": timedelta(days=1),
            "7d": timedelta(7),
        }
        span = spans.get(self.value() or "")
        return queryset.matching(since=utc_now() - span) if span else queryset


class RetriedFilter(admin.SimpleListFilter):
    """By whether it was retried and kept."""

    title = "retried"
    parameter_name = "retried"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        """Yes and no."""
        return [("no", "Not retried"), ("yes", "Retried")]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        """Those that were, or were not."""
        return queryset.matching(retried=self.value() == "yes") if self.value() else queryset


class SearchFromFilter(UnshownFilter):
    """Where the next slice of a search begins."""

    title = "search from"
    parameter_name = "from"

    def note(self, request: HttpRequest, said: str) -> None:
        """A number; what is none is the beginning."""
        request.resque_search_from = whole(said)


class GroupFilter(UnshownFilter):
    """Whether failures are grouped by exception and job."""

    title = "group"
    parameter_name = "group"

    def note(self, request: HttpRequest, said: str) -> None:
        """Whether they are."""
        request.resque_grouped = said == "exception"


class HostFilter(admin.SimpleListFilter):
    """Workers by their machine."""

    title = "host"
    parameter_name = "host"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        """The machines that there are."""
        hosts = sorted({worker.host for worker in snapshot().workers if can_be_addressed(worker.host)})
        return [(host, host) for host in hosts[:50]]

    def has_output(self) -> bool:
        """Only where there is something to choose, or something was chosen."""
        return len(self.lookup_choices) > 1 or self.value() is not None

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        """Those on the chosen one."""
        host = self.value()
        return queryset.narrowed(lambda worker: worker.host == host) if host else queryset


def sample(request: HttpRequest) -> list[Failure]:
    """The newest failures, read once for a page."""
    if not hasattr(request, "resque_sample"):
        request.resque_sample = resque.failures.peek(0, SAMPLE)
    found: list[Failure] = request.resque_sample
    return found
