"""Jobs that were enqueued together, and the job that waits for the end of all of them."""

from collections.abc import Sequence

from resque_core.batch import Batch
from resque_core.job import Entry
from resque_core.storage import NO_CURSOR, Cursor
from resque_redis.jobs import entry_parts, parts_of
from resque_redis.paging import window
from resque_redis.store import Store
from resque_redis.text import to_bytes, to_text

#: Bounds of none.
NOTHING = (1, 0)


class RedisBatches:
    """`Batches` on Redis."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def begin(self, batch: str, entries: Sequence[Entry], callback: Entry | None, lasts: float = 0.0) -> None:
        """Enqueue all entries as jobs of a batch, unless it is there."""
        last = entry_parts(callback) if callback else (b"", b"", b"")
        parts = parts_of(entries)
        self._store.run("batch_begin", to_bytes(batch), *last, int(lasts * 1_000_000), *parts)

    def read(self, batch: str) -> Batch | None:
        """How many there were, are left, and failed."""
        said = self._store.run("batch_read", to_bytes(batch))
        if not said:
            return None
        total, pending, failed, callback = said
        return Batch(batch, total, pending, failed, to_text(callback))

    def count(self) -> int:
        """How many there are."""
        return int(self._store.run("batches_all", *NOTHING)[0])

    def all(self, start: int = 0, count: int = 1) -> Sequence[Batch]:
        """Up to `count` of them, the one begun last first."""
        first, last = window(start, count)
        _, *found = self._store.run("batches_all", *((first, last) if last >= first else NOTHING))
        return [
            Batch(to_text(batch), total, pending, failed, to_text(callback))
            for batch, total, pending, failed, callback in found
        ]

    def mend(self, after: Cursor = NO_CURSOR, limit: int = 1000) -> Cursor:
        """Let those leave that are nowhere any more."""
        batch, job = self._store.run("batch_mend", *map(to_bytes, after), limit)
        return to_text(batch), to_text(job)
