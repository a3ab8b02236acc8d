"""`Machine`: a real store and its model, compared again and again. The steps are in `rules.py`."""

from collections import Counter
from collections.abc import Callable
from contextlib import closing
from typing import TypeVar

from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from resque_core.storage import Storage
from resque_core.testing.contract.model import Model, all_of, timeless
from resque_core.testing.contract.scenes import Snapshot, snapshot

T = TypeVar("T")

#: As answer to a call that is made again: the same as before.
SAME = object()


class Machine(RuleBasedStateMachine):
    """One life of one store. The invariants I1 to I8 are those of the project's reliability specification."""

    #: How many steps from one look at the whole store to the next.
    steps_between_looks = 1

    def __init__(self, storage: Storage) -> None:
        super().__init__()
        self.storage = storage
        self.storage.prepare()
        self.model = Model()
        self.unseen = 0
        self.last: Callable[[], object] | None = None
        self.last_answer: object = None

    def teardown(self) -> None:
        """Look once more, if steps were taken since the last time, and let go of the store."""
        with closing(self.storage):
            if self.unseen:
                self.look()

    def call(self, step: Callable[[], T], again: object = SAME) -> T:
        """Call the store, and note what the same call should answer if it is made again at once."""
        answer = step()
        self.last, self.last_answer = step, answer if again is SAME else again
        return answer

    @precondition(lambda self: self.last is not None)
    @rule()
    def repeat_the_last_call(self) -> None:
        """Its reply was lost: the answer says so, and nothing more happens."""
        assert self.last
        assert self.last() == self.last_answer

    @invariant()
    def the_store_holds_what_the_model_holds(self) -> None:
        """After each step, or after some: what a step does wrong is still there after the next ones."""
        self.unseen += 1
        if self.unseen >= self.steps_between_looks:
            self.look()

    def look(self) -> None:
        """Bytes (I1), tokens (I3), counters (I4), rescues (I5), order (I6), idle hands (I8)."""
        self.unseen = 0
        said = snapshot(self.storage)
        assert timeless(said) == self.model.snapshot()
        assert places(said) + self.model.ended == self.model.accepted  # I1, from the store's own answers
        assert all(times == 1 for times in live(said).values())  # I2


def places(said: Snapshot) -> int:
    """How many lives are in the store. A failure that was retried is history, and no place."""
    failed = sum(failure.retried_at is None for failure in said.failures)
    return live(said).total() + failed


def live(said: Snapshot) -> Counter[str]:
    """How often each id waits, is delayed, or runs."""
    found = Counter(entry.id for queue in said.waiting.values() for entry in queue)
    found.update(delayed.entry.id for delayed in said.delayed)
    held = (info.reservation for info in said.workers if info.reservation)
    found.update(entry.id for it in held for entry in all_of(it))
    return found
