"""What may befall a store: what producers and workers do, in any order."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from uuid import uuid4

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import initialize, precondition, rule

from resque_core.errors import WorkerBusyError
from resque_core.job import Entry
from resque_core.records import Lapsed, Lost, Reservation, Spell, Verdict
from resque_core.storage import Storage
from resque_core.testing.contract.factories import LATER, a_failure, a_worker
from resque_core.testing.contract.machine import Machine
from resque_core.testing.contract.model import Member, all_of, timeless_hold
from resque_core.testing.contract.scenes import LONG, find_lapsed, until

QUEUES = ("images", "mail")
SETTLEMENTS = ("complete", "fail", "release")
SLOTS = 3

queues = st.sampled_from(QUEUES)
#: Few numbers, so that ids come again; the byte tells one life from the next.
jobs = st.lists(st.tuples(st.integers(0, 9), queues, st.binary(max_size=1)), min_size=1, max_size=5)
slots = st.integers(0, SLOTS - 1)
#: Which of a list that may be of any length, the latest first.
whichs = st.integers(0, 4)


class ProducerRules(Machine):
    """What producers do."""

    #: Whether texts say their ids, as those do that are enqueued: such jobs may come in bundles everywhere.
    plain = False

    @initialize(jobs=jobs, plain=st.booleans())
    def begin_with_some_jobs(self, jobs: Sequence[tuple[int, str, bytes]], plain: bool) -> None:
        """So that something happens from the first step on."""
        self.plain = plain
        self.enqueue(jobs, at_front=False)

    def entries(self, jobs: Sequence[tuple[int, str, bytes]]) -> list[Entry]:
        """Those whose ids nobody deleted."""
        return [
            Entry(str(number), queue, self.text(number, salt))
            for number, queue, salt in jobs
            if str(number) not in self.model.deleted
        ]

    def text(self, number: int, salt: bytes) -> bytes:
        """The text of a job in this life."""
        if self.plain:
            return b'{"class":"A","args":[],"id":"%d","salt":"%s"}' % (number, salt.hex().encode())
        return b"%d/" % number + salt

    @rule(jobs=jobs, at_front=st.booleans())
    def enqueue(self, jobs: Sequence[tuple[int, str, bytes]], at_front: bool) -> None:
        """One or several, also such as are there already."""
        entries = self.entries(jobs)
        stored = self.call(partial(self.storage.jobs.enqueue, entries, at_front=at_front), again=0)
        assert stored == self.model.enqueue(entries, at_front=at_front)

    @rule(jobs=jobs)
    def delay(self, jobs: Sequence[tuple[int, str, bytes]]) -> None:
        """One or several, for later than this life."""
        entries = self.entries(jobs)
        stored = self.call(partial(self.storage.jobs.enqueue, entries, run_at=LATER), again=0)
        assert stored == self.model.delay(entries)


class WorkerRules(Machine):
    """What a few workers do, their deaths included. What a worker believes may be out of date."""

    def __init__(self, storage: Storage) -> None:
        super().__init__(storage)
        self.names = [self.arrive() for _ in range(SLOTS)]
        self.tokens: list[Reservation] = []
        self.sightings: list[Lapsed] = []

    def arrive(self) -> str:
        """A worker under a new name."""
        info = a_worker()
        self.call(partial(self.storage.workers.register, info, LONG))
        self.model.workers[info.id] = Member(info)
        return info.id

    @rule(slot=slots, order=st.permutations(QUEUES), most=st.sampled_from((1, 4)))
    def reserve(self, slot: int, order: Sequence[str], most: int = 1) -> None:
        """By a worker with free hands, lapsed or not; who is lost comes back under a new name."""
        slot = next((it for it in (slot, *range(SLOTS)) if not self.model.is_busy(self.names[it])), slot)
        worker, token = self.names[slot], uuid4().hex
        reserve = partial(self.storage.jobs.reserve, order, worker, token, most=most)
        if self.model.is_busy(worker):
            with pytest.raises(WorkerBusyError):
                reserve()
            return
        answer, expected = self.call(reserve), self.model.reserve(order, worker, token)
        self.compare(answer, expected, most)
        if answer == Lost():
            self.names[slot] = self.arrive()

    def compare(self, answer: object, expected: object, most: int) -> None:
        """A worker has got what it should; and with it as many others as the store likes, up to `most`."""
        if isinstance(answer, Reservation):
            answer = replace(answer, reserved_at=None)
            self.tokens.append(answer)
            assert len(answer.bundle) < most
            if answer.bundle and isinstance(expected, Reservation):
                expected = self.model.take_along(answer)
        assert answer == expected

    @rule(slot=slots, how=st.sampled_from(SETTLEMENTS))
    def work(self, slot: int, how: str) -> None:
        """Reserve and settle, as most workers do most of the time."""
        self.reserve(slot, QUEUES)
        if self.tokens:
            self.settle(0, how)

    @rule(slot=slots, count=st.integers(0, 3), how=st.sampled_from(("complete", "narrow", "fall silent")))
    def work_in_bundles(self, slot: int, count: int, how: str) -> None:
        """Reserve several, do some, and go on in one of the ways in which that ends."""
        self.reserve(slot, QUEUES, most=4)
        if not self.tokens or not self.tokens[-1].bundle:
            return
        if how == "complete":
            self.complete_and_reserve(0, QUEUES, count, most=4)
        elif how == "narrow":
            self.narrow(0, count)
        else:
            self.fall_silent(slot)

    @precondition(lambda self: self.tokens)
    @rule(which=whichs, how=st.sampled_from(SETTLEMENTS))
    def settle(self, which: int, how: str) -> None:
        """With a token that is held, or was once."""
        held = self.tokens[-1 - which % len(self.tokens)]
        failure, expected = a_failure(held), self.model.may_settle(held)
        steps: dict[str, tuple[Callable[[], bool], Callable[[Reservation], None]]] = {
            "complete": (partial(self.storage.jobs.complete, held), self.model.complete),
            "fail": (partial(self.storage.jobs.fail, held, failure), partial(self.model.fail, failure)),
            "release": (partial(self.storage.jobs.release, held), self.model.release),
        }
        step, move = steps[how]
        assert self.call(step) == expected
        self.model.settle(held, move)

    @precondition(lambda self: self.tokens)
    @rule(which=whichs, order=st.permutations(QUEUES), count=st.integers(0, 3), most=st.sampled_from((1, 4)))
    def complete_and_reserve(self, which: int, order: Sequence[str], count: int, most: int) -> None:
        """By a worker that holds this job, or believes that it does; with some that came along."""
        done, token = self.tokens[-1 - which % len(self.tokens)], uuid4().hex
        along = [entry.id for entry in done.bundle[:count]]
        spells = [Spell(job, 0.0, 0.0) for job in (done.entry.id, *along)] if along else ()
        step = partial(self.storage.jobs.complete_and_reserve, done, order, token, spells=spells, most=most)
        if self.model.may_settle(done) and not self.model.holds(done) and self.model.is_busy(done.worker):
            with pytest.raises(WorkerBusyError):
                step()
            return
        answer, expected = self.call(step), self.model.complete_and_reserve(done, order, token, along)
        self.compare(answer, expected, most)

    @precondition(lambda self: any(held.bundle for held in self.tokens))
    @rule(which=whichs, count=st.integers(0, 3))
    def narrow(self, which: int, count: int) -> None:
        """By a worker that holds this bundle, or believes that it does; it has done some jobs of it."""
        bundles = [held for held in self.tokens if held.bundle]
        held, token = bundles[-1 - which % len(bundles)], uuid4().hex
        jobs = [entry.id for entry in all_of(held)]
        done, job = jobs[: min(count, len(jobs) - 1)], jobs[min(count, len(jobs) - 1)]
        spells = [Spell(it, 0.0, 0.0) for it in done]
        answer = self.call(partial(self.storage.jobs.narrow, held, spells, job, token))
        expected = self.model.narrow(held, done, job, token)
        self.compare(answer, expected, 1)
        if not done:
            # Its token is not held any more, and a store may say that it was settled, or that it is stale.
            self.tokens = [it for it in self.tokens if it.token != held.token]

    @rule(slot=slots)
    def fall_silent(self, slot: int) -> None:
        """The lease of a worker ends, with a job in its hands if possible; and somebody looks."""
        self.last = None
        slot = next((it for it in (slot, *range(SLOTS)) if self.model.is_busy(self.names[it])), slot)
        member = self.model.workers.get(self.names[slot])
        if member:
            self.storage.workers.beat(member.info.id, 0)
            seen = until(partial(find_lapsed, self.storage, member.info.id))
            assert timeless_hold(seen.reservation) == member.held
            self.sightings.append(seen)
            member.lapsed = True

    @rule(slot=slots, give_up=st.booleans())
    def die(self, slot: int, give_up: bool) -> None:
        """Reserve, fall silent, and be swept, as it happens to workers."""
        self.reserve(slot, QUEUES)
        self.fall_silent(slot)
        if self.sightings:
            self.sweep(0, give_up)

    @rule(slot=slots)
    def beat(self, slot: int) -> None:
        """In time or late; in vain once swept."""
        self.last = None
        member = self.model.workers.get(self.names[slot])
        assert self.storage.workers.beat(self.names[slot], LONG).alive is (member is not None)
        if member:
            member.lapsed = False

    @precondition(lambda self: self.sightings)
    @rule(which=whichs, give_up=st.booleans())
    def sweep(self, which: int, give_up: bool) -> None:
        """What was seen now or long ago; its job goes back or to the failed store."""
        seen = self.sightings[-1 - which % len(self.sightings)]
        failure = a_failure(seen.reservation) if give_up and seen.reservation else None
        swept = self.call(partial(self.storage.workers.sweep, seen, Verdict(failure)), again=False)
        seen = Lapsed(seen.worker, timeless_hold(seen.reservation))
        assert swept == self.model.sweep(seen, failure)
        if swept:
            self.forget_settled(seen.worker, but=seen.reservation)

    @rule(slot=slots)
    def leave(self, slot: int) -> None:
        """With free hands only; another one takes the place."""
        self.last = None
        left = self.storage.workers.unregister(self.names[slot])
        if self.names[slot] in self.model.workers:
            assert left is not self.model.is_busy(self.names[slot])
        if not self.model.is_busy(self.names[slot]):
            self.model.workers.pop(self.names[slot], None)
            self.forget_settled(self.names[slot])
            self.names[slot] = self.arrive()

    def forget_settled(self, worker: str, but: Reservation | None = None) -> None:
        """A store may remember or forget which token was settled last by a worker that is gone."""
        self.tokens = [held for held in self.tokens if held.worker != worker or held == but]
