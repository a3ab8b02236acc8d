"""`Groups`: failures by exception and job, which is what somebody wants to see first when many jobs fail."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from django.http import HttpRequest

from django_resque.monitor.addresses import can_be_addressed
from django_resque.monitor.search import Found
from django_resque.monitor.sparks import spark
from django_resque.monitor.times import duration
from resque_core.failure import Failure

#: As many groups are shown, those with the most failures.
MOST = 100
#: Steps of a group's line.
STEPS = 60


@dataclass(frozen=True, slots=True)
class Group:
    """Failures of one job with one exception."""

    exception: str
    name: str
    count: int
    first: datetime
    last: datetime
    #: The message of the last one.
    error: str
    #: How many there were over the time of all that were looked at.
    trend: str
    #: The addresses of the failures one by one, and of retrying all of them; empty if there can be none.
    url: str = ""
    retry: str = ""


class Groups:
    """The groups of what a page has found; asked by the template, after the list has searched."""

    def __init__(self, request: HttpRequest, list_url: str) -> None:
        self._request = request
        self._list = list_url

    def __bool__(self) -> bool:
        return bool(getattr(self._request, "resque_grouped", False))

    def __iter__(self) -> Iterator[Group]:
        found: Found = self._request.resque_found
        parts = sorted(_grouped(found.failures), key=len, reverse=True)[:MOST]
        moments = [failure.failed_at for failure in found.failures]
        for some in parts:
            yield self._group(some, min(moments), max(moments))

    def _group(self, failures: Sequence[Failure], begin: datetime, end: datetime) -> Group:
        moments = [failure.failed_at for failure in failures]
        last = max(failures, key=lambda failure: failure.failed_at)
        query = self._query(last)
        return Group(
            exception=last.exception,
            name=last.name,
            count=len(failures),
            first=min(moments),
            last=max(moments),
            error=last.error,
            trend=_trend(moments, begin, end),
            url=f"{self._list}?{query}" if query else "",
            retry=f"{self._list}retry_all/?{query}" if query else "",
        )

    def _query(self, failure: Failure) -> str:
        """The filters of the page, and those of the group."""
        if not (can_be_addressed(failure.exception) and can_be_addressed(failure.name)):
            return ""
        query = self._request.GET.copy()
        for place in ("p", "from", "group"):
            query.pop(place, None)
        query["exception"], query["job"] = failure.exception, failure.name
        return query.urlencode()


def _grouped(failures: Sequence[Failure]) -> Iterator[list[Failure]]:
    def key(failure: Failure) -> tuple[str, str]:
        return failure.exception, failure.name

    for _, some in groupby(sorted(failures, key=key), key):
        yield list(some)


def _trend(moments: Sequence[datetime], begin: datetime, end: datetime) -> str:
    seconds = (end - begin).total_seconds()
    counts = [0] * STEPS
    for moment in moments:
        part = (moment - begin).total_seconds() / seconds if seconds else 1.0
        counts[min(int(part * STEPS), STEPS - 1)] += 1
    return spark(counts, f"{len(moments)} within {duration(seconds)}")
