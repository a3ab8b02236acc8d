"""A search among failures that is bounded in time, and says how far it got.

Filters are part of it where the store would read all failures for them: a page is not to wait for a million.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest

from django_resque.monitor.instance import resque
from django_resque.monitor.redaction import arguments_text
from resque_core.codec import decode_leniently
from resque_core.failure import EVERY_FAILURE, Failure, FailureFilter
from resque_core.job import Entry, Job

#: As many are read in the first call; in each further one as many as there seems to be time for.
WINDOW = 500
#: At most, in one call.
LARGEST = 10_000
#: So many calls a search may take.
CALLS = 3


@dataclass(frozen=True, slots=True)
class Found:
    """What a search found, and where it stopped."""

    failures: tuple[Failure, ...]
    start: int
    #: Index of the first failure that was not looked at.
    stop: int
    #: Whether there is nothing left to look at.
    complete: bool

    @property
    def whole(self) -> bool:
        """Whether all failures were looked at: none that matches is missing here."""
        return self.complete and self.start == 0


def is_slow(which: FailureFilter) -> bool:
    """Whether the store would read all failures to find those that match."""
    return which != EVERY_FAILURE and not resque.failures.indexed


def walk(which: FailureFilter) -> FailureFilter:
    """What to go through for those that match: these alone, or all, a window at a time."""
    return EVERY_FAILURE if is_slow(which) else which


def search(text: str, which: FailureFilter, start: int, until: float, *, arguments: bool) -> Found:
    """Look for `text` from index `start` on, newest first; in arguments and messages only if `arguments`.

    It ends about the time `until`, of `time.monotonic`; it looks at some failures at least.
    """
    began = time.monotonic()
    direct = resque.failures.get(text, quick=True) if text else None
    if direct is not None:
        return Found((direct,), 0, 1, complete=True)
    found: list[Failure] = []
    stop, count = start, WINDOW
    for _ in range(CALLS):
        window = resque.failures.peek(stop, count, walk(which))
        meant = [failure for failure in window if which.matches(failure)]
        found += [failure for failure in meant if matches(failure, text, arguments=arguments)]
        stop += len(window)
        if len(window) < count:
            return Found(tuple(found), start, stop, complete=True)
        count = _affordable(stop - start, began, until)
        if not count:
            break
    return Found(tuple(found), start, stop, complete=False)


def _affordable(read: int, began: float, until: float) -> int:
    """How many more can be looked at in the time that is left, at the pace so far; 0: it is over."""
    now = time.monotonic()
    left = 0.8 * (until - now)
    return min(int(read * left / (now - began)), LARGEST) if now > began and left > 0 else 0


def matches(failure: Failure, text: str, *, arguments: bool) -> bool:
    """Whether the text is in what is shown of a failure; never in what is hidden."""
    needle = text.casefold()
    if not needle:
        return True
    plain = f"{failure.name}\n{failure.exception}\n{failure.id}\n{failure.job_id}\n{failure.queue}"
    if needle in plain.casefold():
        return True
    if not arguments:
        return False
    if needle in failure.error.casefold():
        return True
    # Masking takes a while: only what has the text at all is worth it.
    raw = failure.payload.decode(errors="replace").casefold()
    return needle in raw and needle in arguments_text(job_of(failure)).casefold()


def job_of(failure: Failure) -> Job:
    """The job that failed; with a `problem` where its bytes are none."""
    return decode_leniently(Entry(failure.job_id, failure.queue, failure.payload))


class Progress:
    """How far a search got; asked by the template, after the list has searched."""

    def __init__(self, request: HttpRequest, total: Callable[[], int]) -> None:
        self._request = request
        self._total = total

    def __bool__(self) -> bool:
        return self.found is not None

    @property
    def found(self) -> Any:
        """What was found, if there was a search."""
        return getattr(self._request, "resque_found", None)

    @property
    def total(self) -> int:
        """How many there are in all."""
        return self._total()

    @property
    def next(self) -> str:
        """The address of the next slice."""
        query = self._request.GET.copy()
        query.pop("p", None)
        query["from"] = str(self.found.stop)
        return f"?{query.urlencode()}"
