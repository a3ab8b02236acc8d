"""The Protocols that a backend implements: the whole seam between Resque and a store.

Laws (each with a contract test in `resque_core.testing.contract`):

1. One method is one atomic step. Kill the process anywhere: no job is lost or doubled.
2. Settling (`complete`, `fail`, `release`, `sweep`) compares the reservation's token in that step.
3. The store decides nothing: no queue order, no hooks, no policy. It does what it is told.
4. Missing is not an error. Only a broken store raises: `StorageError`, the driver's exception its cause.
5. All times that are compared are the store's own clock; leases are never NULL.
6. Each step is idempotent by job id or token: calling it again after a lost reply changes nothing more.

Backends do not subclass these (a forgotten method would silently return None): mypy compares them.
A backend is found by an entry point in the group `resque.backends`; its name is a URL scheme and
its value a callable `open(url: str, namespace: str) -> Storage` that must not touch the store yet.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Literal, Protocol

from resque_core.batch import Batch
from resque_core.claim import Claim
from resque_core.depths import Depths
from resque_core.failure import EVERY_FAILURE, Failure, FailureFilter
from resque_core.findings import Finding
from resque_core.job import Entry
from resque_core.keeping import KEEP_ALL, Keeping
from resque_core.limit import Limit
from resque_core.records import (
    Advance,
    Agenda,
    Beat,
    Bucket,
    Delayed,
    Idle,
    Lapsed,
    Lost,
    Overview,
    PoolCommand,
    PoolReport,
    Promotion,
    QueueInfo,
    Recurrence,
    Reservation,
    ServerInfo,
    Spell,
    Stale,
    Standing,
    Verdict,
    When,
    WorkerInfo,
)
from resque_core.sequel import Note, Sequel
from resque_core.timing import Timings

Grain = Literal["minute", "day"]
#: Where to go on in a walk through all jobs of all batches: a batch, and one of its jobs.
Cursor = tuple[str, str]
NO_CURSOR: Cursor = ("", "")


class Jobs(Protocol):
    """The transitions of a job."""

    def enqueue(self, entries: Sequence[Entry], *, at_front: bool = False, run_at: When | None = None) -> int:
        """Append all entries to their queues in order, or none; return how many were stored.

        An entry whose id already waits, is delayed, or runs is skipped. `at_front` puts them before
        all that wait, keeping the order among them. Their queues become known.

        With `run_at` in the future they are delayed instead, out of any queue until they are promoted.
        """
        ...

    def enqueue_unique(
        self,
        entries: Sequence[Entry],
        claims: Sequence[Claim | None],
        *,
        at_front: bool = False,
        run_at: When | None = None,
    ) -> Mapping[str, str]:
        """As `enqueue`, each entry with its claim, or None; what another job claims is not stored.

        Returns, by the id of each entry that was refused so, which job holds its claim. A claim is
        held from this step on, by the job's id, until that job is begun (`start`) or has ended
        (`done`, and `start` too): completed, failed, or deleted while it waited. A claim for a time
        (`expiry`) ends by the store's clock, or with a job that was deleted before it was begun.
        """
        ...

    def reserve(
        self, queues: Sequence[str], worker: str, token: str, *, discover: bool = False, most: int = 1
    ) -> Reservation | Idle | Lost:
        """Take the head of the first of `queues` that has a job and is not paused, for `worker`.

        The job and the in-flight record move in one step. Called again with the token of the
        reservation that the worker holds, it returns that reservation. `Lost`: it is not registered.

        With `most` above 1, up to so many jobs from the head of that queue may come in the step: a bundle,
        held under one token. A store may always bring one alone. It brings none along with a job that was
        rescued, nor one that was, nor one whose claim ends when it is begun. However else the reservation
        ends than by `complete_and_reserve` and `narrow`, those that came along wait at the head of their
        queue again, in their order, and with one rescue more if a sweep has ended it.

        :raises WorkerBusyError: the worker holds a job under another token.
        """
        ...

    def complete(self, reservation: Reservation, sequel: Sequel | None = None) -> bool:
        """Drop the job as done and count it processed. False: the token is stale, nothing changed.

        True again for a token that this worker settled last, without counting twice.

        The sequel is a part of that step, here and in the other settlements. A store that cannot do all
        in one does the sequel before, if the token is good: jobs to follow, then the note. Whoever dies in
        between leaves a job that is settled anew, and then nothing of it is done twice that still waits
        or runs.
        """
        ...

    def complete_and_reserve(
        self,
        done: Reservation,
        queues: Sequence[str],
        token: str,
        *,
        discover: bool = False,
        sequel: Sequel | None = None,
        spells: Sequence[Spell] = (),
        most: int = 1,
    ) -> Reservation | Idle | Lost | Stale:
        """`complete(done, sequel)`, and unless that is False, `reserve(queues, done.worker, token)`: in one.

        In one step, where the store can take both at once; else in these two, in this order. Called
        again, it completes nothing more, and returns the reservation that `token` has brought or, as
        `reserve` does, tries again.

        `spells` are of the jobs of a bundle that are done, `done.entry` the first of them: each counts as
        completed, and its spell says how long it waited and took. The others of the bundle wait again.

        :raises WorkerBusyError: `done` was completed before, and the worker holds another job.
        """
        ...

    def narrow(
        self, held: Reservation, spells: Sequence[Spell], job_id: str, token: str
    ) -> Reservation | Stale:
        """Of a bundle, complete the jobs of `spells`, and let this one be the only one held, under `token`.

        All others wait at the head of their queue again, in their order. If one was completed, the
        bundle's token counts as settled. Called again with the token under which the worker holds this
        job, it returns the same.
        """
        ...

    def fail(
        self,
        reservation: Reservation,
        failure: Failure,
        keeping: Keeping = KEEP_ALL,
        sequel: Sequel | None = None,
    ) -> bool:
        """Move the job to the failed store and count it processed and failed. Answers as `complete`.

        What the failed store holds beyond `keeping` goes in this step, the oldest first: as many as are
        too many, then those of too great an age up to the first that is not; `TRIMMED_AT_ONCE` at most.
        Where one step can move the job only, they go in the next: with this failure, or a later one.
        """
        ...

    def reschedule(
        self, reservation: Reservation, again: Entry, run_at: When, sequel: Sequel | None = None
    ) -> bool:
        """Let the job wait once more, as `again` says it, from `run_at` on. Answers as `complete`.

        `again` has the id of the job, and any queue and payload. It is delayed, or if `run_at` has
        come, at the tail of its queue, with its claim and without rescues. Counted processed and retried.
        """
        ...

    def release(self, reservation: Reservation) -> bool:
        """Put the job back at the head of its queue, counting nothing. Answers as `complete`."""
        ...

    def cancel(self, job_id: str) -> bool:
        """Delete the job, if it waits or is delayed. Its claim is over as with any that is deleted."""
        ...

    def admit(self, reservation: Reservation, limit: Limit, seconds: float) -> bool:
        """Give the held job one of the slots of its limit, before it is begun; True again if it has one.

        A slot counts for as long as its job is held under the token that took it, and no longer: so every
        end of a reservation gives it back. False: the job is not held any more. There was no free slot,
        and it is delayed, for so many seconds or until it is woken (nothing is counted, its claim and its
        rescues stay); or the token was stale, and nothing changed.
        """
        ...

    def wake(self, key: str) -> bool:
        """Let the job that waits longest for a slot of this key be the head of its queue, if one does."""
        ...


class Queues(Protocol):
    """Waiting jobs, by queue. A queue is known from its first job until it is removed."""

    def all(self) -> Sequence[QueueInfo]:
        """Every known queue, sorted by name."""
        ...

    def size(self, queue: str) -> int:
        """How many jobs wait on it."""
        ...

    def peek(self, queue: str, start: int = 0, count: int = 1) -> Sequence[Entry]:
        """Up to `count` waiting entries from index `start`, head first."""
        ...

    def pop(self, queue: str) -> Entry | None:
        """Remove and return the head; at most once: what is popped is gone. Pauses do not apply."""
        ...

    def dequeue(self, queue: str, matches: Callable[[bytes], bool]) -> int:
        """Delete each waiting entry whose payload `matches`; return how many."""
        ...

    def move(self, queue: str, to: str, ids: Sequence[str]) -> int:
        """Let those of these jobs that wait on `queue` wait at the tail of `to` instead; return how many.

        Each in one step, in the order in which they wait, whatever that of `ids` is. A job keeps its id, its
        payload, its claim and its rescues; its age begins anew. `to` becomes known. Within one queue
        nothing moves.
        """
        ...

    def clear(self, queue: str) -> int:
        """Delete every entry that waits now; return how many. The queue stays known.

        As `remove`, it takes steps where they are many, between which others are served. Killed in between,
        it goes on when it is called again. What is enqueued meanwhile may stay.
        """
        ...

    def remove(self, queue: str) -> int:
        """Delete all that waits, then the pause and the name; return how many entries. Jobs in flight go on.

        Half removed, the queue is known and paused as before.
        """
        ...

    def pause(self, queue: str) -> None:
        """Let nobody reserve from this queue, or from any with `ALL_QUEUES`. Jobs in flight go on."""
        ...

    def resume(self, queue: str) -> None:
        """Undo one `pause` of the same name."""
        ...

    def paused(self) -> frozenset[str]:
        """Every name that is paused, `ALL_QUEUES` among them when it is."""
        ...

    def latencies(self, queues: Sequence[str]) -> Mapping[str, float]:
        """Seconds that the oldest job of each has waited, by the store's clock; 0.0 for an empty queue."""
        ...

    def timings(self, queues: Sequence[str]) -> Mapping[str, Timings]:
        """How long the jobs of these queues waited and took; of those of which anybody told an end.

        An attempt counts in the step that completes, fails or reschedules its job, by the store's clock.
        What is released, or ended by a sweep, does not count; nor does what ends while its queue is not
        known: its histograms go with a queue.
        """
        ...

    def sample(self) -> float:
        """Note how many jobs wait on the queues, unless that was done in this minute of the store's clock.

        Any number of processes may ask. What is older than `KEPT_DEPTHS` minutes goes. Returns the seconds
        until the next minute.
        """
        ...

    def samples(self, count: int) -> Sequence[Depths]:
        """What was noted in the last `count` minutes, this one included, oldest first.

        Minutes in which nobody asked for it are missing.
        """
        ...


