"""`FailureStore`: the failed jobs of a `Resque`, to look at, retry and remove."""

from collections.abc import Callable, Iterator
from dataclasses import replace

from resque_core.clock import utc_now
from resque_core.codec import decode_leniently
from resque_core.failure import EVERY_FAILURE, Failure, FailureFilter
from resque_core.job import Entry
from resque_core.queue_name import check_queue_name
from resque_core.storage import Failures, Storage

#: How many failures are held in memory at once while many are gone through.
WINDOW = 100


class FailureStore:
    """Failures by id, newest first. `which` says which are meant; without it, all are.

    Where one is named, an integer is taken too: its index in Ruby's list, 0 for the oldest. Whatever is
    done is done to the failure that was there when the index was looked up. `keep`: failures that were
    retried stay as history, as in Ruby, unless a call says otherwise.
    """

    def __init__(self, storage: Callable[[], Storage], *, keep: bool = False) -> None:
        self._storage = storage
        self._keep = keep

    @property
    def indexed(self) -> bool:
        """Whether those that match are found and counted without reading all the others: not on Redis."""
        return self._failures.indexed

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

    def get(self, failure: str | int, *, quick: bool = False) -> Failure | None:
        """The failure with this id, or at this index.

        `quick`: not by reading all of them, as it takes on Redis to find what another program wrote.
        """
        if isinstance(failure, str):
            return self._failures.get(failure, quick=quick)
        newer = self.count() - 1 - failure
        return next(iter(self.peek(newer, 1)), None) if failure >= 0 and newer >= 0 else None

    def requeue(
        self, failure: str | int, queue: str | None = None, *, keep: bool | None = None, again: bool = False
    ) -> bool:
        """Put its job back on its queue, or on `queue`, and drop the failure or `keep` it as history.

        False when there is none, when it was retried before and not `again`, when its job waits
        or runs already, or when it is unique and another one like it is there.

        :raises InvalidQueueName: `queue` cannot be a queue's name.
        """
        if queue is not None:
            check_queue_name(queue)
        found = self.get(failure)
        if found is None:
            return False
        claim = decode_leniently(Entry(found.job_id, found.queue, found.payload)).claim
        keep = self._keep if keep is None else keep
        return self._failures.requeue(found.id, queue=queue, keep=keep, again=again, claim=claim)

    def requeue_all(
        self,
        which: FailureFilter = EVERY_FAILURE,
        queue: str | None = None,
        limit: int | None = None,
        *,
        keep: bool | None = None,
    ) -> int:
        """Put the jobs of all failures that are there now back on their queues, oldest first.

        Returns how many. At most `limit` go. Those that were retried before and kept are left alone,
        unless `which` asks for just these.
        """
        which = which if which.retried is not None else replace(which, retried=False)
        oldest_first = [failure.id for failure in self.each(which)][::-1]
        moved = 0
        for failure_id in oldest_first:
            if moved == limit:
                break
            moved += self.requeue(failure_id, queue, keep=keep, again=which.retried is True)
        return moved

    def requeue_queue(self, queue: str, *, keep: bool | None = None) -> int:
        """`requeue_all` for the failures of one queue."""
        return self.requeue_all(FailureFilter(queue=queue), keep=keep)

    def remove(self, failure: str | int) -> bool:
        """Delete one; False when there is none."""
        found = self._id_of(failure)
        return found is not None and self._failures.remove(found)

    def remove_queue(self, queue: str) -> int:
        """Delete the failures of one queue; return how many."""
        return self.clear(FailureFilter(queue=queue))

    def clear_retried(self) -> int:
        """Delete those that were retried and kept; return how many."""
        return self.clear(FailureFilter(retried=True))

    def clear(self, which: FailureFilter = EVERY_FAILURE) -> int:
        """Delete them; return how many."""
        return self._failures.clear(which)

    def sort(self) -> int:
        """Move those in the one list into lists of their queues, as `redis_multi_queue` has; return how many.

        Only Redis has lists. A failure that names no queue stays where it is.
        """
        return self._failures.sort()

    def _id_of(self, failure: str | int) -> str | None:
        if isinstance(failure, str):
            return failure
        found = self.get(failure)
        return found.id if found else None

    @property
    def _failures(self) -> Failures:
        return self._storage().failures


def _until_now(which: FailureFilter) -> FailureFilter:
    # A snapshot: a job that is retried and fails again at once must not be met a second time.
    return which if which.until else replace(which, until=utc_now())
