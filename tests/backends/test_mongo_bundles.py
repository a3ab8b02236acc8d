"""Bundles on MongoDB: several documents that do not change in one step, and who dies or comes in between."""

import random
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from itertools import count
from typing import Any
from uuid import uuid4

import pytest
from mongo_spy import Killed, Spied
from pymongo import UpdateMany
from pymongo.collection import Collection

from resque_core.records import Lapsed, Lost, Reservation, Spell, Stale, Verdict
from resque_core.storage import Storage
from resque_core.testing.contract.factories import a_failure, numbered
from resque_core.testing.contract.scenes import counted, every_failure, find_lapsed, ids, join, let_lapse
from resque_mongo import ledger, open_storage, pauses

Document = dict[str, Any]

MANY = 6
ALL = [str(number) for number in range(MANY)]


def names(held: Reservation) -> list[str]:
    """The ids of all jobs of a bundle, in order."""
    return [held.entry.id, *(entry.id for entry in held.bundle)]


def spells(held: Reservation, number: int | None = None) -> list[Spell]:
    """So many of its jobs are done; without a number, all."""
    return [Spell(job, place / 1000, (place + 1) / 1000) for place, job in enumerate(names(held)[:number])]


def reserve(storage: Storage, worker: str = "w", most: int = 4, token: str = "") -> Reservation:
    """A bundle."""
    answer = storage.jobs.reserve(["mail"], worker, token or uuid4().hex, most=most)
    assert isinstance(answer, Reservation)
    return answer


def some(storage: Storage) -> Reservation:
    """Four of six jobs in the hands of a new worker."""
    storage.jobs.enqueue(numbered(MANY))
    held = reserve(storage, join(storage))
    assert names(held) == ALL[:4]
    return held


def begin_anew(storage: Storage, worker: str) -> None:
    """End what the worker may hold, and delete what waits."""
    if seen := let_lapse_if_there(storage, worker):
        storage.workers.sweep(seen, Verdict())
    assert storage.workers.lapsed() == []
    storage.queues.clear("mail")
    storage.failures.clear()
    storage.stats.clear("processed")
    storage.stats.clear("failed")


def let_lapse_if_there(storage: Storage, worker: str) -> Lapsed | None:
    """What a sweep sees of it, once its lease is over."""
    return (
        let_lapse(storage, worker)
        if storage.workers.beat(worker, 600).alive
        else find_lapsed(storage, worker)
    )


def running(storage: Storage) -> list[str]:
    """The ids of the jobs in all hands."""
    return [job for it in storage.workers.all() if it.reservation for job in names(it.reservation)]


def documents(storage: Storage) -> Collection[Document]:
    """Those of jobs, of all namespaces."""
    jobs: Collection[Document] = storage.connection["resque_jobs"]
    return jobs


def rescues(storage: Storage, namespace: str) -> dict[str, int]:
    """How often each waiting job was rescued."""
    found = documents(storage).find({"ns": namespace, "state": "waiting"})
    return {job["id"]: job["rescues"] for job in found}


def assert_each_is_in_one_place(storage: Storage, namespace: str) -> None:
    """Every job waits, is in a living hand, failed, or was counted as done: one of these, once."""
    waiting, held = ids(storage), running(storage)
    assert documents(storage).count_documents({"ns": namespace, "state": "running"}) == len(held)
    there = [*waiting, *held]
    assert len(there) == len(set(there))
    assert len(there) + counted(storage)[0] == MANY


def before(spied: Spied, which: Callable[[Document], bool], meanwhile: Callable[[], object]) -> None:
    """Let something happen right before the first command that is meant."""
    original = spied.spy.started

    def started(event: Any) -> None:
        if which(dict(event.command)):
            spied.spy.started = original  # type: ignore[method-assign]
            meanwhile()
        original(event)

    spied.spy.started = started  # type: ignore[method-assign]


