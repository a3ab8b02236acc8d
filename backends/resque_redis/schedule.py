"""Jobs that wait for their time, in resque-scheduler's layout; `scripts/_delayed.lua` says how."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from uuid import uuid4

from resque_core.clock import from_epoch, utc_now
from resque_core.failure import Failure
from resque_core.job import Entry
from resque_core.records import Delayed, Promotion, When
from resque_redis.failure_text import encode_failure
from resque_redis.paging import window
from resque_redis.store import Store
from resque_redis.text import to_bytes, to_text
from resque_redis.times import from_microseconds

#: How many are read, or deleted, in one step.
_WINDOW = 1000
#: How many seconds are counted in one step.
_SECONDS = 10_000
_EARLIEST = b"-inf"
_MICROSECOND = timedelta(microseconds=1)
_EPOCH = from_epoch(0)
#: Second, id, queue, payload, time.
_PARTS = 5


class RedisSchedule:
    """`Schedule` on Redis. Items that Ruby's programs delayed are jobs as any other."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def promote(self, limit: int = 500) -> Promotion:
        """Let up to `limit` delayed jobs that are due wait at the tails of their queues.

        While a resque-scheduler holds its master lock, it does that, and we stand back: it reads the
        items before it takes them, and would lose or double what another process takes meanwhile.
        """
        if limit < 1:
            return Promotion()
        count, left, holder, bad = self._store.run("promote", limit)
        for place in range(0, len(bad), 2):
            self._bury(bad[place], bad[place + 1])
        return Promotion(count, None if left < 0 else left / 1_000_000, to_text(holder) or None)

    def promote_now(self, ids: Sequence[str]) -> int:
        """Let these delayed jobs wait now, in this order."""
        return int(self._store.run("promote_now", *map(to_bytes, ids)))

    def size(self) -> int:
        """How many jobs are delayed."""
        return self._size(only_over=False)

    def overdue(self) -> int:
        """How many of them are due, once their second is over."""
        return self._size(only_over=True)

    def retrying(self) -> int:
        """How many of them wait for another attempt."""
        return int(self._store.run("retrying"))

    def peek(self, start: int = 0, count: int = 1) -> Sequence[Delayed]:
        """Up to `count` delayed jobs from index `start`, earliest second first."""
        first, last = window(start, count)
        return [delayed for _, delayed in self._window(_EARLIEST, first, last - first + 1)]

    def get(self, job_id: str) -> Delayed | None:
        """The delayed job with this id."""
        said = self._store.run("delayed_get", to_bytes(job_id))
        return _delayed(said)[1] if said else None

    def find(self, matches: Callable[[Entry], bool]) -> Sequence[Delayed]:
        """Every delayed job that matches, earliest first."""
        found = [delayed for delayed in self._all() if matches(delayed.entry)]
        return sorted(found, key=lambda delayed: delayed.run_at)

    def remove(self, ids: Sequence[str]) -> int:
        """Delete these delayed jobs."""
        return int(self._store.run("delayed_remove", *map(to_bytes, ids)))

    def clear(self) -> int:
        """Delete as many delayed jobs as there are now, the earliest, some thousand in one step."""
        total, size, more = 0, self.size(), 1
        while more and total < size:
            deleted, more = self._store.run("delayed_clear", min(_WINDOW, size - total))
            total += deleted
        return total

    def _size(self, *, only_over: bool) -> int:
        total, start = 0, _EARLIEST
        while start:
            size, last = self._store.run("delayed_size", start, int(only_over), _SECONDS)
            total, start = total + size, last and b"(" + last
        return int(total)

    def _all(self) -> Iterator[Delayed]:
        """All of them, a window at a time: there may be more than memory has room for."""
        second, skip = _EARLIEST, 0
        while window := self._window(second, skip, _WINDOW):
            yield from (delayed for _, delayed in window)
            last = window[-1][0]
            seen = sum(epoch == last for epoch, _ in window)
            second, skip = last, seen + (skip if last == second else 0)

    def _window(self, second: bytes, skip: int, count: int) -> list[tuple[bytes, Delayed]]:
        said = self._store.run("delayed_window", second, skip, count) if count > 0 else []
        return [_delayed(said[place : place + _PARTS]) for place in range(0, len(said), _PARTS)]

    def _bury(self, epoch: bytes, item: bytes) -> None:
        """Keep what is no job among the failures, where somebody sees it."""
        failure = Failure(
            id=uuid4().hex,
            job_id=f"{epoch.decode()}.{uuid4().hex}",
            queue="",
            name="",
            payload=item,
            exception="BadPayload",
            error=f"This was delayed until {epoch.decode()}, and it names no queue that it could wait on.",
            failed_at=utc_now(),
        )
        self._store.run("delayed_bury", epoch, item, to_bytes(failure.id), encode_failure(failure))


def encode_when(run_at: When | None) -> bytes:
    """A time as the scripts take it: microseconds, after a `+` from now on."""
    if run_at is None:
        return b""
    if isinstance(run_at, timedelta):
        return b"+%d" % max(0, run_at // _MICROSECOND)
    return b"%d" % ((run_at - _EPOCH) // _MICROSECOND)


def _delayed(said: Sequence[bytes]) -> tuple[bytes, Delayed]:
    epoch, job, queue, payload, at = said
    run_at: datetime = from_microseconds(at)
    return epoch, Delayed(Entry(to_text(job), to_text(queue), payload), run_at)
