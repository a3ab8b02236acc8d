"""Waiting jobs, by queue."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from resque_core.clock import from_epoch
from resque_core.depths import KEPT_DEPTHS, MINUTE, Depths, depths_of
from resque_core.job import Entry
from resque_core.records import QueueInfo
from resque_core.timing import Timings
from resque_toy.space import Space
from resque_toy.state import Waiting


class ToyQueues:
    """Lists of waiting jobs, head first."""

    def __init__(self, space: Space) -> None:
        self._space = space

    def all(self) -> Sequence[QueueInfo]:
        """Every known queue, sorted by name."""
        state = self._space.look()
        return [
            QueueInfo(name, len(jobs), name in state.paused) for name, jobs in sorted(state.queues.items())
        ]

    def size(self, queue: str) -> int:
        """How many jobs wait on it."""
        return len(self._space.look().queues.get(queue, []))

    def peek(self, queue: str, start: int = 0, count: int = 1) -> Sequence[Entry]:
        """A window of the waiting entries."""
        waiting = self._space.look().queues.get(queue, [])
        return [job.entry for job in waiting[start : start + count]]

    def pop(self, queue: str) -> Entry | None:
        """Remove and return the head."""
        with self._space.step() as state:
            taken = state.queues.get(queue, [])[:1]
            state.queues.get(queue, [])[:1] = []
            state.drop_claims(taken)
            return taken[0].entry if taken else None

    def dequeue(self, queue: str, matches: Callable[[bytes], bool]) -> int:
        """Delete what matches."""
        with self._space.step() as state:
            waiting = state.queues.get(queue, [])
            gone = [job for job in waiting if matches(job.entry.payload)]
            waiting[:] = [job for job in waiting if job not in gone]
            state.drop_claims(gone)
            return len(gone)

    def move(self, queue: str, to: str, ids: Sequence[str]) -> int:
        """Take them out of one list, and add them to another."""
        with self._space.step() as state:
            waiting = state.queues.get(queue, []) if queue != to else []
            moved = [job for job in waiting if job.entry.id in ids]
            waiting[:] = [job for job in waiting if job not in moved]
            for job in moved:
                state.put(Waiting(replace(job.entry, queue=to), job.rescues))
            return len(moved)

    def clear(self, queue: str) -> int:
        """Delete all that wait; the name stays known."""
        return self.dequeue(queue, lambda _payload: True)

    def remove(self, queue: str) -> int:
        """Delete all that wait, the pause and the name."""
        with self._space.step() as state:
            state.paused.discard(queue)
            state.timings.pop(queue, None)
            gone = state.queues.pop(queue, [])
            state.drop_claims(gone)
            return len(gone)

    def pause(self, queue: str) -> None:
        """Note the name; `reserve` heeds it."""
        with self._space.step() as state:
            state.paused.add(queue)

    def resume(self, queue: str) -> None:
        """Forget the name."""
        with self._space.step() as state:
            state.paused.discard(queue)

    def paused(self) -> frozenset[str]:
        """Every name that is paused."""
        return frozenset(self._space.look().paused)

    def latencies(self, queues: Sequence[str]) -> Mapping[str, float]:
        """How long the oldest of each has waited."""
        now, waiting = time.time(), self._space.look().queues
        since = {queue: min((job.since for job in waiting.get(queue, [])), default=now) for queue in queues}
        return {queue: max(0.0, now - it) for queue, it in since.items()}

    def timings(self, queues: Sequence[str]) -> Mapping[str, Timings]:
        """What is noted of these queues."""
        kept = self._space.look().timings
        return {queue: kept[queue] for queue in queues if queue in kept}

    def sample(self) -> float:
        """Note what waits, once a minute."""
        now, seen = time.time(), self.all()
        minute = int(now) // MINUTE
        with self._space.step() as state:
            state.depths.setdefault(minute, depths_of(from_epoch(minute * MINUTE), seen))
            for old in [it for it in state.depths if it <= minute - KEPT_DEPTHS]:
                del state.depths[old]
        return (minute + 1) * MINUTE - now

    def samples(self, count: int) -> Sequence[Depths]:
        """What was noted in the last minutes."""
        minute, noted = int(time.time()) // MINUTE, self._space.look().depths
        return [noted[it] for it in range(minute - count + 1, minute + 1) if it in noted]