class Schedule(Protocol):
    """Delayed jobs, by the time at which they are due. No queue has them, and no pause or removal of one."""

    def promote(self, limit: int = 500) -> Promotion:
        """Let up to `limit` delayed jobs that are due wait at the tails of their queues, earliest first.

        Each moves in one step. Any number of processes may call this at once. Order is kept to a
        second at least; a queue becomes known by its first job.
        """
        ...

    def promote_now(self, ids: Sequence[str]) -> int:
        """Let these delayed jobs wait now, in this order; return how many. Others are left alone."""
        ...

    def size(self) -> int:
        """How many jobs are delayed."""
        ...

    def peek(self, start: int = 0, count: int = 1) -> Sequence[Delayed]:
        """Up to `count` delayed jobs from index `start`, earliest first."""
        ...

    def overdue(self) -> int:
        """How many of them are due, and nobody has promoted them yet; to a second."""
        ...

    def retrying(self) -> int:
        """How many of them wait for another attempt: `jobs.reschedule` delayed them."""
        ...

    def get(self, job_id: str) -> Delayed | None:
        """The delayed job with this id."""
        ...

    def find(self, matches: Callable[[Entry], bool]) -> Sequence[Delayed]:
        """Every delayed job that `matches`, earliest first. All are looked at."""
        ...

    def remove(self, ids: Sequence[str]) -> int:
        """Delete these delayed jobs; return how many there were."""
        ...

    def clear(self) -> int:
        """Delete every delayed job, in steps as `Queues.clear`; return how many."""
        ...


