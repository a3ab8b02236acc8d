"""What a storage answers with: small frozen records, one for each kind of answer."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from resque_core.failure import Failure
from resque_core.job import Entry
from resque_core.keeping import KEEP_ALL, Keeping
from resque_core.sequel import Note, Sequel

#: The name under which a pause of every queue is kept; never a queue's own name.
ALL_QUEUES = "*"
#: When a delayed job is due: at a moment, or so long from now by the store's clock.
When = datetime | timedelta
#: Where a job may be. In none of them it has ended, was deleted, or never was.
Place = Literal["waiting", "delayed", "running", "gone"]


@dataclass(frozen=True, slots=True)
class Reservation:
    """A job that one worker holds. Every settlement is fenced by `token`."""

    token: str
    worker: str
    entry: Entry
    #: How often the job was taken back from a dead worker so far.
    rescues: int = 0
    #: When it was reserved, by the store's clock.
    reserved_at: datetime | None = None
    #: Names of the queues that the store knows, if `discover` was asked for.
    known: tuple[str, ...] = ()
    #: Jobs of the same queue that came along in the same step, in their order behind `entry`.
    bundle: tuple[Entry, ...] = ()


@dataclass(frozen=True, slots=True)
class Spell:
    """When a job of a bundle ran, by its worker's clock: in seconds since the reservation."""

    job_id: str
    began: float
    ended: float


@dataclass(frozen=True, slots=True)
class Idle:
    """Nothing to reserve now."""

    #: Names of the queues that the store knows, if `discover` was asked for.
    known: tuple[str, ...] = ()
    #: Whether a pause of every queue is why.
    paused: bool = False


@dataclass(frozen=True, slots=True)
class Delayed:
    """A job that waits for its time, and joins its queue then."""

    entry: Entry
    #: When it is due, in UTC.
    run_at: datetime


@dataclass(frozen=True, slots=True)
class Promotion:
    """What came of looking for delayed jobs that are due."""

    #: How many wait on their queues now.
    count: int = 0
    #: Seconds until there may be more to do; None while nothing is delayed.
    left: float | None = None
    #: Who promotes here instead of us, if somebody does: a resque-scheduler, by host and pid.
    held_by: str | None = None


@dataclass(frozen=True, slots=True)
class Recurrence:
    """A recurring entry: what it says, which no store reads, and when its next tick is."""

    name: str
    text: bytes
    #: A new one with each write, made by the writer: a write compares the one that it has seen.
    revision: str
    #: The next tick, in UTC; None: there is none.
    next_at: datetime | None = None
    #: The id of the job of its last tick; empty before the first.
    last_job: str = ""
    #: Whether that job still waits, is delayed, or runs. Told of entries whose next tick has come.
    live: bool = False


@dataclass(frozen=True, slots=True)
class Agenda:
    """All recurring entries, and the clock that their ticks are compared with."""

    entries: tuple[Recurrence, ...]
    #: The store's clock.
    now: datetime


@dataclass(frozen=True, slots=True)
class Advance:
    """What came of carrying out a tick."""

    #: False: the entry is another one by now, or its tick has not come; nothing changed.
    done: bool
    #: The job that has the claim, if that is why this tick has no job.
    holder: str | None = None


@dataclass(frozen=True, slots=True)
class Lost:
    """The store does not know the worker (any more): it was swept, forgotten, or the store is new."""


@dataclass(frozen=True, slots=True)
class Stale:
    """The token is stale: nothing changed, and nothing was reserved."""


@dataclass(frozen=True, slots=True)
class Beat:
    """The store's answer to a heartbeat."""

    #: False: the worker is not registered any more and must take a new identity.
    alive: bool
    #: The store's clock, in seconds since 1970-01-01 UTC.
    now: float
    #: Verbs sent to this worker since the last beat, oldest first; each is delivered once.
    commands: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class QueueInfo:
    """A queue as lists show it."""

    name: str
    #: How many jobs wait on it.
    size: int
    #: Whether it is paused by its own name.
    paused: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerInfo:
    """A registered worker."""

    #: `HOST+NONCE:PID:QUEUES`; never reused.
    id: str
    host: str
    pid: int
    #: Queue patterns as given, negations included.
    queues: tuple[str, ...]
    started_at: datetime
    #: Last heartbeat, by the store's clock; None before the first.
    heartbeat_at: datetime | None = None
    #: Seconds until the lease ends, by the store's clock; negative once it has lapsed.
    lease_left: float = 0.0
    #: The job that it holds, if any.
    reservation: Reservation | None = None
    processed: int = 0
    failed: int = 0

    @property
    def state(self) -> str:
        """`working`, `idle`, or `lapsed` when its lease is over and no sweep has come by yet."""
        if self.lease_left < 0:
            return "lapsed"
        return "working" if self.reservation else "idle"


@dataclass(frozen=True, slots=True)
class Lapsed:
    """A worker whose lease is over, with the job that it held, as a sweep saw them."""

    worker: str
    reservation: Reservation | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a sweep decided about a lapsed worker's job: a failure to store, or (None) back to its queue."""

    failure: Failure | None = None
    #: How that failure is to be kept.
    keeping: Keeping = KEEP_ALL
    #: What happens with the end that a failure is.
    sequel: Sequel | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a job is now, and what is kept beside it."""

    place: Place
    note: Note | None = None
    #: When it is due, if it is delayed.
    run_at: datetime | None = None
    #: Who holds it, if it runs.
    reservation: Reservation | None = None


@dataclass(frozen=True, slots=True)
class PoolReport:
    """What the manager of a pool said of itself last."""

    pool: str
    about: str
    #: Seconds until it is forgotten unless it says something, by the store's clock.
    lease_left: float = 0.0


@dataclass(frozen=True, slots=True)
class PoolCommand:
    """Something that a pool is told."""

    #: Grows with each command to the same pool; the first has a number above 0.
    number: int
    text: str


@dataclass(frozen=True, slots=True)
class Bucket:
    """A counter's value within one minute or day."""

    #: Start of the bucket, UTC.
    start: datetime
    value: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """Everything at a glance."""

    #: Every known queue, sorted by name.
    queues: tuple[QueueInfo, ...]
    #: Every registered worker, by id.
    workers: tuple[WorkerInfo, ...]
    #: Every counter with its value.
    counters: Mapping[str, int]
    #: How many failures are kept.
    failed: int
    #: How many jobs are delayed.
    delayed: int
    #: Whether more are: counting them all would take long.
    more_delayed: bool = False
    #: How many of the delayed jobs wait for another attempt.
    retrying: int
    #: Whether a pause of every queue is there.
    paused: bool

    @property
    def pending(self) -> int:
        """Jobs that wait on a queue."""
        return sum(queue.size for queue in self.queues)

    @property
    def working(self) -> tuple[WorkerInfo, ...]:
        """The workers that hold a job, the one that holds it longest first."""
        busy = [worker for worker in self.workers if worker.reservation]
        return tuple(sorted(busy, key=_held_since))


@dataclass(frozen=True, slots=True)
class ServerInfo:
    """What a store says of itself; never holds a password."""

    #: `sqlite 3.40.1`, `redis 7.0.15` …
    server: str
    #: Where it is, safe to print.
    location: str
    details: dict[str, str | int | float] = field(default_factory=dict)


def _held_since(worker: WorkerInfo) -> float:
    begun = worker.reservation.reserved_at if worker.reservation else None
    return begun.timestamp() if begun else 0.0
