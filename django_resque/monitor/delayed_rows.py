"""`DelayedRows`: the delayed jobs that filters and a search leave, the one that is due first at the head."""

from collections.abc import Callable, Sequence
from typing import Any, Self

from django_resque.monitor.instance import resque
from django_resque.monitor.queue_search import has_text
from django_resque.monitor.rows import Rows
from django_resque.monitor.walking import FoundJobs, walk
from resque_core.delayed_jobs import DelayedJob


class DelayedRows(Rows):
    """Delayed jobs of the store."""

    #: What filters want; None: all.
    wanted: Callable[[DelayedJob], bool] | None = None
    #: What was found of that; None without filters and search.
    found: FoundJobs[DelayedJob] | None = None

    def narrowed(self, wanted: Callable[[DelayedJob], bool]) -> Self:
        """Those of them that are wanted, too."""
        before = self.wanted
        return self.changed(wanted=lambda job: (before is None or before(job)) and wanted(job))

    def searched(self, text: str, start: int, until: float, *, arguments: bool) -> Self:
        """Those that are wanted and have this text, among as many as can be looked at until then."""
        rows = self.narrowed(lambda one: has_text(one.job, text, arguments=arguments)) if text else self
        found = walk(resque.schedule.peek, rows.wanted or (lambda _job: True), start, until)
        return self.changed(found=found)

    @property
    def partial(self) -> bool:
        """Whether there may be more than were found in time."""
        return self.found is not None and not self.found.complete

    def total(self) -> int:
        """How many there are; with filters or a search, how many were found."""
        return resque.schedule.count() if self.found is None else len(self.found.jobs)

    def window(self, start: int, count: int) -> Sequence[Any]:
        """Those from index `start`."""
        if self.order != "-run_at":
            return self._earliest(start, count)
        # Last first: counted from the other end, and turned round.
        stop = max(self.total() - start, 0)
        return self._earliest(max(stop - count, 0), min(count, stop))[::-1]

    def record(self, key: str) -> Any | None:
        """The one with this job id."""
        return resque.schedule.get(key)

    def key(self, record: Any) -> str:
        """The job's id."""
        return str(record.job.id)

    def _earliest(self, start: int, count: int) -> Sequence[DelayedJob]:
        if self.found is not None:
            return [job for _, job in self.found.jobs[start : start + count]]
        return resque.schedule.peek(start, count) if count else []
