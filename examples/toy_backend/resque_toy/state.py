"""What the toy keeps of one namespace: plain dicts and lists."""

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from resque_core.batch import KEPT_BATCH, Batch, lasting
from resque_core.claim import Claim
from resque_core.clock import from_epoch
from resque_core.depths import Depths
from resque_core.failure import Failure
from resque_core.job import Entry
from resque_core.keeping import TRIMMED_AT_ONCE, Keeping
from resque_core.records import Delayed, PoolCommand, Recurrence, Reservation, Spell, WorkerInfo
from resque_core.sequel import Leaving, Note, Sequel
from resque_core.timing import BUCKETS, Histogram, Timings, bucket_of, histogram

SECONDS = {"minute": 60, "day": 86_400}


@dataclass
class Waiting:
    """A job on its queue."""

    entry: Entry
    rescues: int = 0
    since: float = field(default_factory=time.time)


@dataclass
class Member:
    """A registered worker."""

    info: WorkerInfo
    lease_until: float
    heartbeat_at: float | None = None
    held: Reservation | None = None
    #: When its job came to its queue.
    since: float = 0.0
    #: What came along with its job, in order.
    bundle: list[Waiting] = field(default_factory=list)
    settled: str | None = None
    commands: list[str] = field(default_factory=list)
    processed: int = 0
    failed: int = 0


@dataclass
class Manager:
    """A pool's, and what it has not heard yet."""

    about: str = ""
    lease_until: float = 0.0
    #: How often it was told something.
    told: int = 0
    commands: list[PoolCommand] = field(default_factory=list)


@dataclass
class Held:
    """A claim in the hands of a job."""

    job: str
    claim: Claim
    since: float = field(default_factory=time.time)


@dataclass
class Group:
    """A batch: the ids that are left of it, and the job that waits for their end."""

    batch: Batch
    left: set[str]
    callback: Entry | None
    lasts: float = 0.0
    kept_until: float | None = None


