"""What people do to queues and failures while producers and workers go on."""

from functools import partial

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from resque_core.failure import FailureFilter
from resque_core.records import ALL_QUEUES
from resque_core.testing.contract.machine import Machine
from resque_core.testing.contract.rules import QUEUES, queues, whichs


class OperatorRules(Machine):
    """What people do to queues and failures while all of this goes on."""

    @rule(queue=queues, how=st.sampled_from(("pop", "dequeue", "clear", "remove")))
    def take_away(self, queue: str, how: str) -> None:
        """The head, some, or all of what waits."""
        ways = {"pop": self.pop, "dequeue": self.dequeue, "clear": self.clear, "remove": self.remove}
        ways[how](queue)

    @rule(queue=queues, to=queues, even=st.booleans())
    def move(self, queue: str, to: str, even: bool) -> None:
        """Some of what waits goes to another queue, or to the same, which moves nothing."""
        waiting = [job.entry for job in self.model.queues.get(queue, [])]
        chosen = ["nobody", *(entry.id for entry in waiting if is_even(entry.payload) is even)]
        moved = self.call(partial(self.storage.queues.move, queue, to, chosen[::-1]), again=0)
        assert moved == self.model.move(queue, to, chosen)

    def pop(self, queue: str) -> None:
        """The one call that must not be made again: it would pop the next."""
        self.last = None
        expected = [job.entry for job in self.model.queues.get(queue, [])[:1]]
        assert self.storage.queues.pop(queue) == (expected[0] if expected else None)
        self.model.delete(queue, lambda payload: payload in [entry.payload for entry in expected])

    def dequeue(self, queue: str) -> None:
        """About half of what waits."""
        deleted = self.call(partial(self.storage.queues.dequeue, queue, is_even), again=0)
        assert deleted == self.model.delete(queue, is_even)

    def clear(self, queue: str) -> None:
        """All that waits."""
        cleared = self.call(partial(self.storage.queues.clear, queue), again=0)
        assert cleared == self.model.delete(queue, lambda _payload: True)

    def remove(self, queue: str) -> None:
        """All that waits, the pause and the name."""
        removed = self.call(partial(self.storage.queues.remove, queue), again=0)
        assert removed == self.model.delete(queue, lambda _payload: True)
        self.model.queues.pop(queue, None)
        self.model.paused.discard(queue)

    @precondition(lambda self: self.model.delayed)
    @rule(which=whichs, how=st.sampled_from(("promote", "promote_now", "remove")))
    def change_plans(self, which: int, how: str) -> None:
        """One of the delayed jobs waits now, or is deleted; none of them is due."""
        chosen = [sorted(self.model.delayed)[which % len(self.model.delayed)], "nobody"]
        if how == "promote":
            self.last = None
            assert self.storage.schedule.promote().count == 0
        elif how == "promote_now":
            promoted = self.call(partial(self.storage.schedule.promote_now, chosen), again=0)
            assert promoted == self.model.promote_now(chosen)
        else:
            removed = self.call(partial(self.storage.schedule.remove, chosen), again=0)
            assert removed == self.model.forget_delayed(chosen)

    @rule(queue=st.sampled_from((*QUEUES, ALL_QUEUES)))
    def pause_or_resume(self, queue: str) -> None:
        """One queue or all; whatever is paused is resumed first, else there would be little to do."""
        if self.model.paused:
            resumed = self.model.paused.pop()
            self.call(partial(self.storage.queues.resume, resumed))
        else:
            self.model.paused.add(queue)
            self.call(partial(self.storage.queues.pause, queue))

    @precondition(lambda self: self.model.failures)
    @rule(which=whichs, queue=st.none() | queues, keep=st.booleans(), again=st.booleans())
    def requeue(self, which: int, queue: str | None, keep: bool, again: bool) -> None:
        """Elsewhere or not, kept or not, again or not."""
        failure = self.model.failures[which % len(self.model.failures)]
        claims = {failure.id: None}
        ask = partial(self.storage.failures.requeue, claims, queue=queue, keep=keep, again=again)
        moves = self.model.requeue(failure, queue, keep=keep, again=again)
        assert self.call(ask, again=[]) == ([failure.id] if moves else [])

    @precondition(lambda self: self.model.failures)
    @rule(which=whichs)
    def remove_failure(self, which: int) -> None:
        """By its id."""
        failure = self.model.failures[which % len(self.model.failures)]
        assert self.call(partial(self.storage.failures.remove, [failure.id]), again=[]) == [failure.id]
        self.model.forget_failures([failure])

    @precondition(lambda self: len(self.model.failures) > 1)
    @rule(queue=queues, retried=st.none() | st.booleans())
    def clear_failures(self, queue: str, retried: bool | None) -> None:
        """Those of a queue, all of them or only such as were retried, or were not."""
        meant = [
            failure
            for failure in self.model.failures
            if failure.queue == queue and retried in (None, failure.retried_at is not None)
        ]
        which = FailureFilter(queue=queue, retried=retried)
        assert self.call(partial(self.storage.failures.clear, which), again=0) == len(meant)
        self.model.forget_failures(meant)


def is_even(payload: bytes) -> bool:
    """About half of all payloads."""
    return sum(payload) % 2 == 0
