"""Recurring entries."""

import time
from dataclasses import replace

from resque_core.claim import Claim
from resque_core.clock import from_epoch
from resque_core.job import Entry
from resque_core.records import Advance, Agenda, Recurrence
from resque_toy.space import Space
from resque_toy.state import Held, State, Waiting


class ToyRecurring:
    """A dict of entries, each replaced as a whole."""

    def __init__(self, space: Space) -> None:
        self._space = space

    def all(self) -> Agenda:
        """Each, and whether the job of its last tick is still there."""
        state, now = self._space.look(), from_epoch(time.time())
        live = state.live_ids()
        entries = sorted(state.recurring.values(), key=lambda it: it.name)
        return Agenda(tuple(replace(it, live=_is_due(it) and it.last_job in live) for it in entries), now)

    def put(self, entry: Recurrence, seen: str) -> bool:
        """Replace the one that was seen."""
        with self._space.step() as state:
            there = state.recurring.get(entry.name)
            revision = there.revision if there else ""
            if revision == seen:
                state.recurring[entry.name] = entry
            return revision in (seen, entry.revision)

    def advance(self, entry: Recurrence, seen: str, job: Entry | None, claim: Claim | None = None) -> Advance:
        """Replace the one that was seen, and let the job wait."""
        with self._space.step() as state:
            there = state.recurring.get(entry.name)
            if there is None or there.revision != seen or not _is_due(there):
                return Advance(there is not None and there.revision == entry.revision)
            state.recurring[entry.name] = entry
            return Advance(True, _enqueue(state, job, claim) if job else None)

    def remove(self, name: str) -> bool:
        """Delete one."""
        with self._space.step() as state:
            return state.recurring.pop(name, None) is not None


def _is_due(entry: Recurrence) -> bool:
    return entry.next_at is not None and entry.next_at.timestamp() <= time.time()


def _enqueue(state: State, job: Entry, claim: Claim | None) -> str | None:
    """Let the job wait, unless another one holds its claim: which."""
    if job.id in state.live_ids():
        return None
    if claim and (other := state.holder(job.id, claim)):
        return other
    if claim:
        state.claims[claim.key] = Held(job.id, claim)
    state.put(Waiting(job))
    return None