def takes_along(command: Document) -> bool:
    """Whether it is the update that takes jobs along with their head."""
    return any("along" in str(it["u"]) and it.get("multi") for it in command.get("updates", ()))


def ends_head(command: Document) -> bool:
    """Whether it is the update that completes a head."""
    return any("'done'" in str(it["u"]) for it in command.get("updates", ()))


def swept(storage: Storage, worker: str) -> None:
    """Let the worker lapse, and sweep it."""
    assert storage.workers.sweep(let_lapse(storage, worker), Verdict())


def test_a_bundle_takes_three_more_commands_than_a_job_to_come_and_none_to_end(
    mongo: Storage, watched: Storage, spied: Spied, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pauses, "HOLDS", 600.0)
    mongo.jobs.enqueue(numbered(12))
    held = reserve(watched)
    come = [f"{it} resque_jobs" for it in ("find", "findAndModify", "update", "find")]
    assert spied.spy.names == ["aggregate resque_workers", *come]
    held = watched.jobs.complete_and_reserve(held, ["mail"], "t1", spells=spells(held), most=4)  # type: ignore[assignment]
    spied.spy.begin()
    watched.jobs.complete_and_reserve(held, ["mail"], "t2", spells=spells(held), most=4)
    assert spied.spy.names == ["update resque_jobs", *come]


def test_a_whole_bundle_waits_for_the_journal_once(mongo: Storage, watched: Storage, spied: Spied) -> None:
    """The ends of the last one, the claim of the next head, and what comes along with it."""
    mongo.jobs.enqueue(numbered(12))
    held = reserve(mongo)
    watched.jobs.complete_and_reserve(held, ["mail"], "t", spells=spells(held), most=4)
    writes = [it for it in spied.spy.commands if {"update", "findAndModify"} & it.keys()]
    assert [it["writeConcern"] for it in writes] == [{"w": 1}, {"w": 1}, {"w": "majority", "j": True}]


def test_a_job_that_waits_alone_takes_one_read_more(mongo: Storage, watched: Storage, spied: Spied) -> None:
    """To see that it is alone; and its claim waits for the journal itself."""
    mongo.jobs.enqueue(numbered(1))
    assert reserve(watched).bundle == ()
    names_of_jobs = [f"{it} resque_jobs" for it in ("find", "findAndModify")]
    assert spied.spy.names == ["aggregate resque_workers", *names_of_jobs]
    assert spied.spy.commands[-1]["writeConcern"] == {"w": "majority", "j": True}


def test_ending_a_job_that_came_alone_takes_no_look_at_what_came_along(
    mongo: Storage, watched: Storage, spied: Spied
) -> None:
    mongo.jobs.enqueue(numbered(1))
    held = reserve(mongo)
    assert watched.jobs.complete(held)
    assert spied.spy.names == ["update resque_jobs"]


def test_jobs_of_bundles_are_folded_some_hundred_at_once(
    mongo: Storage, watched: Storage, spied: Spied, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ledger, "_MOST", 12)
    mongo.jobs.enqueue(numbered(24))
    held: object = reserve(mongo)
    for number in range(3):
        assert isinstance(held, Reservation)
        assert "findAndModify resque_ledger" not in spied.spy.names
        held = watched.jobs.complete_and_reserve(held, ["mail"], str(number), spells=spells(held), most=4)
    assert "findAndModify resque_ledger" in spied.spy.names
    assert counted(mongo) == (12, 0)


def test_who_is_swept_between_claim_and_taking_along_takes_nothing(
    mongo: Storage, watched: Storage, spied: Spied, namespace: str
) -> None:
    """The sweep has seen the head alone; who takes the others looks after that whether it is held still."""
    mongo.jobs.enqueue(numbered(MANY))
    worker = join(mongo)
    before(spied, takes_along, lambda: swept(mongo, worker))
    assert watched.jobs.reserve(["mail"], worker, "t", most=4) == Lost()
    assert sorted(ids(mongo)) == ALL
    assert rescues(mongo, namespace) == {"0": 1, **dict.fromkeys(ALL[1:], 0)}
    assert mongo.workers.lapsed() == []


