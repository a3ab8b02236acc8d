"""The depths of queues, minute by minute; `scripts/depths_note.lua` says how they are kept."""

import json
from collections.abc import Iterator, Sequence

from resque_core.clock import from_epoch
from resque_core.depths import KEPT_DEPTHS, MINUTE, NAMED, Depths
from resque_redis.store import Store
from resque_redis.text import to_text


def note(store: Store) -> float:
    """Note what waits now, unless this minute has that already; seconds until the next minute."""
    return int(store.run("depths_note", NAMED, KEPT_DEPTHS)) / 1_000_000


def read(store: Store, count: int) -> Sequence[Depths]:
    """What was noted in the last `count` minutes, oldest first."""
    if count < 1:
        return []
    now, notes = store.run("depths_read", min(count, KEPT_DEPTHS))
    second = int(now) // 1_000_000
    found = [depths for note in notes for depths in _decoded(note)]
    meant = [it for it in found if second - count * MINUTE < it.start.timestamp() <= second]
    return sorted(meant, key=lambda it: it.start)


def _decoded(note: bytes) -> Iterator[Depths]:
    """One, or none where another program wrote something else."""
    try:
        start, total, *rest = json.loads(to_text(note), strict=False)
        queues = {str(name): int(size) for name, size in zip(rest[::2], rest[1::2], strict=True)}
        yield Depths(from_epoch(int(start)), int(total), queues)
    except (ValueError, TypeError, OverflowError, OSError, RecursionError):
        return
