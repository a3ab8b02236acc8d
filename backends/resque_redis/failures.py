"""The failed store: Ruby's list `failed`, and beside it the lists of single queues, if anybody made such."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from heapq import merge
from itertools import islice

from resque_core.claim import Claim
from resque_core.failure import EVERY_FAILURE, Failure, FailureFilter
from resque_redis.failure_list import FailureList
from resque_redis.paging import window
from resque_redis.store import Store, list_of
from resque_redis.text import to_bytes


class RedisFailures:
    """`Failures` on Redis: all lists as one, newest first."""

    def __init__(self, store: Store) -> None:
        self._store = store

    @property
    def indexed(self) -> bool:
        """No: the list is Ruby's, who adds to it as he likes."""
        return False

    def peek(self, start: int = 0, count: int = 1, which: FailureFilter = EVERY_FAILURE) -> Sequence[Failure]:
        """Up to `count` matching failures from index `start`, newest first."""
        if which == EVERY_FAILURE:
            page = FailureList(self._store).page(start, count)
            if not page.others:
                return page.failures
        first, last = window(start, count)
        return list(islice(self.each(which), first, max(first, last + 1)))

    def count(self, which: FailureFilter = EVERY_FAILURE) -> int:
        """How many match. Only the count of all is quick."""
        if which == EVERY_FAILURE:
            page = FailureList(self._store).page()
            if not page.others:
                return page.size
        return sum(each.count(which) for each in self._lists(which))

    def get(self, failure_id: str, *, quick: bool = False) -> Failure | None:
        """The failure with this id; if it is to be `quick`, only one that was written here."""
        found = (each.get(failure_id, quick=quick) for each in self._lists())
        return next((failure for failure in found if failure), None)

    def each(self, which: FailureFilter = EVERY_FAILURE) -> Iterator[Failure]:
        """All that match, newest first, read some at a time."""
        lists = [each.newest(which) for each in self._lists(which)]
        return merge(*lists, key=lambda it: it.failed_at, reverse=True) if len(lists) > 1 else lists[0]

    def requeue(
        self,
        claims: Mapping[str, Claim | None],
        *,
        queue: str | None = None,
        keep: bool = False,
        again: bool = False,
    ) -> Sequence[str]:
        """Append the jobs of these failures to a queue; the failures go, or stay marked with `keep`."""

        def change(each: FailureList, left: Sequence[str]) -> Sequence[str]:
            return each.requeue({key: claims[key] for key in left}, queue=queue, keep=keep, again=again)

        return self._in_each(claims, change)

    def remove(self, failure_ids: Iterable[str]) -> Sequence[str]:
        """Delete these; the ids of those that were there."""
        return self._in_each(failure_ids, lambda each, left: each.remove(left))

    def clear(self, which: FailureFilter = EVERY_FAILURE) -> int:
        """Delete all that match; return how many."""
        return sum(each.clear(which) for each in self._lists(which))

    def sort(self) -> int:
        """Move what is in `failed` into the lists of its queues; return how many.

        In steps of some hundred, from the newest on: killed in between, the same call goes on.
        """
        return FailureList(self._store).sort()

    def _in_each(
        self, failure_ids: Iterable[str], change: Callable[[FailureList, Sequence[str]], Sequence[str]]
    ) -> Sequence[str]:
        """Change these failures in whichever list they are; the ids of those that were changed."""
        left, done = list(failure_ids), list[str]()
        for each in self._lists():
            changed = change(each, left)
            done += changed
            left = [key for key in left if key not in set(changed)]
            if not left:
                break
        return done

    def _lists(self, which: FailureFilter = EVERY_FAILURE) -> Iterator[FailureList]:
        """Those in which a matching failure may be: `failed`, and then those that Ruby's set names."""
        yield FailureList(self._store)
        names: list[bytes] = sorted(self._store.run("failure_lists"))
        for name in names:
            if which.queue is None or name == list_of(to_bytes(which.queue)):
                yield FailureList(self._store.with_list(name), apart=True)
