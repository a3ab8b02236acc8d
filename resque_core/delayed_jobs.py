"""`DelayedJobs`: the jobs of a `Resque` that wait for their time, to look at, run early and remove."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from resque_core.codec import decode_leniently
from resque_core.dequeueing import matcher
from resque_core.job import Entry, Job
from resque_core.mould import new_job
from resque_core.records import Delayed
from resque_core.storage import Schedule, Storage
from resque_core.targets import find_definition

#: How many are held in memory at once while many are gone through.
WINDOW = 1000


@dataclass(frozen=True, slots=True)
class DelayedJob:
    """A job that waits for its time."""

    job: Job
    #: When it is due, in UTC.
    run_at: datetime


class DelayedJobs:
    """Delayed jobs, earliest first. None is on a queue; once it is due, any worker puts it there.

    Where a call is meant, the target is a job, or the wire name of one; without arguments, any call of
    it is meant, whatever its queue. A `Job` in place of the target means just that one, by its id.
    """

    def __init__(self, storage: Callable[[], Storage]) -> None:
        self._storage = storage

    def count(self) -> int:
        """How many there are."""
        return self._schedule.size()

    def retrying(self) -> int:
        """How many of them failed, and wait for another attempt."""
        return self._schedule.retrying()

    def peek(self, start: int = 0, count: int = 20) -> list[DelayedJob]:
        """Up to `count` of them from index `start`."""
        return [_delayed(found) for found in self._schedule.peek(start, count)]

    def get(self, job_id: str) -> DelayedJob | None:
        """The delayed job with this id."""
        found = self._schedule.get(job_id)
        return _delayed(found) if found else None

    def find(self, target: Any, /, *args: Any, **kwargs: Any) -> list[DelayedJob]:
        """Those that are this call. All delayed jobs are looked at."""
        return [_delayed(found) for found in self._find(target, args, kwargs)]

    def run_now(self, target: Any, /, *args: Any, **kwargs: Any) -> int:
        """Put those that are this call on their queues now; return how many."""
        return sum(self._schedule.promote_now(ids) for ids in self._ids(target, args, kwargs))

    def remove(self, target: Any, /, *args: Any, **kwargs: Any) -> int:
        """Delete those that are this call; return how many."""
        return sum(self._schedule.remove(ids) for ids in self._ids(target, args, kwargs))

    def reset_delayed(self) -> int:
        """Delete every delayed job; return how many."""
        return self._schedule.clear()

    @property
    def _schedule(self) -> Schedule:
        return self._storage().schedule

    def _find(self, target: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> list[Delayed]:
        if isinstance(target, Job):
            found = self._schedule.get(target.id)
            return [found] if found else []
        wanted = new_job(find_definition(target), "", args, kwargs)
        matches = matcher(wanted, any_arguments=not (args or kwargs))

        def is_meant(entry: Entry) -> bool:
            return matches(entry.payload)

        return list(self._schedule.find(is_meant))

    def _ids(self, target: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Iterator[list[str]]:
        ids = [found.entry.id for found in self._find(target, args, kwargs)]
        for start in range(0, len(ids), WINDOW):
            yield ids[start : start + WINDOW]


def _delayed(found: Delayed) -> DelayedJob:
    return DelayedJob(decode_leniently(found.entry), found.run_at)
