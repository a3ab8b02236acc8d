"""`FailureList`: one of Ruby's lists of failures. The list is the truth, a zset of ours a hint."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from typing import NamedTuple

from resque_core.claim import Claim
from resque_core.clock import utc_now
from resque_core.errors import StorageError
from resque_core.failure import EVERY_FAILURE, Failure, FailureFilter
from resque_redis import foreign
from resque_redis.claims import claim_parts
from resque_redis.failure_text import decode_failure, mark_retried, names_in, sketch_failure, written_id
from resque_redis.matching import texts_of
from resque_redis.packing import Argument
from resque_redis.paging import window
from resque_redis.store import Store, list_of
from resque_redis.text import sound, to_bytes

#: So many are read in one step. To come there takes as long as to read some hundred.
_WINDOW = 1000
#: So many are changed in one step: in the middle of a list of a million, each takes Redis a few milliseconds.
_STEP = 50
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


def _move(
    place: _Place, failure: Failure, queue: str, claim: Claim | None, *, keep: bool
) -> tuple[Argument, ...]:
    """What `failures_requeue.lua` gets of one failure."""
    marked = mark_retried(place.element, utc_now()) if keep else b""
    job = to_bytes(failure.job_id), to_bytes(queue), failure.payload
    return (to_bytes(failure.id), *place, marked, *job, *claim_parts(claim))


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
        place = self._find([failure_id], quick=quick).get(failure_id)
        return self._decode(place.element) if place else None

    def requeue(
        self,
        claims: Mapping[str, Claim | None],
        *,
        queue: str | None = None,
        keep: bool = False,
        again: bool = False,
    ) -> list[str]:
        """Append the jobs of these failures to a queue, each with its claim; the ids of those that went."""

        def step(found: Mapping[str, _Place]) -> Mapping[str, int]:
            """1 for what was requeued, 0 for what cannot be, -1 for what changed since it was read."""
            failures = {failure_id: decode_failure(place.element) for failure_id, place in found.items()}
            meant = {key: one for key, one in failures.items() if again or not one.retried_at}
            moves = (
                _move(found[key], one, one.queue if queue is None else queue, claims[key], keep=keep)
                for key, one in meant.items()
            )
            parts = [part for move in moves for part in move]
            said = self._store.run("failures_requeue", *parts) if parts else []
            return dict(zip(meant, said, strict=True))

        return self._each(claims, step)

    def remove(self, failure_ids: Iterable[str]) -> list[str]:
        """Delete these; the ids of those that were there."""

        def step(found: Mapping[str, _Place]) -> Mapping[str, int]:
            """1 for what was deleted, -1 for what changed since it was read."""
            gone = self._remove(found.items())
            return {key: 1 if said else -1 for key, said in zip(found, gone, strict=True)}

        return self._each(failure_ids, step)

    def clear(self, which: FailureFilter = EVERY_FAILURE) -> int:
        """Delete all that match; return how many.

        With a filter in steps of some hundred: killed in between, the same call goes on.
        """
        if which == EVERY_FAILURE:
            return int(self._store.run("failures_clear_all"))
        # From the newest on: what is deleted does not move what is older.
        deleted, meant = 0, self._matching(which)
        while some := list(islice(meant, _STEP)):
            deleted += sum(self._remove((sketch_failure(place.element).id, place) for place in some))
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

    def _each(
        self, failure_ids: Iterable[str], step: Callable[[Mapping[str, _Place]], Mapping[str, int]]
    ) -> list[str]:
        """Find and change so many at a time, anew what moved in between; the ids of those that went."""
        done: list[str] = []
        rest = iter(dict.fromkeys(failure_ids))
        while left := list(islice(rest, _STEP)):
            for _ in range(_TRIES):
                found = self._find(left)
                said = step(found) if found else {}
                done += [key for key in left if said.get(key) == 1]
                left = [key for key in left if said.get(key) == -1]
                if not left:
                    break
            else:
                raise StorageError(
                    f"{self._store.location}: failure {left[0]} changes all the time. Try again."
                )
        return done

    def _remove(self, found: Iterable[tuple[str, _Place]]) -> list[int]:
        """Delete what was seen there: for each 1, or 0 if it is not near that place any more."""
        parts = [part for key, place in found for part in (to_bytes(sound(key)), *place)]
        return list(self._store.run("failures_remove", *parts)) if parts else []

    def _find(self, failure_ids: Sequence[str], *, quick: bool = False) -> dict[str, _Place]:
        """Where those of them are that are there."""
        parts = [part for key in failure_ids for part in (to_bytes(sound(key)), written_id(key))]
        found: dict[str, _Place] = {}
        missing = set()
        for key, said in zip(failure_ids, self._store.run("failures_find", *parts), strict=True):
            if len(said) == 2:
                found[key] = _Place(*said)
            elif said or foreign.is_made_of_bytes(key):
                missing.add(key)
        return found if quick or not missing else found | self._search(missing)

    def _search(self, failure_ids: set[str]) -> dict[str, _Place]:
        """Read the list, from the newest on: another program's failures are in no order of ours."""
        found: dict[str, _Place] = {}
        of_bytes = any(map(foreign.is_made_of_bytes, failure_ids))
        written = set(map(written_id, failure_ids))
        for elements in self._windows():
            for place in elements:
                ids = {sketch_failure(place.element).id} if written & names_in(place.element) else set()
                ids |= {foreign.failure_id(place.element)} if of_bytes else set()
                found |= {key: place for key in ids & failure_ids if key not in found}
            if len(found) == len(failure_ids):
                break
        return found

    def _matching(self, which: FailureFilter) -> Iterator[_Place]:
        for elements in self._windows(texts_of(which)):
            yield from (place for place in elements if which.matches(sketch_failure(place.element)))

    def _windows(self, texts: Sequence[bytes] = ()) -> Iterator[list[_Place]]:
        """Elements, newest first, some at a time: all, or those that may have all of these texts.

        New ones that come meanwhile are not shown.
        """
        size = self.page().size
        for last in range(size - 1, -1, -_WINDOW):
            first = max(0, last - _WINDOW + 1)
            yield self._likely(first, last, texts) if texts else self._all(first, last)

    def _all(self, first: int, last: int) -> list[_Place]:
        elements = self._store.run("failures_window", first, last)[1]
        return [_Place(first + place, element) for place, element in enumerate(elements)][::-1]

    def _likely(self, first: int, last: int, texts: Sequence[bytes]) -> list[_Place]:
        said = self._store.run("failures_matching", first, last, *texts)
        return [_Place(int(place), element) for place, element in zip(said[::2], said[1::2], strict=True)]
