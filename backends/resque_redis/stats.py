"""Named counters, Ruby's keys, and their history by minute and day, which is ours."""

from collections.abc import Mapping, Sequence

from resque_core.clock import from_epoch
from resque_core.records import Bucket
from resque_core.storage import Grain
from resque_redis.store import Store
from resque_redis.text import is_number, to_bytes, to_text

_SECONDS: dict[Grain, int] = {"minute": 60, "day": 86_400}


class RedisStats:
    """`Stats` on Redis."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def increment(self, name: str, by: int = 1) -> None:
        """Add to a counter and to its current minute and day."""
        self._store.run("increment", to_bytes(name), by)

    def all(self) -> Mapping[str, int]:
        """`processed`, `failed`, and every counter that was ever incremented here and not cleared."""
        return read_counters(self._store.run("stats_all"))

    def clear(self, name: str) -> None:
        """Set a counter back; its history stays."""
        self._store.run("stat_clear", to_bytes(name))

    def history(self, name: str, grain: Grain, count: int) -> Sequence[Bucket]:
        """The last `count` minutes or days up to now, oldest first, zeros included."""
        latest, *values = self._store.run("history", to_bytes(name), grain, count)
        first = latest - (count - 1) * _SECONDS[grain]
        return [
            Bucket(from_epoch(first + place * _SECONDS[grain]), int(value or 0))
            for place, value in enumerate(values)
        ]


def read_counters(said: Sequence[bytes]) -> Mapping[str, int]:
    """What `list_counters` of `_listing.lua` has found."""
    found = {to_text(said[i]): said[i + 1] for i in range(0, len(said), 2)}
    return {name: int(value) for name, value in found.items() if is_number(value)}
