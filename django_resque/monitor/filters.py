"""The filters beside the lists. What they offer comes from a bounded sample, never from all rows."""

from collections import Counter
from datetime import timedelta
from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from django_resque.monitor.addresses import can_be_addressed
from django_resque.monitor.instance import resque
from django_resque.monitor.source import snapshot
from resque_core.clock import utc_now
from resque_core.failure import Failure, host_of

#: As many of the newest failures are looked at for what a filter offers.
SAMPLE = 200
#: As many values a filter offers.
MOST = 10

Choices = list[tuple[str, str]]


class SampleFilter(admin.SimpleListFilter):
    """Failures with one value of a field; the most frequent of the sample are offered."""

    #: The field of a `Failure`, and the one of a `FailureFilter`.
    field = ""

    def value_in(self, failure: Failure) -> str:
        """What a failure has there."""
        return str(getattr(failure, self.field))

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        """What is offered, with how often the sample has it."""
        counts = Counter(map(self.value_in, sample(request)))
        chosen = self.value()
        if chosen and chosen not in counts:
            counts[chosen] = 0
        return [
            (value, f"{value} ({count})" if count else value)
            for value, count in counts.most_common(MOST)
            if can_be_addressed(value)
        ]

    def has_output(self) -> bool:
        """Always: a value in the address must count, though no failure has it now."""
        return True

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


class SearchFromFilter(admin.SimpleListFilter):
    """Not shown: where the next slice of a search begins."""

    title = "search from"
    parameter_name = "from"

    def __init__(self, request: HttpRequest, params: Any, model: Any, model_admin: Any) -> None:
        super().__init__(request, params, model, model_admin)
        text = str(self.used_parameters.get(self.parameter_name, ""))
        request.resque_search_from = int(text) if text.isdecimal() and len(text) < 12 else 0

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        """Nothing, so that it is not shown."""
        return []

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        """The search itself takes it from the request."""
        return queryset


class GroupFilter(admin.SimpleListFilter):
    """Not shown: whether failures are grouped by exception and job."""

    title = "group"
    parameter_name = "group"

    def __init__(self, request: HttpRequest, params: Any, model: Any, model_admin: Any) -> None:
        super().__init__(request, params, model, model_admin)
        request.resque_grouped = self.used_parameters.get(self.parameter_name) == "exception"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        """Nothing, so that it is not shown."""
        return []

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        """The page takes it from the request."""
        return queryset


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