@dataclass
class State:
    """Everything in one namespace."""

    #: Every known queue and the jobs that wait on it, head first.
    queues: dict[str, list[Waiting]] = field(default_factory=dict)
    paused: set[str] = field(default_factory=set)
    #: By id.
    delayed: dict[str, Delayed] = field(default_factory=dict)
    #: Those of them that failed, and wait for another attempt.
    retrying: set[str] = field(default_factory=set)
    #: By name.
    recurring: dict[str, Recurrence] = field(default_factory=dict)
    #: Newest first.
    failures: list[Failure] = field(default_factory=list)
    workers: dict[str, Member] = field(default_factory=dict)
    pools: dict[str, Manager] = field(default_factory=dict)
    #: By key.
    claims: dict[str, Held] = field(default_factory=dict)
    #: The slots of limits, by the token that took each.
    slots: dict[str, str] = field(default_factory=dict)
    #: Jobs that are delayed because there was no slot, in their order: what each waits for, and its rescues.
    line: dict[str, tuple[str, int]] = field(default_factory=dict)
    #: By the id of the job: what is kept of it, and until when.
    notes: dict[str, tuple[Note, float]] = field(default_factory=dict)
    #: By id.
    batches: dict[str, Group] = field(default_factory=dict)
    stats: dict[str, int] = field(default_factory=dict)
    #: What waited, by number of the minute since 1970.
    depths: dict[int, Depths] = field(default_factory=dict)
    #: By counter, grain and number of the minute or day since 1970.
    history: dict[tuple[str, str, int], int] = field(default_factory=dict)
    #: By queue.
    timings: dict[str, Timings] = field(default_factory=dict)

    def live_ids(self) -> set[str]:
        """The ids of all jobs that wait, are delayed, or run."""
        held = {it.held.entry.id for it in self.workers.values() if it.held}
        along = {job.entry.id for it in self.workers.values() for job in it.bundle}
        return self.waiting_ids() | held | along

    def waiting_ids(self) -> set[str]:
        """The ids of all jobs that wait or are delayed."""
        return {job.entry.id for queue in self.queues.values() for job in queue} | self.delayed.keys()

    def holder(self, job: str, claim: Claim, taken: Mapping[str, Held] = {}) -> str | None:
        """The other job that holds the claim, or that it was `taken` for just now, if there is one."""
        held = self.claims.get(claim.key)
        held = taken.get(claim.key) or (held if held and self._holds(held) else None)
        return held.job if held and held.job != job else None

    def _holds(self, held: Held) -> bool:
        if held.claim.until == "expiry":
            return time.time() < held.since + held.claim.seconds
        return held.job in (self.waiting_ids() if held.claim.until == "start" else self.live_ids())

    def drop_claims(self, deleted: Iterable[Waiting]) -> None:
        """Let go of what jobs held for a time that were deleted before they were begun."""
        gone = {job.entry.id for job in deleted}
        self.claims = {key: held for key, held in self.claims.items() if held.job not in gone}

    def taken_slots(self, key: str, token: str) -> int:
        """How many jobs in others' hands have a slot of this key."""
        held = {it.held.token for it in self.workers.values() if it.held}
        self.slots = {other: it for other, it in self.slots.items() if other in held}
        return sum(it == key for other, it in self.slots.items() if other != token)

    def let_wait(self, later: Delayed, *, at_front: bool = False) -> None:
        """Let a job wait that was delayed until now."""
        self.retrying.discard(later.entry.id)
        _, rescues = self.line.pop(later.entry.id, ("", 0))
        self.put(Waiting(later.entry, rescues), at_front=at_front)

    def put(self, job: Waiting, *, at_front: bool = False) -> None:
        """Let a job wait on its queue, which becomes known."""
        queue = self.queues.setdefault(job.entry.queue, [])
        queue.insert(0 if at_front else len(queue), job)

    def keep(self, failure: Failure, keeping: Keeping) -> None:
        """Add a failure, and let go of the oldest that are too many or too old, some at a time."""
        self.failures.insert(0, failure)
        for _ in range(TRIMMED_AT_ONCE):
            too_many = keeping.most is not None and len(self.failures) > keeping.most
            if not too_many and (keeping.age is None or not self._is_old(keeping.age)):
                return
            self.failures.pop()

    def _is_old(self, age: float) -> bool:
        return bool(self.failures) and time.time() - self.failures[-1].failed_at.timestamp() > age

    def note_of(self, job: str) -> Note | None:
        """What is kept of a job."""
        note, until = self.notes.get(job, (None, 0.0))
        return note if time.time() < until else None

    def write(self, job: str, note: Note) -> None:
        """Keep the note; where it says nothing, what is there stays."""
        old = self.note_of(job) or Note()
        new = Note(note.about or old.about, note.latest or old.latest, note.end or old.end)
        self.notes[job] = new, time.time() + note.seconds

    def carry_out(self, job: str, sequel: Sequel | None) -> None:
        """Do what happens with the end of a job."""
        if sequel and sequel.note:
            self.write(job, sequel.note)
        for entry in sequel.then if sequel else ():
            self.follow(entry)
        if sequel and sequel.leaving:
            self.leave(job, sequel.leaving)

    def follow(self, entry: Entry) -> None:
        """Let a job wait, unless it is there."""
        if entry.id not in self.live_ids():
            self.put(Waiting(entry))

    def leave(self, job: str, leaving: Leaving) -> None:
        """Let a job leave its batch."""
        group = self.batches.get(leaving.batch)
        if group is None or job not in group.left:
            return
        group.left.remove(job)
        failed = group.batch.failed + leaving.failed
        group.batch = replace(group.batch, pending=len(group.left), failed=failed)
        self.end(group)

    def end(self, group: Group) -> None:
        """Call the callback of a batch, if none of its jobs is left."""
        if not group.left:
            group.kept_until = time.time() + KEPT_BATCH
            if group.callback:
                self.follow(group.callback if not group.lasts else _lasting(group.callback, group.lasts))

    def count(self, name: str, by: int = 1) -> None:
        """Move a counter, and its current minute and day."""
        self.stats[name] = self.stats.get(name, 0) + by
        for grain, seconds in SECONDS.items():
            bucket = (name, grain, int(time.time()) // seconds)
            self.history[bucket] = self.history.get(bucket, 0) + by

    def time(self, held: Reservation, since: float, spell: Spell | None = None) -> None:
        """Note how long a job waited and took, unless its queue was removed."""
        if held.entry.queue in self.queues and held.reserved_at:
            reserved, old = held.reserved_at.timestamp(), self.timings.get(held.entry.queue, Timings())
            began, ended = reserved, time.time()
            if spell:
                began, ended = reserved + spell.began, reserved + spell.ended
            wait, duration = _with(old.wait, began - since), _with(old.duration, ended - began)
            self.timings[held.entry.queue] = Timings(wait, duration)


def _with(old: Histogram, seconds: float) -> Histogram:
    seconds = max(0.0, seconds)
    counts = dict(zip(BUCKETS, old.counts, strict=True))
    counts[bucket_of(seconds)] += 1
    return histogram(counts, old.seconds + seconds)


def _lasting(callback: Entry, seconds: float) -> Entry:
    return replace(callback, payload=lasting(callback.payload, from_epoch(time.time() + seconds)))