class Recurring(Protocol):
    """Recurring entries. Each has its next tick, which any number of schedulers carry out once."""

    def all(self) -> Agenda:
        """Every entry, sorted by name, and the store's clock."""
        ...

    def put(self, entry: Recurrence, seen: str) -> bool:
        """Write an entry in place of the one whose revision was `seen`; empty: there is none of its name.

        False, and nothing changes, if there is another one by now. True again for a call that is repeated.
        """
        ...

    def advance(self, entry: Recurrence, seen: str, job: Entry | None, claim: Claim | None = None) -> Advance:
        """As `put`, once the tick of the one that was `seen` has come; and enqueue `job`, with its claim.

        Both in one step, or so that a death in between is made good by the next `all` of any process:
        the job of a tick is enqueued once, by the one call that carries the tick out.
        """
        ...

    def remove(self, name: str) -> bool:
        """Delete an entry; False when there is none. Jobs of its ticks stay."""
        ...


class Failures(Protocol):
    """The failed store, newest first, addressed by failure id."""

    @property
    def indexed(self) -> bool:
        """Whether those that match a filter are found and counted without reading all the others."""
        ...

    def peek(self, start: int = 0, count: int = 1, which: FailureFilter = EVERY_FAILURE) -> Sequence[Failure]:
        """Up to `count` matching failures from index `start`, newest first."""
        ...

    def count(self, which: FailureFilter = EVERY_FAILURE) -> int:
        """How many match."""
        ...

    def get(self, failure_id: str, *, quick: bool = False) -> Failure | None:
        """The failure with this id.

        `quick`: only if it can be found without reading all the others. A store that other programs write
        failures to may know the places of its own alone.
        """
        ...

    def each(self, which: FailureFilter = EVERY_FAILURE) -> Iterator[Failure]:
        """All that match, newest first, read some at a time; `leaf_through` does so by `peek`.

        Those that were shown may be requeued and removed meanwhile. Whether new ones are shown is open.
        """
        ...

    def requeue(
        self,
        claims: Mapping[str, Claim | None],
        *,
        queue: str | None = None,
        keep: bool = False,
        again: bool = False,
    ) -> Sequence[str]:
        """Append the jobs of these failures, bytes unchanged, to `queue` or the queue each came from.

        Each in one step of its own, in this order, with the claim that it is to hold, if any: its failure
        goes, or with `keep` stays, marked `retried_at`. Returns the ids of those that moved. The others
        are not there, were retried before and not `again`, their jobs wait or run already, or another job
        holds the claim.
        """
        ...

    def remove(self, failure_ids: Sequence[str]) -> Sequence[str]:
        """Delete these; return the ids of those that were there, in this order."""
        ...

    def clear(self, which: FailureFilter = EVERY_FAILURE) -> int:
        """Delete all that match, in steps as `Queues.clear`; return how many."""
        ...

    def sort(self) -> int:
        """Move each failure into the list of its queue, where the store has such lists; return how many.

        What is shown of them, and in which order, stays the same.
        """
        ...


