"""`FailureStore`: the failed jobs of a `Resque`, to look at, retry and remove."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from itertools import islice

from resque_core.claim import Claim
from resque_core.clock import utc_now
from resque_core.codec import decode_leniently
from resque_core.failure import EVERY_FAILURE, Failure, FailureFilter
from resque_core.job import Entry
from resque_core.queue_name import check_queue_name
from resque_core.storage import Failures, Storage

#: How many failures are requeued at once while many are gone through.
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
        return self._failures.each(_until_now(which))

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
        _check(queue)
        found = self.get(failure)
        return found is not None and bool(self.requeue_many([found], queue, keep=keep, again=again))

    def requeue_many(
        self,
        failures: Iterable[Failure],
        queue: str | None = None,
        *,
        keep: bool | None = None,
        again: bool = False,
    ) -> list[str]:
        """`requeue` for each of these, in this order; return the ids of those that went.

        On Redis and SQLite many go in one step, which takes a fraction of the time. Wherever it ends, each
        job is in one place: in the failed store, or on its queue.

        :raises InvalidQueueName: `queue` cannot be a queue's name.
        """
        _check(queue)
        claims = {failure.id: _claim_of(failure) for failure in failures}
        keep = self._keep if keep is None else keep
        return list(self._failures.requeue(claims, queue=queue, keep=keep, again=again))

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

        :raises InvalidQueueName: `queue` cannot be a queue's name.
        """
        _check(queue)
        which = which if which.retried is not None else replace(which, retried=False)
        # Of each no more than this: there may be more of them than fit into memory.
        claims = {failure.id: _claim_of(failure) for failure in self.each(which)}
        oldest_first = iter([*claims.items()][::-1])
        keep = self._keep if keep is None else keep
        moved = 0
        most = len(claims) if limit is None else limit
        while some := dict(islice(oldest_first, min(WINDOW, most - moved))):
            moved += len(self._failures.requeue(some, queue=queue, keep=keep, again=which.retried is True))
        return moved

    def requeue_queue(self, queue: str, *, keep: bool | None = None) -> int:
        """`requeue_all` for the failures of one queue."""
        return self.requeue_all(FailureFilter(queue=queue), keep=keep)

    def remove(self, failure: str | int) -> bool:
        """Delete one; False when there is none."""
        found = self._id_of(failure)
        return found is not None and bool(self._failures.remove([found]))

    def remove_many(self, failure_ids: Iterable[str]) -> list[str]:
        """Delete these; return the ids of those that were there."""
        return list(self._failures.remove(list(failure_ids)))

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


def _check(queue: str | None) -> None:
    if queue is not None:
        check_queue_name(queue)


def _claim_of(failure: Failure) -> Claim | None:
    """What the job is to hold, if it is unique."""
    return decode_leniently(Entry(failure.job_id, failure.queue, failure.payload)).claim


def _until_now(which: FailureFilter) -> FailureFilter:
    # A snapshot: a job that is retried and fails again at once must not be met a second time.
    return which if which.until else replace(which, until=utc_now())