@pytest.mark.parametrize("when", ["die_before", "die_after"])
def test_who_dies_while_taking_a_bundle_leaves_all_of_it_to_a_sweep(
    mongo: Storage, watched: Storage, spied: Spied, namespace: str, when: str
) -> None:
    for step in count():
        mongo.jobs.enqueue(numbered(MANY))
        worker = join(mongo)
        spied.spy.begin(**{when: step})
        killed = False
        try:
            watched.jobs.reserve(["mail"], worker, "t", most=4)
        except Killed:
            killed = True
        assert_each_is_in_one_place(mongo, namespace)
        swept(mongo, worker)
        assert ids(mongo) == ALL
        assert mongo.workers.lapsed() == []
        begin_anew(mongo, worker)
        if not killed:
            assert step == 5
            return


@pytest.mark.parametrize("when", ["die_before", "die_after"])
def test_a_reservation_that_is_asked_for_again_brings_what_came(
    mongo: Storage, watched: Storage, spied: Spied, namespace: str, when: str
) -> None:
    for step in range(5):
        mongo.jobs.enqueue(numbered(MANY))
        worker = join(mongo)
        spied.spy.begin(**{when: step})
        with suppress(Killed):
            watched.jobs.reserve(["mail"], worker, "t", most=4)
        again = reserve(mongo, worker, token="t")
        assert names(again) in (ALL[:1], ALL[:4])
        assert reserve(mongo, worker, token="t") == again
        assert_each_is_in_one_place(mongo, namespace)
        begin_anew(mongo, worker)


def test_a_reservation_that_is_asked_for_again_waits_for_the_journal(
    mongo: Storage, watched: Storage, spied: Spied
) -> None:
    """The claim may not have waited yet when its caller died."""
    mongo.jobs.enqueue(numbered(MANY))
    spied.spy.begin(die_before=3)
    with suppress(Killed):
        watched.jobs.reserve(["mail"], "w", "t", most=4)
    spied.spy.begin()
    reserve(watched, token="t")
    writes = [it for it in spied.spy.commands if "update" in it]
    assert [it["writeConcern"] for it in writes] == [{"w": "majority", "j": True}]


def lose_head(storage: Storage, held: Reservation, namespace: str) -> None:
    """Somebody put the head back who had not seen that others came along."""
    documents(storage).update_one(
        {"ns": namespace, "slot": held.worker, "token": held.token},
        {"$set": {"state": "waiting"}, "$unset": {"slot": True, "token": True, "worker": True}},
    )


def test_jobs_whose_head_nobody_holds_are_put_back_by_whoever_sweeps(
    mongo: Storage, watched: Storage, spied: Spied, namespace: str
) -> None:
    """Though their worker lives, and holds something else by now."""
    held = some(mongo)
    lose_head(mongo, held, namespace)
    assert reserve(mongo, held.worker, most=1).entry.id == "0"
    assert watched.workers.lapsed() == []
    assert ids(mongo) == ALL[1:]
    assert rescues(mongo, namespace) == {**dict.fromkeys(["1", "2", "3"], 1), "4": 0, "5": 0}
    spied.spy.begin()
    assert watched.workers.lapsed() == []
    assert spied.spy.names == ["aggregate resque_jobs"]


def test_a_sweep_leaves_the_bundles_of_the_living_alone_and_takes_one_command(
    mongo: Storage, watched: Storage, spied: Spied
) -> None:
    held = some(mongo)
    spied.spy.begin()
    assert watched.workers.lapsed() == []
    assert spied.spy.names == ["aggregate resque_jobs"]
    assert running(mongo) == names(held)


