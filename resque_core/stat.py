"""`Stat`: the named numbers of a `Resque`, such as `processed` and `failed`; and where they are kept."""

from collections.abc import Callable, Mapping, Sequence

from resque_core.records import Bucket
from resque_core.storage import Grain, Stats, Storage


class Stat:
    """Counters, each with a history by minute and day.

    They are kept in the store, unless `store` says otherwise. `processed` and `failed` are counted by
    the settlement of a job itself, always in the job's own store: only there are they exact.
    """

    def __init__(self, storage: Callable[[], Storage], store: Stats | None = None) -> None:
        self._storage = storage
        #: Keeps the counters in place of the store: it has `increment`, `all`, `clear` and `history`.
        self.store = store

    def __getitem__(self, name: str) -> int:
        """The counter's value; 0 for one that nobody counted."""
        return self.get(name)

    def get(self, name: str) -> int:
        """The counter's value; 0 for one that nobody counted."""
        return self.all().get(name, 0)

    def increment(self, name: str, by: int = 1) -> None:
        """Add to a counter."""
        self._stats.increment(name, by)

    incr = increment

    def decrement(self, name: str, by: int = 1) -> None:
        """Take from a counter. It may go below 0."""
        self._stats.increment(name, -by)

    decr = decrement

    def clear(self, name: str) -> None:
        """Set a counter back to 0; its history stays."""
        self._stats.clear(name)

    def all(self) -> Mapping[str, int]:
        """Every counter with its value."""
        return self._stats.all()

    def history(self, name: str, grain: Grain = "minute", count: int = 60) -> Sequence[Bucket]:
        """Its growth in each of the last `count` minutes or days, oldest first."""
        return self._stats.history(name, grain, count)

    @property
    def _stats(self) -> Stats:
        return self._storage().stats if self.store is None else self.store


class NullStats:
    """Keeps no counter: every one is 0. For programs that count elsewhere, and tests."""

    def increment(self, name: str, by: int = 1) -> None:
        """Forget it at once."""

    def all(self) -> Mapping[str, int]:
        """None."""
        return {}

    def clear(self, name: str) -> None:
        """Nothing is there to be cleared."""

    def history(self, name: str, grain: Grain, count: int) -> Sequence[Bucket]:  # noqa: ARG002
        """None."""
        return []
