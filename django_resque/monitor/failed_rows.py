"""`FailedRows`: the failures that filters, a search and ticks leave, newest first unless told otherwise."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import islice
from typing import Any, Self

from django_resque.monitor.addresses import Addresses
from django_resque.monitor.filters import SAMPLE
from django_resque.monitor.instance import resque
from django_resque.monitor.rows import Rows
from django_resque.monitor.search import Found, matches, search
from django_resque.monitor.source import snapshot
from resque_core.failure import EVERY_FAILURE, Failure, FailureFilter

#: As many are held in memory, and changed at once, of all that match.
SLICE = 500


class FailedRows(Rows):
    """Failures of the store."""

    def __init__(
        self,
        model: Any,
        sample: Callable[[], Sequence[Failure]],
        addresses: Addresses,
        *,
        arguments: bool,
    ) -> None:
        super().__init__(model)
        # The newest failures, which the page has read for its filters.
        self._sample = sample
        self._addresses = addresses
        #: Whether arguments and messages are shown, and so searched.
        self.arguments = arguments
        self.which: FailureFilter = EVERY_FAILURE
        #: What is searched for; empty where a filter alone takes a search.
        self.text = ""
        #: What the search found; None without one.
        self.found: Found | None = None
        # Shared by all copies: a page asks several times.
        self._counts: dict[FailureFilter, int] = {}

    def matching(self, **conditions: Any) -> Self:
        """Those that meet these conditions of a `FailureFilter`, too."""
        return self.changed(which=replace(self.which, **conditions))

    def searched(self, text: str, start: int, until: float) -> Self:
        """Those that have this text, among as many as can be looked at until then (`time.monotonic`)."""
        found = search(text, self.which, start, until, arguments=self.arguments)
        return self.changed(found=found, text=text)

    @property
    def partial(self) -> bool:
        """Whether more may be meant than were found in time: filters and texts mean the whole store."""
        return self.found is not None and not self.found.whole

    @property
    def in_words(self) -> str:
        """What filters and a search leave."""
        which = self.which
        parts = [
            *([f"exception {which.exception}"] if which.exception else []),
            *([f"job {which.name}"] if which.name else []),
            *([f"queue {which.queue}"] if which.queue else []),
            *([f"worker {which.worker}"] if which.worker else []),
            *([f"failed after {which.since:%Y-%m-%d %H:%M} UTC"] if which.since else []),
            *([] if which.retried is None else ["retried" if which.retried else "not retried"]),
            *([f"with “{self.text}” in them"] if self.text else []),
        ]
        return ", ".join(parts) or "every failed job"

    def total(self) -> int:
        """How many there are; of a search, how many it found."""
        if self.found is not None:
            return len(self.found.failures)
        if self.which == EVERY_FAILURE:
            return snapshot().failed
        if self.which not in self._counts:
            self._counts[self.which] = resque.failures.count(self.which)
        return self._counts[self.which]

    def window(self, start: int, count: int) -> Sequence[Failure]:
        """Those from index `start`."""
        if self.order != "failed_at":
            return self._newest(start, count)
        # Oldest first: counted from the other end, and turned round.
        stop = max(self.total() - start, 0)
        return self._newest(max(stop - count, 0), min(count, stop))[::-1]

    def row(self, record: Failure) -> Any:
        """A row knows its addresses, and whether its arguments are shown: each column asks for them."""
        row = super().row(record)
        row.addresses = self._addresses
        row.arguments_shown = self.arguments
        return row

    def record(self, key: str) -> Failure | None:
        """The failure with this id."""
        return resque.failures.get(key)

    def slices_until(self, moment: datetime, skip: int = 0) -> Iterator[Sequence[Failure]]:
        """All that are meant, and had failed by then, slice by slice, without the first `skip`.

        They may be retried and removed meanwhile.
        """
        which = replace(self.which, until=min(self.which.until or moment, moment))
        if self.found is not None and self.found.whole:
            meant = filter(which.matches, self.found.failures)
        else:
            meant = filter(self._has_text, resque.failures.each(which))
        rest = islice(meant, skip, None)
        while some := list(islice(rest, SLICE)):
            yield some

    def _has_text(self, failure: Failure) -> bool:
        return matches(failure, self.text, arguments=self.arguments)

    def _newest(self, start: int, count: int) -> Sequence[Failure]:
        if self.found is not None:
            return self.found.failures[start : start + count]
        if self.which == EVERY_FAILURE and start + count <= SAMPLE:
            return self._sample()[start : start + count]
        return resque.failures.peek(start, count, self.which) if count else []