def test_a_sweep_that_looked_before_a_claim_takes_none_of_its_jobs_for_lost(
    mongo: Storage, watched: Storage, spied: Spied, namespace: str
) -> None:
    """What it saw without a head may be a bundle that was just taken: it looks again, at heads last."""
    held = some(mongo)
    lose_head(mongo, held, namespace)
    jobs = documents(mongo)

    def hold_again() -> None:
        again = {"state": "running", "slot": held.worker, "token": held.token}
        jobs.update_one({"ns": namespace, "id": "0"}, {"$set": again})

    before(spied, lambda command: "find" in command, hold_again)
    watched.workers.lapsed()
    assert running(mongo) == names(held)


@pytest.mark.parametrize("give_up", [False, True], ids=["back", "fail"])
@pytest.mark.parametrize("when", ["die_before", "die_after"])
def test_a_sweep_of_a_bundle_that_dies_anywhere_is_finished_by_the_next(
    mongo: Storage, watched: Storage, spied: Spied, namespace: str, when: str, *, give_up: bool
) -> None:
    for step in count():
        held = some(mongo)
        seen = let_lapse(mongo, held.worker)
        verdict = Verdict(a_failure(held) if give_up else None)
        spied.spy.begin(**{when: step})
        killed = False
        try:
            watched.workers.sweep(seen, verdict)
        except Killed:
            killed = True
        assert_each_is_in_one_place(mongo, namespace)
        if now := find_lapsed(mongo, held.worker):
            assert mongo.workers.sweep(now, Verdict(verdict.failure if now.reservation else None))
        failed = [it.job_id for it in every_failure(mongo)]
        assert failed + ids(mongo) == ALL
        assert failed == (["0"] if give_up else [])
        assert all(rescues(mongo, namespace)[job] == 1 for job in ALL[1:4])
        assert mongo.jobs.complete_and_reserve(held, [], "t", spells=spells(held)) == Stale()
        begin_anew(mongo, held.worker)
        if not killed:
            assert step >= 6
            return


@pytest.mark.parametrize("when", ["die_before", "die_after"])
@pytest.mark.parametrize("number", [4, 2], ids=["all", "two"])
@pytest.mark.parametrize("queues", [["mail"], []], ids=["goes on", "ends"])
def test_completing_a_bundle_may_die_anywhere_and_be_asked_for_again(
    mongo: Storage,
    watched: Storage,
    spied: Spied,
    namespace: str,
    when: str,
    number: int,
    queues: list[str],
) -> None:
    for step in range(6):
        held = some(mongo)
        token = uuid4().hex
        done = spells(held, number)
        spied.spy.begin(**{when: step})
        with suppress(Killed):
            watched.jobs.complete_and_reserve(held, queues, token, spells=done, most=4)
        assert_each_is_in_one_place(mongo, namespace)
        again = mongo.jobs.complete_and_reserve(held, queues, token, spells=done, most=4)
        assert counted(mongo) == (number, 0)
        assert (names(again) if isinstance(again, Reservation) else []) + ids(mongo) == ALL[number:]
        assert_each_is_in_one_place(mongo, namespace)
        begin_anew(mongo, held.worker)


@pytest.mark.parametrize("when", ["die_before", "die_after"])
def test_who_dies_while_completing_a_bundle_is_swept(
    mongo: Storage, watched: Storage, spied: Spied, namespace: str, when: str
) -> None:
    for step in range(6):
        held = some(mongo)
        spied.spy.begin(**{when: step})
        with suppress(Killed):
            watched.jobs.complete_and_reserve(held, ["mail"], uuid4().hex, spells=spells(held), most=4)
        done = counted(mongo)[0]
        assert done in (0, 4)
        swept(mongo, held.worker)
        assert ids(mongo) == ALL[done:]
        begin_anew(mongo, held.worker)


