"""Jobs that were enqueued together."""

import time
from collections.abc import Sequence

from resque_core.batch import Batch
from resque_core.job import Entry
from resque_core.sequel import Leaving
from resque_core.storage import NO_CURSOR, Cursor
from resque_toy.space import Space
from resque_toy.state import Group


class ToyBatches:
    """A dict of batches."""

    def __init__(self, space: Space) -> None:
        self._space = space

    def begin(self, batch: str, entries: Sequence[Entry], callback: Entry | None, lasts: float = 0.0) -> None:
        """Note the jobs, and let them wait."""
        with self._space.step() as state:
            if batch in state.batches:
                return
            ids = {entry.id for entry in entries}
            begun = Batch(batch, len(ids), len(ids), 0, callback.id if callback else "")
            state.batches[batch] = Group(begun, ids, callback, lasts)
            for entry in entries:
                state.follow(entry)
            state.end(state.batches[batch])

    def read(self, batch: str) -> Batch | None:
        """What is noted."""
        return next((it for it in self._known() if it.id == batch), None)

    def count(self) -> int:
        """How many there are."""
        return len(self._known())

    def all(self, start: int = 0, count: int = 1) -> Sequence[Batch]:
        """The latest first."""
        return self._known()[::-1][max(start, 0) :][: max(count, 0)]

    def _known(self) -> list[Batch]:
        groups, now = self._space.look().batches.values(), time.time()
        return [it.batch for it in groups if it.kept_until is None or it.kept_until >= now]

    def mend(self, after: Cursor = NO_CURSOR, limit: int = 1000) -> Cursor:
        """Let those leave that are nowhere any more."""
        with self._space.step() as state:
            open_jobs = sorted((name, job) for name, it in state.batches.items() for job in it.left)
            looked = [it for it in open_jobs if it > after][:limit]
            live = state.live_ids()
            for name, job in looked:
                if job not in live:
                    state.leave(job, Leaving(name))
            return looked[-1] if len(looked) == limit else NO_CURSOR
