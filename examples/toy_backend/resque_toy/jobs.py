"""The transitions of a job."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace

from resque_core.claim import Claim
from resque_core.clock import due_at, from_epoch
from resque_core.errors import WorkerBusyError
from resque_core.failure import Failure
from resque_core.job import Entry
from resque_core.keeping import KEEP_ALL, Keeping
from resque_core.limit import Limit
from resque_core.records import ALL_QUEUES, Delayed, Idle, Lost, Reservation, Spell, Stale, When
from resque_core.sequel import Sequel
from resque_toy.space import Space
from resque_toy.state import Held, State, Waiting


class ToyJobs:
    """Each method is one `step`, so nobody ever sees a job between two places."""

    def __init__(self, space: Space) -> None:
        self._space = space

    def enqueue(self, entries: Sequence[Entry], *, at_front: bool = False, run_at: When | None = None) -> int:
        """Store those entries whose id is free."""
        with self._space.step() as state:
            live, fresh = state.live_ids(), dict[str, Entry]()
            for entry in entries:
                if entry.id not in live:
                    fresh.setdefault(entry.id, entry)
            _store(state, list(fresh.values()), at_front, run_at)
            return len(fresh)

    def enqueue_unique(
        self,
        entries: Sequence[Entry],
        claims: Sequence[Claim | None],
        *,
        at_front: bool = False,
        run_at: When | None = None,
    ) -> Mapping[str, str]:
        """Store those whose claim no other job holds."""
        with self._space.step() as state:
            chosen, refused, taken = dict[str, Entry](), dict[str, str](), dict[str, Held]()
            live = state.live_ids()
            for entry, claim in zip(entries, claims, strict=True):
                other = state.holder(entry.id, claim, taken) if claim else None
                if other and entry.id not in live:
                    refused[entry.id] = other
                elif entry.id not in live | chosen.keys():
                    chosen[entry.id] = entry
                    taken |= {claim.key: Held(entry.id, claim)} if claim else {}
            state.claims |= taken
            _store(state, list(chosen.values()), at_front, run_at)
            return refused

    def reserve(
        self,
        queues: Sequence[str],
        worker: str,
        token: str,
        *,
        discover: bool = False,
        most: int = 1,  # noqa: ARG002
    ) -> Reservation | Idle | Lost:
        """Move the first job that may be had into the worker's hands: one alone, however many may come."""
        with self._space.step() as state:
            return _reserve(state, queues, worker, token, discover)

    def complete(self, reservation: Reservation, sequel: Sequel | None = None) -> bool:
        """Let the worker's hands go of the job."""
        with self._space.step() as state:
            return _complete(state, reservation, sequel)

    def complete_and_reserve(
        self,
        done: Reservation,
        queues: Sequence[str],
        token: str,
        *,
        discover: bool = False,
        sequel: Sequel | None = None,
        spells: Sequence[Spell] = (),  # noqa: ARG002 - one job alone has none
        most: int = 1,  # noqa: ARG002
    ) -> Reservation | Idle | Lost | Stale:
        """Let the worker's hands go of one job, and move the next one into them."""
        with self._space.step() as state:
            if not _complete(state, done, sequel):
                return Stale()
            return _reserve(state, queues, done.worker, token, discover)

    def narrow(
        self,
        held: Reservation,
        spells: Sequence[Spell],  # noqa: ARG002
        job_id: str,  # noqa: ARG002
        token: str,
    ) -> Reservation | Stale:
        """Let the job be held under another token: nothing ever came along with it."""
        with self._space.step() as state:
            member = state.workers.get(held.worker)
            if member is None or member.held is None or member.held.token not in (held.token, token):
                return Stale()
            member.held = replace(member.held, token=token)
            return member.held

    def fail(
        self,
        reservation: Reservation,
        failure: Failure,
        keeping: Keeping = KEEP_ALL,
        sequel: Sequel | None = None,
    ) -> bool:
        """Move the job from the worker's hands to the failed store."""
        with self._space.step() as state:
            if held := _let_go(state, reservation):
                state.keep(failure, keeping)
                _count(state, held, failed=True)
                state.carry_out(reservation.entry.id, sequel)
            return _settled(state, reservation)

    def reschedule(
        self, reservation: Reservation, again: Entry, run_at: When, sequel: Sequel | None = None
    ) -> bool:
        """Move the job from the worker's hands to the delayed ones, or to the tail of its queue."""
        with self._space.step() as state:
            if held := _let_go(state, reservation):
                now = time.time()
                if (due := due_at(run_at, now)) > now:
                    state.delayed[again.id] = Delayed(again, from_epoch(due))
                    state.retrying.add(again.id)
                else:
                    state.put(Waiting(again))
                _count(state, held, failed=False)
                state.count("retried")
                state.carry_out(again.id, sequel)
            return _settled(state, reservation)

    def release(self, reservation: Reservation) -> bool:
        """Move the job from the worker's hands to the head of its queue."""
        with self._space.step() as state:
            held = _let_go(state, reservation)
            if held:
                since = state.workers[held.worker].since
                state.put(Waiting(held.entry, held.rescues, since), at_front=True)
            return _settled(state, reservation)

    def cancel(self, job_id: str) -> bool:
        """Delete it from its queue, or from the delayed ones."""
        with self._space.step() as state:
            later = state.delayed.pop(job_id, None)
            gone = [Waiting(later.entry)] if later else []
            for waiting in state.queues.values():
                gone += [job for job in waiting if job.entry.id == job_id]
                waiting[:] = [job for job in waiting if job.entry.id != job_id]
            state.drop_claims(gone)
            return bool(gone)

    def admit(self, reservation: Reservation, limit: Limit, seconds: float) -> bool:
        """Note a slot under the token, or move the job from the worker's hands to the delayed ones."""
        with self._space.step() as state:
            member = state.workers.get(reservation.worker)
            held = member.held if member else None
            if member is None or held is None or held.token != reservation.token:
                return False
            if state.taken_slots(limit.key, held.token) < limit.most:
                state.slots[held.token] = limit.key
                return True
            member.held = None
            state.delayed[held.entry.id] = Delayed(held.entry, from_epoch(time.time() + seconds))
            state.line[held.entry.id] = limit.key, held.rescues
            return False

    def wake(self, key: str) -> bool:
        """Move the first that waits for a slot from the delayed ones to the head of its queue."""
        with self._space.step() as state:
            waiting = [
                job for job, (wanted, _) in state.line.items() if wanted == key and job in state.delayed
            ]
            for job in waiting[:1]:
                state.let_wait(state.delayed.pop(job), at_front=True)
            return bool(waiting)