class Workers(Protocol):
    """Registered workers and their leases. A worker holds one reservation at most."""

    def register(self, worker: WorkerInfo, lease: float) -> None:
        """Make the worker known, with a lease in seconds. Repeating it changes nothing but the lease."""
        ...

    def beat(self, worker: str, lease: float) -> Beat:
        """Renew the lease, if the worker is registered, and hand over its commands."""
        ...

    def unregister(self, worker: str) -> bool:
        """Forget the worker. False, and nothing changes, while it holds a job."""
        ...

    def all(self) -> Sequence[WorkerInfo]:
        """Every registered worker, by id."""
        ...

    def lapsed(self, limit: int = 100) -> Sequence[Lapsed]:
        """Up to `limit` workers whose lease is over, longest first."""
        ...

    def sweep(self, lapsed: Lapsed, verdict: Verdict, *, forced: bool = False) -> bool:
        """Carry out the verdict on the worker's job, then forget the worker, in one step.

        False, and nothing changes, unless the lease is still over and the worker still holds what
        `lapsed` says. `forced` does without the lease, not without the worker: it removes one that may
        be alive, or another program's. A job sent back goes to the head of its queue with one more
        rescue; a failed one counts as processed and failed, and is kept as with `fail`.
        """
        ...

    def command(self, worker: str, verb: str) -> bool:
        """Leave a verb for the worker's next beat; False when it is not registered."""
        ...


