"""`FailureStore`: the failed jobs of a `Resque`, to look at, retry and remove."""

from collections.abc import Callable, Iterator
from dataclasses import replace

from resque_core.clock import utc_now
from resque_core.failure import EVERY_FAILURE, Failure, FailureFilter
from resque_core.queue_name import check_queue_name
from resque_core.storage import Failures, Storage

#: How many failures are held in memory at once while many are gone through.
WINDOW = 100


class FailureStore:
    """Failures by id, newest first. `which` says which are meant; without it, all are."""

    def __init__(self, storage: Callable[[], Storage]) -> None:
        self._storage = storage

    def count(self, which: FailureFilter = EVERY_FAILURE) -> int:
        """How many there are."""
        return self._failures.count(which)

    def peek(self, start: int = 0, count: int = 20, which: FailureFilter = EVERY_FAILURE) -> list[Failure]:
        """Up to `count` of them from index `start`, newest first."""
        return list(self._failures.peek(start, count, which))

    all = peek

    def each(self, which: FailureFilter = EVERY_FAILURE) -> Iterator[Failure]:
        """Every one that is there now, newest first, a window at a time. They may be removed meanwhile."""
        which, start = _until_now(which), 0
        while window := self.peek(start, WINDOW, which):
            yield from window
            # What the caller removed has let the others move up.
            left = {failure.id for failure in self.peek(start, WINDOW, which)}
            start += sum(failure.id in left for failure in window)

    def get(self, failure_id: str) -> Failure | None:
        """The failure with this id."""
        return self._failures.get(failure_id)

    def requeue(
        self, failure_id: str, queue: str | None = None, *, keep: bool = False, again: bool = False
    ) -> bool:
        """Put its job back on its queue, or on `queue`, and drop the failure or `keep` it as history.

        False when there is none, when it was retried before and not `again`, or when its job
        waits or runs already.

        :raises InvalidQueueName: `queue` cannot be a queue's name.
        """
        if queue is not None:
            check_queue_name(queue)
        return self._failures.requeue(failure_id, queue=queue, keep=keep, again=again)

    def requeue_all(
        self, which: FailureFilter = EVERY_FAILURE, queue: str | None = None, limit: int | None = None
    ) -> int:
        """Put the jobs of all failures that are there now back on their queues; return how many.

        At most `limit` go. Those that were retried before and kept are left alone, unless `which` asks
        for just these.
        """
        which = _until_now(which if which.retried is not None else replace(which, retried=False))
        most = self.count(which) if limit is None else limit
        done = start = 0
        while done < most and (window := self.peek(start, min(WINDOW, most - done), which)):
            moved = sum(self.requeue(found.id, queue, again=which.retried is True) for found in window)
            done += moved
            start += len(window) - moved
        return done

    def remove(self, failure_id: str) -> bool:
        """Delete one; False when there is none."""
        return self._failures.remove(failure_id)

    def clear(self, which: FailureFilter = EVERY_FAILURE) -> int:
        """Delete them; return how many."""
        return self._failures.clear(which)

    @property
    def _failures(self) -> Failures:
        return self._storage().failures


def _until_now(which: FailureFilter) -> FailureFilter:
    # A snapshot: a job that is retried and fails again at once must not be met a second time.
    return which if which.until else replace(which, until=utc_now())
