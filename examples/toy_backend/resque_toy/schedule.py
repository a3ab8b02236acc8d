"""Jobs that wait for their time."""

import time
from collections.abc import Callable, Sequence

from resque_core.job import Entry
from resque_core.records import Delayed, Promotion
from resque_toy.space import Space
from resque_toy.state import State


class ToySchedule:
    """A dict of delayed jobs, sorted whenever it is looked at."""

    def __init__(self, space: Space) -> None:
        self._space = space

    def promote(self, limit: int = 500) -> Promotion:
        """Move what is due to its queue."""
        with self._space.step() as state:
            now = time.time()
            due = [it.entry.id for it in _in_order(state) if it.run_at.timestamp() <= now][:limit]
            count = _move(state, due)
            left = [it.run_at.timestamp() - now for it in _in_order(state)[:1]]
            return Promotion(count, max(0.0, left[0]) if left else None)

    def promote_now(self, ids: Sequence[str]) -> int:
        """Move these to their queues."""
        with self._space.step() as state:
            return _move(state, ids)

    def size(self) -> int:
        """How many there are."""
        return len(self._space.look().delayed)

    def overdue(self) -> int:
        """How many of them are due."""
        now = time.time()
        return sum(it.run_at.timestamp() <= now for it in self._space.look().delayed.values())

    def retrying(self) -> int:
        """How many of them wait for another attempt."""
        state = self._space.look()
        return len(state.retrying & state.delayed.keys())

    def peek(self, start: int = 0, count: int = 1) -> Sequence[Delayed]:
        """A window of them."""
        return _in_order(self._space.look())[start : start + count]

    def get(self, job_id: str) -> Delayed | None:
        """One of them."""
        return self._space.look().delayed.get(job_id)

    def find(self, matches: Callable[[Entry], bool]) -> Sequence[Delayed]:
        """Those that match."""
        return [it for it in _in_order(self._space.look()) if matches(it.entry)]

    def remove(self, ids: Sequence[str]) -> int:
        """Delete these."""
        with self._space.step() as state:
            return sum(state.delayed.pop(job, None) is not None for job in ids)

    def clear(self) -> int:
        """Delete all."""
        with self._space.step() as state:
            count = len(state.delayed)
            state.delayed.clear()
            return count


def _in_order(state: State) -> list[Delayed]:
    return sorted(state.delayed.values(), key=lambda it: it.run_at)


def _move(state: State, ids: Sequence[str]) -> int:
    moved = [state.delayed.pop(job) for job in dict.fromkeys(ids) if job in state.delayed]
    for it in moved:
        state.let_wait(it)
    return len(moved)