class Pools(Protocol):
    """Managers of pools: what each says of itself, for as long as its lease runs, and what it is told."""

    def report(self, pool: str, about: str, lease: float, heard: int = 0) -> Sequence[PoolCommand]:
        """Make known what the pool says of itself, with a lease in seconds; hand over what it has not heard.

        Commands come in their order, each again and again until its number is `heard` (0: none yet).
        A pool whose lease is over is forgotten, and what it was told: the next report begins anew.
        """
        ...

    def withdraw(self, pool: str) -> None:
        """Forget the pool, and what it was told."""
        ...

    def all(self) -> Sequence[PoolReport]:
        """What each pool said last whose lease runs, by id."""
        ...

    def command(self, pool: str, text: str) -> bool:
        """Leave something for the pool's next report; False when there is none whose lease runs."""
        ...


class Records(Protocol):
    """What is kept of jobs that ask for it, by their ids: each has a note, for a time."""

    def open(self, notes: Mapping[str, Note]) -> None:
        """Keep these notes. A job that has one already keeps that."""
        ...

    def write(self, reservation: Reservation, note: Note) -> bool:
        """Write to the note of a job that is held. False: the token is stale, nothing changed."""
        ...

    def read(self, job_id: str) -> Standing | None:
        """Where the job is, and its note; None if it is nowhere and has none."""
        ...


class Batches(Protocol):
    """Jobs that were enqueued together. Each leaves its batch with its end; the last calls the callback."""

    def begin(self, batch: str, entries: Sequence[Entry], callback: Entry | None, lasts: float = 0.0) -> None:
        """Enqueue all entries, as `enqueue` does, and have `callback` wait for the end of all of them.

        A job leaves with the settlement whose sequel says so. In the step in which none is left, the callback
        is enqueued, once, whoever dies and whatever is repeated; of an empty batch, in this one. A store that
        cannot do all in one step begins so that a death in between leaves jobs that no callback follows, and
        lets a job leave right after its settlement, where `mend` makes good a death in between.

        If the callback `lasts` so many seconds, its payload is a JSON object, and gets a last member
        `expires_at` when it is enqueued: that much later, by the store's clock (`batch.lasting`).

        Called again with the id of a batch that is there, it changes nothing.
        """
        ...

    def read(self, batch: str) -> Batch | None:
        """The batch as it is; None once `KEPT_BATCH` seconds have passed since the end of all its jobs."""
        ...

    def count(self) -> int:
        """How many `all` has."""
        ...

    def all(self, start: int = 0, count: int = 1) -> Sequence[Batch]:
        """Up to `count` of the batches that `read` knows, from index `start`, the one begun last first."""
        ...

    def mend(self, after: Cursor = NO_CURSOR, limit: int = 1000) -> Cursor:
        """Look at up to `limit` jobs of batches, and have those leave that do not wait or run any more.

        They were deleted, say. Returns where to go on; `NO_CURSOR` when all were looked at.
        """
        ...


class Stats(Protocol):
    """Named counters. `processed` and `failed` move within the settlement that they count."""

    def increment(self, name: str, by: int = 1) -> None:
        """Add to a counter and to its current minute and day."""
        ...

    def all(self) -> Mapping[str, int]:
        """Every counter that was ever incremented and not cleared."""
        ...

    def clear(self, name: str) -> None:
        """Set a counter back; its history stays."""
        ...

    def history(self, name: str, grain: Grain, count: int) -> Sequence[Bucket]:
        """The last `count` minutes or days up to now by the store's clock, oldest first, zeros included."""
        ...


