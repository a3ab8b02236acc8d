"""Waiting jobs, by queue, and the pauses."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from resque_core.depths import Depths
from resque_core.job import Entry
from resque_core.records import ALL_QUEUES, QueueInfo
from resque_core.timing import Timings
from resque_redis import depths
from resque_redis.paging import window
from resque_redis.store import Store
from resque_redis.text import to_bytes, to_text
from resque_redis.timings import read_timings

_WINDOW = 1000
#: How many go in one step, whose payloads the server reads: at 1 MB each that is a lot of its memory.
_STEP = 100


class RedisQueues:
    """`Queues` on Redis."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def all(self) -> Sequence[QueueInfo]:
        """Every known queue, sorted by name."""
        return read_queues(self._store.run("queues_all"))

    def size(self, queue: str) -> int:
        """How many jobs wait on it."""
        return int(self._store.run("size", to_bytes(queue)))

    def peek(self, queue: str, start: int = 0, count: int = 1) -> Sequence[Entry]:
        """Up to `count` waiting entries from index `start`, head first."""
        first, last = window(start, count)
        if last < first:
            return []
        said = self._store.run("peek", to_bytes(queue), first, last)
        return [Entry(to_text(said[i]), queue, said[i + 1]) for i in range(0, len(said), 2)]

    def pop(self, queue: str) -> Entry | None:
        """Remove and return the head."""
        said = self._store.run("pop", to_bytes(queue))
        return Entry(to_text(said[0]), queue, said[1]) if said else None

    def dequeue(self, queue: str, matches: Callable[[bytes], bool]) -> int:
        """Delete each waiting entry whose payload matches; return how many.

        `matches` runs here, between steps, each of which deletes what it chose of a window. They go from the
        tail, whose places do not change while workers take from the head.
        """
        total = behind = 0
        while True:
            payloads = self._store.run("window", to_bytes(queue), -behind - _WINDOW, -behind - 1)
            chosen = dict.fromkeys(filter(matches, payloads))
            deleted = self._delete(queue, behind, len(payloads), chosen) if chosen else 0
            total += deleted
            if len(payloads) < _WINDOW:
                return total
            # Equal ones may have gone from elsewhere: then some are looked at again.
            behind = max(0, behind + len(payloads) - deleted)

    def move(self, queue: str, to: str, ids: Sequence[str]) -> int:
        """Let these jobs wait at the tail of another queue; return how many did."""
        if queue == to or not ids:
            return 0
        return int(self._store.run("move", to_bytes(queue), to_bytes(to), *map(to_bytes, ids)))

    def clear(self, queue: str) -> int:
        """Delete as many entries as wait now, a hundred in one step; the queue stays known."""
        return self._clear(queue, forget=False)

    def remove(self, queue: str) -> int:
        """Delete as `clear` does, then the queue's pause, and its name unless more jobs wait by then."""
        return self._clear(queue, forget=True)

    def pause(self, queue: str) -> None:
        """Let nobody reserve from this queue, or from any with `ALL_QUEUES`: that stops Ruby's, too."""
        if queue == ALL_QUEUES:
            self._store.call("SET", "pause_all", "true")
        else:
            self._store.run("pause", to_bytes(queue))

    def resume(self, queue: str) -> None:
        """Undo the pause of this name."""
        if queue == ALL_QUEUES:
            self._store.run("resume_all")
        else:
            self._store.run("resume", to_bytes(queue))

    def paused(self) -> frozenset[str]:
        """Every name that is paused."""
        all_paused, names = self._store.run("paused")
        return frozenset([*map(to_text, names), *([ALL_QUEUES] if all_paused else [])])

    def latencies(self, queues: Sequence[str]) -> Mapping[str, float]:
        """Seconds that the oldest waiting job of each has waited. Of Ruby's nobody knows it."""
        said = self._store.run("latencies", *map(to_bytes, queues))
        return {queue: int(waited) / 1_000_000 for queue, waited in zip(queues, said, strict=True)}

    def timings(self, queues: Sequence[str]) -> Mapping[str, Timings]:
        """How long the jobs of these queues waited and took."""
        said = self._store.run("timings", *map(to_bytes, queues))
        return {queue: read_timings(fields) for queue, fields in zip(queues, said, strict=True) if fields}

    def sample(self) -> float:
        """Note how many jobs wait on the queues, once a minute."""
        return depths.note(self._store)

    def samples(self, count: int) -> Sequence[Depths]:
        """What was noted in the last `count` minutes, oldest first."""
        return depths.read(self._store, count)

    def _clear(self, queue: str, *, forget: bool) -> int:
        """Each step takes milliseconds, in which the server serves nobody else."""
        total, left, more = 0, self.size(queue), 1
        while left > 0 or more:
            last, some = left <= _STEP, max(0, min(left, _STEP))
            deleted, more = self._store.run("clear", to_bytes(queue), int(forget and last), some, _STEP)
            total, left = total + deleted, left - some
        return total

    def _delete(self, queue: str, behind: int, among: int, payloads: Iterable[bytes]) -> int:
        return int(self._store.run("dequeue", to_bytes(queue), behind, among, *payloads))


def read_queues(said: Sequence[Any]) -> Sequence[QueueInfo]:
    """What `list_queues` of `_listing.lua` has found, sorted by name."""
    infos = [QueueInfo(to_text(name), size, bool(paused)) for name, size, paused in said]
    return sorted(infos, key=lambda info: info.name)