@pytest.fixture
def halved(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """Lets the server die in the midst of the next bulk: after so many of the updates that it consists of."""
    original = Collection.bulk_write

    def halve(done: int) -> None:
        def bulk_write(self: Collection[Document], requests: list[Any], **options: Any) -> object:
            if self.name != "resque_jobs":
                return original(self, requests, **options)
            monkeypatch.setattr(Collection, "bulk_write", original)
            if first := one_by_one(requests)[:done]:
                original(self, first, **options)
            raise Killed

        monkeypatch.setattr(Collection, "bulk_write", bulk_write)

    return halve


def one_by_one(requests: list[Any]) -> list[Any]:
    """The same updates, each of one document."""
    return [
        one
        for request in requests
        for one in (_each(request) if isinstance(request, UpdateMany) else [request])
    ]


def _each(request: UpdateMany) -> list[UpdateMany]:
    meant, update = request._filter, request._doc
    return [UpdateMany({**meant, "id": one}, update) for one in meant["id"]["$in"]]


@pytest.mark.parametrize("number", [4, 2], ids=["all", "two"])
def test_a_server_that_dies_while_it_completes_a_bundle_goes_on_where_it_was(
    mongo: Storage, halved: Callable[[int], None], namespace: str, number: int
) -> None:
    """Some of it done, the head still held: to ask again counts each once."""
    for step in range(5):
        held = some(mongo)
        halved(step)
        with suppress(Killed):
            mongo.jobs.complete_and_reserve(held, ["mail"], "t", spells=spells(held, number), most=4)
        assert_each_is_in_one_place(mongo, namespace)
        token = uuid4().hex
        again = mongo.jobs.complete_and_reserve(held, ["mail"], token, spells=spells(held, number), most=4)
        assert isinstance(again, Reservation)
        assert counted(mongo) == (number, 0)
        assert names(again) + ids(mongo) == ALL[number:]
        begin_anew(mongo, held.worker)


@pytest.mark.parametrize("place", range(4))
def test_narrowing_that_a_server_did_half_is_finished_when_it_is_asked_for_again(
    mongo: Storage, halved: Callable[[int], None], namespace: str, place: int
) -> None:
    for step in range(6):
        held = some(mongo)
        halved(step)
        with suppress(Killed):
            mongo.jobs.narrow(held, spells(held, place), str(place), "alone")
        for _ in range(2):
            alone = mongo.jobs.narrow(held, spells(held, place), str(place), "alone")
            assert not isinstance(alone, Stale)
            assert (alone.entry.id, alone.token, alone.bundle) == (str(place), "alone", ())
            assert counted(mongo) == (place, 0)
            assert ids(mongo) == ALL[place + 1 :]
            assert_each_is_in_one_place(mongo, namespace)
        assert all(mongo.jobs.complete(replace(held, token="alone", bundle=())) for _ in range(2))
        assert counted(mongo) == (place + 1, 0)
        begin_anew(mongo, held.worker)


@pytest.mark.parametrize("place", range(4))
def test_who_dies_in_the_midst_of_narrowing_is_swept(
    mongo: Storage, halved: Callable[[int], None], namespace: str, place: int
) -> None:
    for step in range(6):
        held = some(mongo)
        halved(step)
        with suppress(Killed):
            mongo.jobs.narrow(held, spells(held, place), str(place), "alone")
        swept(mongo, held.worker)
        assert mongo.workers.lapsed() == []
        assert sorted(ids(mongo)) == ALL[counted(mongo)[0] :] or counted(mongo)[0] < place
        assert_each_is_in_one_place(mongo, namespace)
        assert mongo.jobs.narrow(held, spells(held, place), str(place), "alone") == Stale()
        begin_anew(mongo, held.worker)


def test_a_job_that_has_no_head_in_the_midst_of_narrowing_may_be_put_back_and_is_not_held_then(
    mongo: Storage, halved: Callable[[int], None]
) -> None:
    held = some(mongo)
    halved(3)  # The one before is done, the one behind it is back, and so is the head: it has left the slot.
    with suppress(Killed):
        mongo.jobs.narrow(held, spells(held, 2), "2", "alone")
    assert mongo.workers.lapsed() == []
    assert mongo.jobs.narrow(held, spells(held, 2), "2", "alone") == Stale()
    assert ids(mongo) == ALL[2:]
    assert counted(mongo) == (2, 0)


def test_nobody_narrows_into_the_slot_of_a_worker_that_ended(
    mongo: Storage, halved: Callable[[int], None]
) -> None:
    held = some(mongo)
    halved(3)
    with suppress(Killed):
        mongo.jobs.narrow(held, spells(held, 2), "2", "alone")
    assert mongo.workers.unregister(held.worker)
    assert mongo.jobs.narrow(held, spells(held, 2), "2", "alone") == Stale()
    assert mongo.workers.lapsed() == []
    assert ids(mongo) == ALL[2:]


def test_a_settlement_that_a_sweep_met_half_way_counts_what_it_still_held(
    mongo: Storage, watched: Storage, spied: Spied, namespace: str
) -> None:
    """The sweep has put back what came along, and dies before the head."""
    held = some(mongo)
    seen = let_lapse(mongo, held.worker)
    spied.spy.begin(die_after=2)
    with suppress(Killed):
        watched.workers.sweep(seen, Verdict())
    assert ids(mongo) == ALL[1:]
    answer = mongo.jobs.complete_and_reserve(held, ["mail"], "t", spells=spells(held), most=4)
    assert isinstance(answer, Reservation | Lost)
    assert counted(mongo) == (1, 0)
    assert_each_is_in_one_place(mongo, namespace)
    begin_anew(mongo, held.worker)


def test_a_sweep_right_before_the_end_of_a_bundle_leaves_nothing_to_complete(
    mongo: Storage, watched: Storage, spied: Spied
) -> None:
    held = some(mongo)
    before(spied, ends_head, lambda: swept(mongo, held.worker))
    answer = watched.jobs.complete_and_reserve(held, ["mail"], "t", spells=spells(held), most=4)
    assert answer == Stale()
    assert counted(mongo) == (0, 0)
    assert ids(mongo) == ALL


@pytest.mark.parametrize("undone", [1, 2, 4])
def test_ends_of_a_bundle_that_a_failover_undid_before_the_next_claim_are_repeated(
    mongo: Storage, watched: Storage, spied: Spied, namespace: str, undone: int
) -> None:
    """They waited for the journal with the claim. What is undone is the last of what was done."""
    held = some(mongo)
    jobs = documents(mongo)
    last = [*ALL[1:4], "0"][-undone:]
    were = list(jobs.find({"ns": namespace, "state": "running", "id": {"$in": last}}))

    def undo() -> None:
        for job in were:
            assert jobs.replace_one({"_id": job["_id"], "state": "done"}, job).modified_count

    before(spied, lambda command: "findAndModify" in command, undo)
    answer = watched.jobs.complete_and_reserve(held, ["mail"], "t", spells=spells(held), most=4)
    assert isinstance(answer, Reservation)
    assert names(answer) == ALL[4:]
    assert counted(mongo) == (4, 0)


def test_a_claim_that_a_failover_undid_before_others_came_along_holds_nothing(
    mongo: Storage, watched: Storage, spied: Spied, namespace: str
) -> None:
    mongo.jobs.enqueue(numbered(MANY))
    jobs = documents(mongo)
    [was] = jobs.find({"ns": namespace, "id": "0"})
    before(spied, takes_along, lambda: jobs.replace_one({"_id": was["_id"]}, was))
    held = reserve(watched)
    assert names(held) + ids(mongo) == [*names(held), *(job for job in ALL if job not in names(held))]
    assert running(mongo) == names(held)
    assert sorted(names(held) + ids(mongo)) == ALL


def test_another_worker_that_was_quicker_leaves_the_rest(
    mongo: Storage, watched: Storage, spied: Spied
) -> None:
    """Between the claim of the head and the others: each job is in one pair of hands, in order."""
    mongo.jobs.enqueue(numbered(MANY))
    other = join(mongo)
    theirs: list[str] = []
    before(spied, takes_along, lambda: theirs.extend(names(reserve(mongo, other, most=2))))
    held = reserve(watched)
    assert theirs == ["1", "2"]
    assert names(held) == ["0", "3"]
    assert ids(mongo) == ["4", "5"]


@pytest.mark.parametrize(
    "wrong",
    [{"token": 7}, {"token": None}, {"along": ["x"]}, {"along": None}, {"along": "nobody"}, {"id": 7}],
    ids=str,
)
def test_what_another_program_broke_of_a_job_that_came_along_is_put_back(
    mongo: Storage, namespace: str, wrong: Document
) -> None:
    held = some(mongo)
    jobs = documents(mongo)
    jobs.update_one({"ns": namespace, "id": "2"}, {"$set": wrong})
    assert mongo.workers.lapsed() == []
    mongo.workers.all()
    mongo.jobs.complete_and_reserve(held, [], "t", spells=spells(held))
    assert mongo.workers.lapsed() == []
    assert jobs.count_documents({"ns": namespace, "state": "running"}) == 0
    assert counted(mongo)[0] + len(ids(mongo)) == MANY


@pytest.mark.parametrize(
    "wrong",
    [{"rescues": "x"}, {"enqueued_at": 7}, {"live": 1}, {"history": {"id": "x"}}, {"id": 7}],
    ids=str,
)
def test_a_job_that_another_program_broke_does_not_come_along(
    mongo: Storage, namespace: str, wrong: Document
) -> None:
    mongo.jobs.enqueue(numbered(MANY))
    documents(mongo).update_one({"ns": namespace, "id": "2"}, {"$set": wrong})
    assert names(reserve(mongo)) == ["0", "1"]


class Hand(threading.Thread):
    """A worker that takes bundles and ends them in any way, while others take all from it at any time."""

    def __init__(self, storage: Storage, seed: int) -> None:
        super().__init__(daemon=True)
        self._storage = storage
        self._dice = random.Random(seed)
        self.worker = join(storage)
        self.error: BaseException | None = None

    def run(self) -> None:
        """Until nothing is left to be done by anybody."""
        try:
            while self._storage.queues.size("mail") or running(self._storage):
                self._work()
        except BaseException as error:
            self.error = error
        finally:
            self._storage.close()

    def _work(self) -> None:
        answer: object = self._storage.jobs.reserve(["mail"], self.worker, uuid4().hex, most=8)
        for _ in range(5):
            if isinstance(answer, Reservation):
                answer = self._go_on(answer)
        if isinstance(answer, Reservation):
            self._storage.jobs.release(answer)
        if isinstance(answer, Lost | Stale):
            self.worker = join(self._storage)

    def _go_on(self, held: Reservation) -> object:
        """Complete all of it, or some; or hold one of it alone."""
        place = self._dice.randrange(len(names(held)))
        if self._dice.random() < 0.3:
            alone = self._storage.jobs.narrow(held, spells(held, place), names(held)[place], uuid4().hex)
            if isinstance(alone, Stale):
                return alone
            held, place = alone, 0
        done = spells(held, place + 1 if self._dice.random() < 0.5 else None)
        return self._storage.jobs.complete_and_reserve(held, ["mail"], uuid4().hex, spells=done, most=8)


def test_no_job_is_lost_or_counted_twice_whoever_takes_bundles_from_whom(
    mongo: Storage, mongo_url: str, namespace: str
) -> None:
    mongo.jobs.enqueue(numbered(400))
    hands = [Hand(open_storage(mongo_url, namespace), seed) for seed in range(4)]
    for hand in hands:
        hand.start()
    while any(hand.is_alive() for hand in hands):
        for hand in hands:
            mongo.workers.beat(hand.worker, 0)
            for seen in mongo.workers.lapsed():
                mongo.workers.sweep(seen, Verdict())
    assert [hand.error for hand in hands] == [None] * 4
    assert counted(mongo) == (400, 0)
    assert documents(mongo).count_documents({"ns": namespace, "live": True}) == 0