class Waker(Protocol):
    """Tells a worker that waits for a job that there may be one. That is a hint: all look now and then.

    It belongs to one thread, which waits for `fileno` to be readable or for `left` to pass, and then asks
    whether it has `heard` anything. Nothing here waits: no call takes longer than one on the store.
    """

    def listen(self, queues: Sequence[str], seconds: float, *, discover: bool = False) -> None:
        """Begin to listen, for about so many seconds: for jobs on these queues, and (`discover`) on new ones.

        A job that comes later than the look which found nothing, and sooner than this, is heard of too.

        :raises StorageError: the store cannot be reached, or does not let this user listen.
        """
        ...

    def fileno(self) -> int:
        """A descriptor that is readable once there is something to hear; -1: there is none at this time."""
        ...

    def left(self) -> float:
        """Seconds after which to ask, even if nothing is readable; infinite for never."""
        ...

    def heard(self) -> bool:
        """Whether a job may have come. True ends the listening.

        :raises StorageError: there is nothing to hear any more; `close` it, and listen again later.
        """
        ...

    def stop(self) -> None:
        """Listen no more: whom the store wakes from now on is somebody else."""
        ...

    def close(self) -> None:
        """Stop, and let go of every connection. It may listen again."""
        ...


class Storage(Protocol):
    """An opened store, within one namespace. Safe to use from several threads."""

    @property
    def jobs(self) -> Jobs:
        """Transitions of jobs."""
        ...

    @property
    def queues(self) -> Queues:
        """Waiting jobs."""
        ...

    @property
    def schedule(self) -> Schedule:
        """Delayed jobs."""
        ...

    @property
    def recurring(self) -> Recurring:
        """Recurring entries."""
        ...

    @property
    def failures(self) -> Failures:
        """The failed store."""
        ...

    @property
    def workers(self) -> Workers:
        """Workers and leases."""
        ...

    @property
    def pools(self) -> Pools:
        """Managers of pools."""
        ...

    @property
    def records(self) -> Records:
        """Notes of jobs."""
        ...

    @property
    def batches(self) -> Batches:
        """Jobs that were enqueued together."""
        ...

    @property
    def stats(self) -> Stats:
        """Counters."""
        ...

    @property
    def location(self) -> str:
        """Where the store is, safe to print: no password."""
        ...

    @property
    def shared(self) -> bool:
        """Whether other processes that open the same URL see the same jobs. Workers need that."""
        ...

    @property
    def connection(self) -> Any:
        """The driver's own client, for what Resque has no word for; within the namespace if it can be.

        :raises StorageError: there is none that two could use.
        """
        ...

    def waker(self) -> Waker | None:
        """A capability that a store may have: a new waker, for one worker. None: its workers only poll."""
        ...

    def prepare(self) -> None:
        """Create what is missing (files, tables, indexes). Idempotent, safe in many processes at once."""
        ...

    def close(self) -> None:
        """Let go of every connection. The next call opens them anew."""
        ...

    def overview(self) -> Overview:
        """What `all`, `count`, `size`, `retrying` and `paused` of the parts say, as pages show it together.

        In one step and one round trip, where the store can; else part by part. Where counting takes long,
        it may count fewer delayed jobs than there are, and says so.
        """
        ...

    def server_info(self) -> ServerInfo:
        """What the store says of itself."""
        ...

    def inventory(self) -> Mapping[str, int]:
        """How many entries each thing has that the store keeps, by the name that its own tools have for it.

        These are tables, collections or keys; for who looks after the store. What is shared with other
        namespaces may be counted as a whole, where counting takes long.
        """
        ...

    def examine(self) -> Sequence[Finding]:
        """What of the store might endanger jobs: each thing that was looked at, and what to do about it."""
        ...
