"""Named counters and their history."""

import time
from collections.abc import Mapping, Sequence

from resque_core.clock import from_epoch
from resque_core.records import Bucket
from resque_core.storage import Grain
from resque_toy.space import Space
from resque_toy.state import SECONDS


class ToyStats:
    """One dict for the totals and one for the minutes and days."""

    def __init__(self, space: Space) -> None:
        self._space = space

    def increment(self, name: str, by: int = 1) -> None:
        """Add to a counter."""
        with self._space.step() as state:
            state.count(name, by)

    def all(self) -> Mapping[str, int]:
        """Every counter."""
        return self._space.look().stats

    def clear(self, name: str) -> None:
        """Forget a counter's total."""
        with self._space.step() as state:
            state.stats.pop(name, None)

    def history(self, name: str, grain: Grain, count: int) -> Sequence[Bucket]:
        """The last minutes or days, oldest first."""
        seconds, kept = SECONDS[grain], self._space.look().history
        now = int(time.time()) // seconds
        return [
            Bucket(from_epoch(number * seconds), kept.get((name, grain, number), 0))
            for number in range(now - count + 1, now + 1)
        ]
