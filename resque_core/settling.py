"""`InHand`: the one job that a worker holds, and how its end is told to the store."""

import logging
import time
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Literal

from resque_core.display import one_line
from resque_core.ending import Ending, Patience
from resque_core.expiry import expired
from resque_core.failing import failure_of
from resque_core.failure import Failure
from resque_core.job import Entry
from resque_core.keeping import KEEP_ALL, Keeping
from resque_core.noting import sequel_of
from resque_core.outcome import Again, Ended, Problem
from resque_core.records import Reservation
from resque_core.sequel import Sequel
from resque_core.storage import Jobs

log = logging.getLogger("resque")

#: What a worker means to do with a job once it has ended. `release` and `drop` follow when it was ended
#: by us: handed back to its queue, or (the store has taken it away) not told at all. `cancel`: it is dropped.
Fate = Literal["settle", "release", "drop", "cancel"]


@dataclass(slots=True)
class InHand:
    """A reserved job from its start until the store has heard of its end."""

    reservation: Reservation
    fate: Fate = "settle"
    ended: Ended | None = None
    ending: Ending = field(default_factory=Ending)
    #: Its time limit in seconds, and when that ends it.
    limit: float | None = None
    late: Ending = field(default_factory=Ending)
    since: float = field(default_factory=time.monotonic)
    #: When its end was heard of, by the same clock.
    until: float = 0.0
    #: The token that its runner knows. That of the reservation may change, if the job is held alone later.
    token: str = ""
    #: How its failure is to be kept.
    keeping: Keeping = KEEP_ALL
    #: What the failed store was given of it.
    failure: Failure | None = None
    #: What it said of itself last, as JSON, and whether the store is still to hear that.
    word: str = ""
    unwritten: bool = False
    #: Whether somebody has cancelled it. However it ends then, it is not run again.
    unwanted: bool = False

    def __post_init__(self) -> None:
        self.token = self.token or self.reservation.token

    @property
    def running(self) -> bool:
        """Whether its end is still to come."""
        return self.ended is None

    @property
    def done(self) -> bool:
        """Whether it ran to its end, so that `tell` completes it."""
        ended = self.ended
        return ended is not None and ended.problem is None and ended.refused is None and self.fate != "drop"

    def expire(self) -> bool:
        """Have it end before it is begun, if it was reserved too late."""
        self.ended = expired(self.reservation)
        return self.ended is not None

    def hand_back(self) -> None:
        """Have it end before it is begun: it goes back to its queue."""
        self.fate = "release"
        self.ended = Ended(self.token, Problem("", "It was not begun."), killed=True)

    def be_limited(self, seconds: float, patience: Patience) -> None:
        """Let it run for so many seconds from now on, whatever was said before."""
        self.limit, self.late = seconds, Ending()
        self.late.ask(patience)

    def note(self, ended: Ended) -> bool:
        """Take down the end of this job; False for the end of another."""
        if ended.token != self.token:
            return False
        self.ended, self.until = ended, time.monotonic()
        if self.unwanted:
            self.be_unwanted()
        return True

    def be_unwanted(self) -> None:
        """Somebody has cancelled it: its policy is not asked any more."""
        self.unwanted = True
        if self.ended and self.ended.again and self.ended.again.delay is not None:
            self.ended = replace(self.ended, again=None)

    @property
    def cancelled(self) -> bool:
        """Whether it ended because somebody had cancelled it, or would be run again though somebody has."""
        ended = self.ended
        if ended is None:
            return False
        return ended.cancelled or (self.unwanted and (ended.killed or ended.refused is not None))

    def sequel(self) -> Sequel | None:
        """What happens with its end."""
        if self.ended is None:
            return None
        return sequel_of(self.reservation, self.ended, self.word, cancelled=self.cancelled)

    def tell(self, jobs: Jobs) -> bool:
        """Settle the job. False: its token is stale, nothing was changed.

        A job that was to be handed back but came to an end of its own in time is settled all the same.
        """
        ended, reservation = self.ended, self.reservation
        if ended is None or self.fate == "drop":
            return False
        if self.cancelled:
            return jobs.complete(reservation, self.sequel())
        if ended.refused is not None:
            return jobs.release(reservation)
        if ended.problem is None:
            return jobs.complete(reservation, self.sequel())
        if self.fate == "release" and ended.killed:
            return jobs.release(reservation)
        if ended.again and ended.again.delay is not None:
            return self._reschedule(jobs, ended.again, ended.again.delay)
        # The same one again, if the store could not be asked the first time.
        payload = ended.again.payload if ended.again else None
        self.failure = self.failure or failure_of(reservation, ended.problem, payload)
        return jobs.fail(reservation, self.failure, self.keeping, self.sequel())

    def _reschedule(self, jobs: Jobs, again: Again, delay: float) -> bool:
        entry = Entry(self.reservation.entry.id, again.queue, again.payload)
        return jobs.reschedule(self.reservation, entry, timedelta(seconds=delay), self.sequel())


def log_end(held: InHand, *, heard: bool) -> None:
    """Tell the log what became of the job; or, not `heard`, that the store had taken it away meanwhile."""
    ended, job = held.ended, one_line(held.reservation.entry.id)
    if not heard:
        log.warning(
            "lost: job %s was taken from worker %s; what became of it here changes nothing",
            job,
            held.reservation.worker,
        )
    elif held.cancelled:
        log.info("cancelled: job %s", job)
    elif ended and ended.refused is None and held.fate in ("settle", "cancel"):
        _log_result(ended, f"{one_line(ended.name)} {job}".strip())


def _log_result(ended: Ended, what: str) -> None:
    if ended.problem and ended.again and ended.again.delay is not None:
        log.warning(
            "retrying: %s in %.3g s: %s: %s",
            what,
            ended.again.delay,
            one_line(ended.problem.exception),
            one_line(ended.problem.error),
        )
    elif ended.problem:
        log.warning(
            "failed: %s: %s: %s", what, one_line(ended.problem.exception), one_line(ended.problem.error)
        )
    else:
        log.info("done: %s in %.3f s", what, ended.seconds)
