"""`Bundle`: short jobs that a worker took in one step, to perform one by one; `BundleSize`: how many."""

import math
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import replace

from resque_core.ids import new_id
from resque_core.job import Entry
from resque_core.records import Reservation, Spell
from resque_core.settling import InHand

#: Seconds that all jobs of a bundle may take together, going by those before.
SHORT = 0.02
#: Seconds after which the one in hand is held alone, for it takes long after all: the store hears of those
#: before it, and those behind it go back to their queue.
PATIENCE = 0.05
#: So many jobs in a row must have been fit for a bundle before one is taken.
CALM = 8

#: Jobs that say one of these are begun when they are held alone: a slot belongs to one job; what may not be
#: run again after its worker's death must not be taken for one that was not begun; and what is done must not
#: keep another of its kind out.
_ALONE = (b'"limit"', b'"on_worker_death"', b'"unique"')


def wants_alone(entry: Entry) -> bool:
    """Whether no other job may be held beside this one while it runs. A wrong yes costs a call."""
    return any(key in entry.payload for key in _ALONE)


class Bundle:
    """What one reservation holds: the jobs that are done, the one in hand, and those that wait behind it."""

    def __init__(self, held: Reservation) -> None:
        self.held = held
        #: Under which one job of it is held alone, if it must be: the same however often that is asked.
        self.token = new_id()
        #: Jobs that are done, and of which the store has not heard yet.
        self.done: list[InHand] = []
        #: Whether the store was told, in vain perhaps, that all is done that will be, or to hold one job
        #: alone. What of it is not begun by then may be somebody else's.
        self.told = self.narrowed = False
        self._rest = deque(held.bundle)
        self._since = time.monotonic()

    @property
    def several(self) -> bool:
        """Whether the store holds more under its token than one job."""
        return bool(self.held.bundle)

    @property
    def over(self) -> bool:
        """Whether no job of it will be begun beside the others any more."""
        return self.told or self.narrowed or not self.goes_on

    @property
    def goes_on(self) -> bool:
        """Whether the next of them may be begun beside the others."""
        return bool(self._rest) and not wants_alone(self._rest[0])

    def left(self) -> float:
        """Seconds until the one in hand is to be held alone; infinite when it is."""
        return max(0.0, self._since + PATIENCE - time.monotonic()) if self.several else math.inf

    def next(self) -> Reservation:
        """The next job. Its token tells it from the others here, and nothing to the store."""
        token = f"{self.held.token}/{len(self._rest)}"
        return replace(self.held, token=token, entry=self._rest.popleft(), bundle=())

    def spells(self, *more: InHand) -> Sequence[Spell]:
        """When each job ran that is done, these among them."""
        return [
            Spell(it.reservation.entry.id, it.since - self._since, it.until - self._since)
            for it in (*self.done, *more)
        ]

    def seconds_each(self) -> float:
        """How long each job of it took that is done, or in hand, with all that belongs to it."""
        return (time.monotonic() - self._since) / (len(self.done) + 1)


class BundleSize:
    """How many jobs are worth taking at once: twice as many as the last time, while all is well."""

    def __init__(self, most: int) -> None:
        self.most = most
        self._calm = 0
        self.now = 1

    def note(self, bundle: Bundle) -> None:
        """The jobs of a bundle, or a job that was held alone, came to a good end."""
        self._calm += 1
        if self._calm > CALM:
            fitting = int(SHORT / max(bundle.seconds_each(), SHORT / self.most))
            self.now = max(1, min(2 * self.now, fitting))

    def be_one(self) -> None:
        """One of its jobs took long, or did not end well, or said more than that it is done."""
        self.now, self._calm = 1, 0
