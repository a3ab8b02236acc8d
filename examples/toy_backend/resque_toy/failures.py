"""The failed store."""

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from resque_core.claim import Claim
from resque_core.clock import from_epoch
from resque_core.failure import EVERY_FAILURE, Failure, FailureFilter
from resque_core.job import Entry
from resque_core.leafing import leaf_through
from resque_toy.space import Space
from resque_toy.state import Held, Waiting


class ToyFailures:
    """A list of failures, newest first."""

    def __init__(self, space: Space) -> None:
        self._space = space

    @property
    def indexed(self) -> bool:
        """No: each is looked at."""
        return False

    def peek(self, start: int = 0, count: int = 1, which: FailureFilter = EVERY_FAILURE) -> Sequence[Failure]:
        """A window of those that match."""
        return _matching(self._space.look().failures, which)[start : start + count]

    def count(self, which: FailureFilter = EVERY_FAILURE) -> int:
        """How many match."""
        return len(_matching(self._space.look().failures, which))

    def get(self, failure_id: str, *, quick: bool = False) -> Failure | None:  # noqa: ARG002
        """The one with this id: all are in memory."""
        return _find(self._space.look().failures, failure_id)

    def each(self, which: FailureFilter = EVERY_FAILURE) -> Iterator[Failure]:
        """All that match, read some at a time."""
        return leaf_through(self, which)

    def requeue(
        self,
        claims: Mapping[str, Claim | None],
        *,
        queue: str | None = None,
        keep: bool = False,
        again: bool = False,
    ) -> Sequence[str]:
        """Append their jobs to a queue; the failures go, or are marked as retried."""
        return [key for key in claims if self._requeue(key, queue, claims[key], keep=keep, again=again)]

    def remove(self, failure_ids: Sequence[str]) -> Sequence[str]:
        """Delete these, in the order that is given."""
        with self._space.step() as state:
            there = {failure.id for failure in state.failures}
            gone = [key for key in failure_ids if key in there]
            state.failures = [failure for failure in state.failures if failure.id not in gone]
            return gone

    def clear(self, which: FailureFilter = EVERY_FAILURE) -> int:
        """Delete those that match."""
        with self._space.step() as state:
            before = len(state.failures)
            state.failures = [failure for failure in state.failures if not which.matches(failure)]
            return before - len(state.failures)

    def sort(self) -> int:
        """There is one list only."""
        return 0

    def _requeue(
        self, failure_id: str, queue: str | None, claim: Claim | None, *, keep: bool, again: bool
    ) -> bool:
        with self._space.step() as state:
            failure = _find(state.failures, failure_id)
            if failure is None or failure.job_id in state.live_ids() or (failure.retried_at and not again):
                return False
            if claim and state.holder(failure.job_id, claim):
                return False
            if claim:
                state.claims[claim.key] = Held(failure.job_id, claim)
            state.put(Waiting(Entry(failure.job_id, queue or failure.queue, failure.payload)))
            index = state.failures.index(failure)
            marked = replace(failure, retried_at=from_epoch(time.time()))
            state.failures[index : index + 1] = [marked] if keep else []
            return True


def _find(failures: list[Failure], failure_id: str) -> Failure | None:
    return next((failure for failure in failures if failure.id == failure_id), None)


def _matching(failures: list[Failure], which: FailureFilter) -> list[Failure]:
    return [failure for failure in failures if which.matches(failure)]
