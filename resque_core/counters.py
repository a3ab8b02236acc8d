"""`Counters`: the named numbers of a `Resque`, such as `processed` and `failed`."""

from collections.abc import Callable, Mapping, Sequence

from resque_core.records import Bucket
from resque_core.storage import Grain, Storage


class Counters:
    """Counters, each with a history by minute and day."""

    def __init__(self, storage: Callable[[], Storage]) -> None:
        self._storage = storage

    def get(self, name: str) -> int:
        """The counter's value; 0 for one that nobody counted."""
        return self.all().get(name, 0)

    def increment(self, name: str, by: int = 1) -> None:
        """Add to a counter."""
        self._storage().stats.increment(name, by)

    def clear(self, name: str) -> None:
        """Set a counter back to 0; its history stays."""
        self._storage().stats.clear(name)

    def all(self) -> Mapping[str, int]:
        """Every counter with its value."""
        return self._storage().stats.all()

    def history(self, name: str, grain: Grain = "minute", count: int = 60) -> Sequence[Bucket]:
        """Its growth in each of the last `count` minutes or days, oldest first."""
        return self._storage().stats.history(name, grain, count)
