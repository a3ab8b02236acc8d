"""`FailureList`: one of Ruby's lists of failures. The list is the truth, a zset of ours a hint."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice
from typing import NamedTuple

from resque_core.claim import Claim
from resque_core.clock import utc_now
from resque_core.errors import StorageError
from resque_core.failure import EVERY_FAILURE, Failure, FailureFilter
from resque_core.job import Entry
from resque_redis import foreign
from resque_redis.claims import claim_parts
from resque_redis.failure_text import decode_failure, mark_retried, sketch_failure, written_id
from resque_redis.matching import may_hold, texts_of
from resque_redis.paging import window
from resque_redis.store import Store, list_of
from resque_redis.text import sound, to_bytes

_WINDOW = 500
#: Bounds of no element at all.
_NOTHING = (0, -1 - 2**62)
#: How often a step is tried anew because the element changed since it was read.
_TRIES = 100


class _Place(NamedTuple):
    """An element, and where it was seen, from 0 at the oldest."""

    place: int
    element: bytes


class Page(NamedTuple):
    """Some failures of a list, how many it has, and the names of other lists that there are."""

    failures: Sequence[Failure]
    size: int
    others: Sequence[bytes]


def chosen(places: Sequence[_Place], which: FailureFilter) -> Iterator[_Place]:
    """Those whose failure matches."""
    needed = texts_of(which)
    for place in places:
        if may_hold(place.element, needed) and which.matches(sketch_failure(place.element)):
            yield place


class FailureList:
    """`Failures` of one list: of all queues, or `apart`, of one."""

    def __init__(self, store: Store, *, apart: bool = False) -> None:
        self._store = store
        self._apart = apart

    def peek(self, start: int = 0, count: int = 1, which: FailureFilter = EVERY_FAILURE) -> Sequence[Failure]:
        """Up to `count` matching failures from index `start`, newest first."""
        if which == EVERY_FAILURE:
            return self.page(start, count).failures
        first, last = window(start, count)
        return list(islice(self.newest(which), first, max(first, last + 1)))

    def page(self, start: int = 0, count: int = 0) -> Page:
        """Up to `count` failures from index `start`, newest first."""
        first, last = window(start, count)
        bounds = (-1 - last, -1 - first) if last >= first else _NOTHING
        size, elements, others = self._store.run("failures_window", *bounds)
        return Page([self._decode(element) for element in reversed(elements)], int(size), others)

    def newest(self, which: FailureFilter = EVERY_FAILURE) -> Iterator[Failure]:
        """Those that match, newest first, read some at a time."""
        return (self._decode(place.element) for place in self._matching(which))

    def count(self, which: FailureFilter = EVERY_FAILURE) -> int:
        """How many match. Only the count of all is quick."""
        if which == EVERY_FAILURE:
            return self.page().size
        return sum(1 for _ in self._matching(which))

    def get(self, failure_id: str, *, quick: bool = False) -> Failure | None:
        """The failure with this id; if it is to be `quick`, only where our order of them says it is."""
        place = self._find(failure_id, quick=quick)
        return self._decode(place.element) if place else None

    def requeue(
        self,
        failure_id: str,
        *,
        queue: str | None = None,
        keep: bool = False,
        again: bool = False,
        claim: Claim | None = None,
    ) -> bool:
        """Append its job to a queue; the failure goes, or stays marked with `keep`."""
        for _ in range(_TRIES):
            place = self._find(failure_id)
            failure = decode_failure(place.element) if place else None
            if place is None or failure is None or (failure.retried_at and not again):
                return False
            target = Entry(failure.job_id, failure.queue if queue is None else queue, failure.payload)
            marked = mark_retried(place.element, utc_now()) if keep else b""
            said = self._requeue(failure, place, marked, target, claim)
            if said >= 0:
                return bool(said)
        raise StorageError(f"{self._store.location}: failure {failure_id} changes all the time. Try again.")

    def remove(self, failure_id: str) -> bool:
        """Delete one; False when there is none."""
        for _ in range(_TRIES):
            place = self._find(failure_id)
            if place is None:
                return False
            if self._store.run("failure_remove", to_bytes(sound(failure_id)), *place):
                return True
        raise StorageError(f"{self._store.location}: failure {failure_id} changes all the time. Try again.")

    def clear(self, which: FailureFilter = EVERY_FAILURE) -> int:
        """Delete all that match; return how many.

        With a filter in steps of some hundred: killed in between, the same call goes on.
        """
        if which == EVERY_FAILURE:
            return int(self._store.run("failures_clear_all"))
        deleted = 0
        # From the newest on: what is deleted does not move what is older.
        for elements in self._windows():
            parts = [
                part
                for place in chosen(elements, which)
                for part in (to_bytes(sketch_failure(place.element).id), *place)
            ]
            if parts:
                deleted += int(self._store.run("failures_clear", *parts))
        return deleted

    def sort(self) -> int:
        """Move each to the head of the list of its queue; return how many. One without a queue stays."""
        moved = 0
        # From the newest on: each goes before those that were moved, and does not move what is older.
        for elements in self._windows():
            found = ((place, sketch_failure(place.element)) for place in elements)
            parts = [
                part
                for place, failure in found
                if failure.queue
                for part in (to_bytes(sound(failure.id)), *place, list_of(to_bytes(failure.queue)))
            ]
            if parts:
                moved += int(self._store.run("failures_sort", *parts))
        return moved

    def _decode(self, element: bytes) -> Failure:
        failure = decode_failure(element)
        return replace(failure, apart=True) if self._apart else failure

    def _requeue(
        self, failure: Failure, place: _Place, marked: bytes, target: Entry, claim: Claim | None
    ) -> int:
        job = (to_bytes(target.id), to_bytes(target.queue), target.payload, *claim_parts(claim))
        return int(self._store.run("failure_requeue", to_bytes(failure.id), *place, marked, *job))

    def _find(self, failure_id: str, *, quick: bool = False) -> _Place | None:
        said = self._store.run("failure_find", to_bytes(sound(failure_id)), written_id(failure_id))
        if len(said) == 2:
            return _Place(*said)
        if quick:
            return None
        return self._search(failure_id) if said or foreign.is_made_of_bytes(failure_id) else None

    def _search(self, failure_id: str) -> _Place | None:
        """Read the whole list, from the newest on: another program's failure is in no order of ours."""
        written, of_bytes = written_id(failure_id), foreign.is_made_of_bytes(failure_id)
        for elements in self._windows():
            for place in elements:
                named = written in place.element and sketch_failure(place.element).id == failure_id
                if named or (of_bytes and foreign.failure_id(place.element) == failure_id):
                    return place
        return None

    def _matching(self, which: FailureFilter) -> Iterator[_Place]:
        for elements in self._windows():
            yield from chosen(elements, which)

    def _windows(self) -> Iterator[list[_Place]]:
        """All elements, newest first, some at a time. New ones that come meanwhile are not shown."""
        size = self.page().size
        for last in range(size - 1, -1, -_WINDOW):
            first = max(0, last - _WINDOW + 1)
            elements = self._store.run("failures_window", first, last)[1]
            yield [_Place(first + place, element) for place, element in enumerate(elements)][::-1]
