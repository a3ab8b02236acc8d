"""`Model`: what a store should say, kept in plain lists: every job in exactly one place."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

from resque_core.failure import Failure
from resque_core.job import Entry
from resque_core.records import ALL_QUEUES, Delayed, Idle, Lapsed, Lost, Reservation, Stale, WorkerInfo
from resque_core.testing.contract.factories import LATER, LONG_AGO
from resque_core.testing.contract.scenes import Snapshot


@dataclass
class Waiting:
    """A job on its queue, and how often it was rescued."""

    entry: Entry
    rescues: int = 0


@dataclass
class Member:
    """A registered worker."""

    info: WorkerInfo
    held: Reservation | None = None
    settled: str | None = None
    lapsed: bool = False


@dataclass
class Model:
    """Moves jobs as the Protocols say. Nothing here knows how a store does it."""

    queues: dict[str, list[Waiting]] = field(default_factory=dict)
    delayed: dict[str, Entry] = field(default_factory=dict)
    paused: set[str] = field(default_factory=set)
    #: Newest first; `LONG_AGO` stands for any time of a retry.
    failures: list[Failure] = field(default_factory=list)
    workers: dict[str, Member] = field(default_factory=dict)
    stats: Counter[str] = field(default_factory=Counter)
    #: Lives that were accepted, and those that came to an end outside of the store.
    accepted: int = 0
    ended: int = 0
    #: Ids of jobs that somebody deleted. What a store remembers of their rescues is its own affair.
    deleted: set[str] = field(default_factory=set)

    def live(self) -> list[str]:
        """The ids of all jobs that wait, are delayed, or run."""
        held = [entry.id for member in self.workers.values() if member.held for entry in all_of(member.held)]
        waiting = [job.entry.id for queue in self.queues.values() for job in queue]
        return waiting + held + list(self.delayed)

    def put(self, jobs: Sequence[Waiting], *, at_front: bool = False) -> None:
        """Let jobs wait, in their order."""
        for job in reversed(jobs) if at_front else jobs:
            queue = self.queues.setdefault(job.entry.queue, [])
            queue.insert(0 if at_front else len(queue), job)

    def enqueue(self, entries: Sequence[Entry], *, at_front: bool) -> int:
        """Accept those entries whose id is free."""
        taken, fresh = self.live(), dict[str, Entry]()
        for entry in entries:
            if entry.id not in taken:
                fresh.setdefault(entry.id, entry)
        self.put([Waiting(entry) for entry in fresh.values()], at_front=at_front)
        self.accepted += len(fresh)
        return len(fresh)

    def delay(self, entries: Sequence[Entry]) -> int:
        """Accept those entries whose id is free, for later."""
        taken, fresh = self.live(), dict[str, Entry]()
        for entry in entries:
            if entry.id not in taken:
                fresh.setdefault(entry.id, entry)
        self.delayed |= fresh
        self.accepted += len(fresh)
        return len(fresh)

    def promote_now(self, ids: Sequence[str]) -> int:
        """Let delayed jobs wait."""
        jobs = [Waiting(self.delayed.pop(job)) for job in dict.fromkeys(ids) if job in self.delayed]
        self.put(jobs)
        return len(jobs)

    def forget_delayed(self, ids: Sequence[str]) -> int:
        """Delete delayed jobs."""
        gone = [self.delayed.pop(job) for job in dict.fromkeys(ids) if job in self.delayed]
        self.deleted |= {entry.id for entry in gone}
        self.ended += len(gone)
        return len(gone)

    def reserve(self, queues: Sequence[str], worker: str, token: str) -> Reservation | Idle | Lost:
        """Move the first job that may be had into the worker's hands."""
        if worker not in self.workers:
            return Lost()
        for name in queues:
            if self.queues.get(name) and not self.paused & {name, ALL_QUEUES}:
                job = self.queues[name].pop(0)
                held = Reservation(token, worker, job.entry, job.rescues)
                self.workers[worker].held = held
                return held
        return Idle(paused=ALL_QUEUES in self.paused)

    def take_along(self, held: Reservation) -> Reservation:
        """A store has brought these jobs along: the next of the queue, and none that is to come alone."""
        queue, member = self.queues[held.entry.queue], self.workers[held.worker]
        along = [queue.pop(0) for _ in held.bundle]
        assert [job.entry for job in along] == list(held.bundle)
        assert member.held
        assert not along or not any((member.held.rescues, *(job.rescues for job in along)))
        member.held = replace(member.held, bundle=held.bundle)
        return member.held

    def is_busy(self, worker: str) -> bool:
        """Whether this worker holds a job."""
        member = self.workers.get(worker)
        return member is not None and member.held is not None

    def holds(self, reservation: Reservation) -> bool:
        """Whether this very reservation is in its worker's hands."""
        member = self.workers.get(reservation.worker)
        return member is not None and member.held is not None and member.held.token == reservation.token

    def may_settle(self, reservation: Reservation) -> bool:
        """What a settlement should answer: held now, or settled last."""
        member = self.workers.get(reservation.worker)
        return self.holds(reservation) or (member is not None and member.settled == reservation.token)

    def settle(self, reservation: Reservation, move: Callable[[Reservation], None]) -> None:
        """Take a job out of its worker's hands, if it is there, and move it on."""
        if self.holds(reservation):
            member = self.workers[reservation.worker]
            held, member.held, member.settled = member.held, None, reservation.token
            assert held
            self.put([Waiting(entry) for entry in held.bundle], at_front=True)
            move(replace(held, bundle=()))

    def complete(self, held: Reservation) -> None:
        """A job ran to its end."""
        self.ended += 1
        self._count(held, processed=1)

    def complete_along(self, held: Reservation, done: Sequence[str]) -> None:
        """Some jobs of a bundle ran to their ends, besides the one that is held."""
        member = self.workers.get(held.worker)
        if self.holds(held) and member and member.held:
            left = tuple(entry for entry in member.held.bundle if entry.id not in done)
            for _ in range(len(member.held.bundle) - len(left)):
                self.complete(held)
            member.held = replace(member.held, bundle=left)

    def narrow(self, held: Reservation, done: Sequence[str], job: str, token: str) -> Reservation | Stale:
        """A worker holds one job of its bundle alone."""
        if not self.holds(held):
            return Stale()
        self.complete_along(held, done)
        member = self.workers[held.worker]
        assert member.held
        (kept,) = (entry for entry in all_of(member.held) if entry.id == job)
        back = [it for it in all_of(member.held) if it is not kept and it.id not in done]
        rescues = member.held.rescues if kept == member.held.entry else 0
        if member.held.entry.id in done:
            self.complete(member.held)
        self.put([Waiting(entry) for entry in back], at_front=True)
        member.held, member.settled = Reservation(token, held.worker, kept, rescues), held.token
        return member.held

    def complete_and_reserve(
        self, done: Reservation, queues: Sequence[str], token: str, along: Sequence[str] = ()
    ) -> Reservation | Idle | Lost | Stale:
        """A worker goes on to its next job."""
        if not self.may_settle(done):
            return Stale()
        self.complete_along(done, along)
        self.settle(done, self.complete)
        return self.reserve(queues, done.worker, token)

    def fail(self, failure: Failure, held: Reservation) -> None:
        """A job failed."""
        self.failures.insert(0, failure)
        self._count(held, processed=1, failed=1)

    def release(self, held: Reservation) -> None:
        """A job goes back to the head of its queue."""
        self.put([Waiting(held.entry, held.rescues)], at_front=True)

    def _count(self, held: Reservation, processed: int = 0, failed: int = 0) -> None:
        self.stats.update(processed=processed, failed=failed)
        if member := self.workers.get(held.worker):
            total = (member.info.processed + processed, member.info.failed + failed)
            member.info = replace(member.info, processed=total[0], failed=total[1])

    def sweep(self, seen: Lapsed, failure: Failure | None) -> bool:
        """Forget a lapsed worker that is still as it was seen; its job fails or goes back."""
        member = self.workers.get(seen.worker)
        if member is None or not member.lapsed or member.held != seen.reservation:
            return False
        del self.workers[seen.worker]
        if member.held:
            self.put([Waiting(entry, 1) for entry in member.held.bundle], at_front=True)
            rescued = replace(member.held, rescues=member.held.rescues + 1)
            move = partial(self.fail, failure) if failure else self.release
            move(rescued)
        return True

    def delete(self, queue: str, matches: Callable[[bytes], bool]) -> int:
        """Delete waiting jobs."""
        gone = [job for job in self.queues.get(queue, []) if matches(job.entry.payload)]
        for job in gone:
            self.queues[queue].remove(job)
            self.deleted.add(job.entry.id)
        self.ended += len(gone)
        return len(gone)

    def move(self, queue: str, to: str, ids: Sequence[str]) -> int:
        """Let waiting jobs wait elsewhere."""
        moved = [job for job in self.queues.get(queue, []) if queue != to and job.entry.id in ids]
        for job in moved:
            self.queues[queue].remove(job)
        self.put([Waiting(replace(job.entry, queue=to), job.rescues) for job in moved])
        return len(moved)

    def requeue(self, failure: Failure, queue: str | None, *, keep: bool, again: bool) -> bool:
        """Give a failed job a new life, if its id is free."""
        if failure.job_id in self.live() or (failure.retried_at and not again):
            return False
        self.put([Waiting(Entry(failure.job_id, queue or failure.queue, failure.payload))])
        if failure.retried_at:
            self.accepted += 1  # its old life is history already
        index = self.failures.index(failure)
        self.failures[index : index + 1] = [replace(failure, retried_at=LONG_AGO)] if keep else []
        return True

    def forget_failures(self, failures: Sequence[Failure]) -> None:
        """Delete them. Those that were retried are history, and nobody's end."""
        self.ended += sum(failure.retried_at is None for failure in failures)
        self.failures = [failure for failure in self.failures if failure not in failures]

    def snapshot(self) -> Snapshot:
        """What the store should say."""
        members = [self.workers[name] for name in sorted(self.workers)]
        return Snapshot(
            waiting={name: [job.entry for job in jobs] for name, jobs in sorted(self.queues.items())},
            delayed=[Delayed(entry, LATER) for _, entry in sorted(self.delayed.items())],
            paused=frozenset(self.paused),
            failures=list(self.failures),
            workers=[replace(member.info, reservation=member.held) for member in members],
            stats={name: value for name, value in self.stats.items() if value},
        )


def all_of(held: Reservation) -> Sequence[Entry]:
    """All jobs of a reservation, in order."""
    return held.entry, *held.bundle


def timeless(said: Snapshot) -> Snapshot:
    """What a store says, without the times that only it can know."""
    return replace(
        said,
        failures=[replace(it, retried_at=it.retried_at and LONG_AGO) for it in said.failures],
        workers=[replace(it, reservation=timeless_hold(it.reservation)) for it in said.workers],
    )


def timeless_hold(held: Reservation | None) -> Reservation | None:
    """A reservation without the time at which it was made."""
    return held and replace(held, reserved_at=None)