def _store(state: State, entries: Sequence[Entry], at_front: bool, run_at: When | None) -> None:
    now = time.time()
    due = now if run_at is None else due_at(run_at, now)
    if due > now:
        state.delayed |= {entry.id: Delayed(entry, from_epoch(due)) for entry in entries}
        return
    for entry in reversed(entries) if at_front else entries:
        state.put(Waiting(entry), at_front=at_front)


def _reserve(
    state: State, queues: Sequence[str], worker: str, token: str, discover: bool
) -> Reservation | Idle | Lost:
    member = state.workers.get(worker)
    if member is None:
        return Lost()
    known = tuple(sorted(state.queues)) if discover else ()
    if member.held is None:
        member.held, member.since = _take(state, queues, worker, token)
    elif member.held.token != token:
        raise WorkerBusyError(f"{worker} holds {member.held.entry.id} and asked for another job.")
    if member.held is None:
        return Idle(known, paused=ALL_QUEUES in state.paused)
    return replace(member.held, known=known)


def _complete(state: State, reservation: Reservation, sequel: Sequel | None) -> bool:
    if held := _let_go(state, reservation):
        _count(state, held, failed=False)
        state.carry_out(reservation.entry.id, sequel)
    return _settled(state, reservation)


def _take(state: State, queues: Sequence[str], worker: str, token: str) -> tuple[Reservation | None, float]:
    """The first job that may be had, and since when it waited."""
    for name in queues:
        if state.queues.get(name) and not state.paused & {name, ALL_QUEUES}:
            job = state.queues[name].pop(0)
            return Reservation(token, worker, job.entry, job.rescues, from_epoch(time.time())), job.since
    return None, 0.0


def _let_go(state: State, reservation: Reservation) -> Reservation | None:
    """What the worker held, if it is what `reservation` says: the fence of every settlement."""
    member = state.workers.get(reservation.worker)
    if member is None or member.held is None or member.held.token != reservation.token:
        return None
    held, member.held, member.settled = member.held, None, reservation.token
    return held


def _settled(state: State, reservation: Reservation) -> bool:
    """Whether this token was the worker's last: just now, or in a call whose reply was lost."""
    member = state.workers.get(reservation.worker)
    return member is not None and member.settled == reservation.token


def _count(state: State, ended: Reservation, *, failed: bool) -> None:
    member = state.workers[ended.worker]
    state.time(ended, member.since)
    state.count("processed")
    member.processed += 1
    if failed:
        state.count("failed")
        member.failed += 1
