"""Registered workers and their leases."""

import time
from collections.abc import Sequence
from dataclasses import replace

from resque_core.clock import from_epoch
from resque_core.records import Beat, Lapsed, Verdict, WorkerInfo
from resque_toy.space import Space
from resque_toy.state import Member, State, Waiting


class ToyWorkers:
    """A dict of workers. The clock of all processes on one machine is the same: it is the store's."""

    def __init__(self, space: Space) -> None:
        self._space = space

    def register(self, worker: WorkerInfo, lease: float) -> None:
        """Add the worker, or renew its lease."""
        with self._space.step() as state:
            member = state.workers.setdefault(worker.id, Member(worker, 0.0))
            member.lease_until = time.time() + lease

    def beat(self, worker: str, lease: float) -> Beat:
        """Renew the lease and hand over the commands."""
        now = time.time()
        with self._space.step() as state:
            member = state.workers.get(worker)
            if member is None:
                return Beat(alive=False, now=now)
            member.lease_until, member.heartbeat_at = now + lease, now
            commands, member.commands = tuple(member.commands), []
            return Beat(alive=True, now=now, commands=commands)

    def unregister(self, worker: str) -> bool:
        """Forget a worker with empty hands."""
        with self._space.step() as state:
            member = state.workers.get(worker)
            if member is None or member.held is not None:
                return False
            del state.workers[worker]
            return True

    def all(self) -> Sequence[WorkerInfo]:
        """Every registered worker, by id."""
        return [_shown(member) for _, member in sorted(self._space.look().workers.items())]

    def lapsed(self, limit: int = 100) -> Sequence[Lapsed]:
        """Those whose lease is over."""
        over = [member for member in self._space.look().workers.values() if _is_over(member)]
        over.sort(key=lambda member: member.lease_until)
        return [Lapsed(member.info.id, member.held) for member in over[:limit]]

    def sweep(self, lapsed: Lapsed, verdict: Verdict, *, forced: bool = False) -> bool:
        """Carry out the verdict, if the worker is still as it was seen."""
        with self._space.step() as state:
            member = state.workers.get(lapsed.worker)
            if member is None or not (forced or _is_over(member)) or member.held != lapsed.reservation:
                return False
            _carry_out(state, member, verdict)
            del state.workers[lapsed.worker]
            return True

    def command(self, worker: str, verb: str) -> bool:
        """Leave a verb for the next beat."""
        with self._space.step() as state:
            member = state.workers.get(worker)
            if member is not None:
                member.commands.append(verb)
            return member is not None


def _is_over(member: Member) -> bool:
    return member.lease_until < time.time()


def _carry_out(state: State, member: Member, verdict: Verdict) -> None:
    if member.held is None:
        return
    if verdict.failure is None:
        state.put(Waiting(member.held.entry, member.held.rescues + 1, member.since), at_front=True)
        return
    state.keep(verdict.failure, verdict.keeping)
    state.count("processed")
    state.count("failed")
    state.carry_out(member.held.entry.id, verdict.sequel)


def _shown(member: Member) -> WorkerInfo:
    return replace(
        member.info,
        heartbeat_at=None if member.heartbeat_at is None else from_epoch(member.heartbeat_at),
        lease_left=member.lease_until - time.time(),
        reservation=member.held,
        processed=member.processed,
        failed=member.failed,
    )
