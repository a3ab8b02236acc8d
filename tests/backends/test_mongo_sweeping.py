"""Claims, sweeps and goodbyes that meet, and those that die in the middle."""

import threading
from collections.abc import Callable
from contextlib import suppress
from itertools import count
from uuid import uuid4

import pytest
from mongo_spy import Killed, Spied

from resque_core.errors import WorkerBusyError
from resque_core.records import Lapsed, Lost, Reservation, Verdict
from resque_core.storage import Storage
from resque_core.testing.contract.factories import a_failure, a_worker, an_entry, numbered
from resque_core.testing.contract.scenes import (
    counted,
    every_failure,
    find_lapsed,
    find_worker,
    hold,
    ids,
    join,
    let_lapse,
    take,
)
from resque_mongo import storage_of


@pytest.mark.parametrize("when", ["die_before", "die_after"])
@pytest.mark.parametrize("give_up", [False, True], ids=["back", "fail"])
@pytest.mark.parametrize("busy", [True, False], ids=["busy", "idle"])
def test_a_sweep_that_dies_anywhere_is_finished_by_the_next(
    mongo: Storage, watched: Storage, spied: Spied, when: str, give_up: bool, busy: bool
) -> None:
    for step in count():
        held = hold(mongo) if busy else None
        worker = held.worker if held else join(mongo)
        seen = let_lapse(mongo, worker)
        verdict = Verdict(a_failure(held) if held and give_up else None)
        before = counted(mongo)
        spied.spy.begin(**{when: step})
        killed = False
        try:
            watched.workers.sweep(seen, verdict)
        except Killed:
            killed = True
        assert in_one_place(mongo, held)
        if now := find_lapsed(mongo, worker):
            assert mongo.workers.sweep(now, Verdict(verdict.failure if now.reservation else None))
        assert find_worker(mongo, worker) is None
        assert in_one_place(mongo, held)
        failed = int(give_up and busy)
        assert counted(mongo) == (before[0] + failed, before[1] + failed)
        if held:
            assert mongo.jobs.complete(held) is False
        if not killed:
            assert step >= 4
            return
        empty(mongo)


def in_one_place(storage: Storage, held: Reservation | None) -> bool:
    """Whether the job is in a queue, in a worker's hands, or failed: in one of them, once."""
    if held is None:
        return True
    running = [it.reservation.entry.id for it in storage.workers.all() if it.reservation]
    failed = [failure.job_id for failure in every_failure(storage)]
    return (ids(storage) + running + failed).count(held.entry.id) == 1


def empty(storage: Storage) -> None:
    """Begin anew."""
    storage.queues.clear("mail")
    storage.failures.clear()


def between_look_and_claim(
    spied: Spied, reserve: Callable[[], object], meanwhile: Callable[[], object]
) -> object:
    """Reserve, and let something happen right before the claim."""
    original = spied.spy.started

    def started(event: object) -> None:
        if getattr(event, "command_name", "") == "findAndModify":
            spied.spy.started = original  # type: ignore[method-assign]
            meanwhile()
        original(event)  # type: ignore[arg-type]

    spied.spy.started = started  # type: ignore[method-assign]
    return reserve()


def swept(storage: Storage, worker: str) -> bool:
    """Let the worker lapse, and sweep it."""
    return storage.workers.sweep(let_lapse(storage, worker), Verdict())


@pytest.mark.parametrize(
    "end", [swept, lambda storage, worker: storage.workers.unregister(worker)], ids=["swept", "gone"]
)
def test_a_worker_that_ends_between_look_and_claim_gets_no_job(
    mongo: Storage, watched: Storage, spied: Spied, end: Callable[[Storage, str], bool]
) -> None:
    mongo.jobs.enqueue(numbered(1))
    worker = join(mongo)
    answer = between_look_and_claim(
        spied, lambda: watched.jobs.reserve(["mail"], worker, "t"), lambda: end(mongo, worker)
    )
    assert answer == Lost()
    assert ids(mongo) == ["0"]
    assert find_worker(mongo, worker) is None


def test_a_worker_that_is_only_marked_dead_gets_no_job_and_no_lease(
    mongo: Storage, watched: Storage, spied: Spied
) -> None:
    mongo.jobs.enqueue(numbered(1))
    worker = join(mongo)
    seen = let_lapse(mongo, worker)
    spied.spy.begin(die_after=1)
    with suppress(Killed):
        watched.workers.sweep(seen, Verdict())
    assert mongo.workers.beat(worker, 60).alive is False
    assert mongo.workers.command(worker, "quiet") is False
    assert mongo.jobs.reserve(["mail"], worker, "t") == Lost()
    assert mongo.workers.lapsed() == [Lapsed(worker)]


def test_a_worker_that_claims_while_it_is_swept_is_left_for_the_next_sweep(
    mongo: Storage, watched: Storage, spied: Spied, namespace: str
) -> None:
    """The sweep has seen it idle, and marked it; the claim, which looked before, is before the tombstone."""
    mongo.jobs.enqueue(numbered(1))
    worker = join(mongo)

    def mark_dead() -> None:
        marked = Lapsed(worker)
        let_lapse(mongo, worker)
        other = Spied(spied.url)
        other.spy.begin(die_after=1)
        with suppress(Killed):
            storage_of(other.database, namespace).workers.sweep(marked, Verdict())
        other.client.close()

    held = between_look_and_claim(spied, lambda: watched.jobs.reserve(["mail"], worker, "t"), mark_dead)
    assert isinstance(held, Reservation)
    assert mongo.workers.beat(worker, 60).alive is False
    assert mongo.workers.sweep(Lapsed(worker), Verdict()) is False
    assert mongo.workers.lapsed() == [Lapsed(worker, held)]
    assert mongo.workers.sweep(Lapsed(worker, held), Verdict())
    assert ids(mongo) == ["0"]


def test_a_job_whose_worker_is_unknown_is_found_and_rescued(
    mongo: Storage, spied: Spied, namespace: str
) -> None:
    """As after a sleep of more than a day between look and claim; here somebody deletes the worker."""
    held = hold(mongo)
    spied.database["resque_workers"].delete_one({"ns": namespace, "id": held.worker})
    seen = Lapsed(held.worker, held)
    assert mongo.workers.lapsed() == [seen]
    assert mongo.workers.sweep(Lapsed(held.worker), Verdict()) is False
    assert mongo.workers.sweep(seen, Verdict())
    assert mongo.workers.sweep(seen, Verdict()) is False
    assert ids(mongo) == [held.entry.id]
    assert mongo.workers.lapsed() == []


def test_a_worker_settles_between_look_and_mark_of_a_sweep(
    mongo: Storage, watched: Storage, spied: Spied
) -> None:
    held = hold(mongo)
    seen = let_lapse(mongo, held.worker)
    spied.spy.begin(die_after=1)  # looked, and marked
    with suppress(Killed):
        watched.workers.sweep(seen, Verdict())
    assert mongo.jobs.complete(held)
    assert mongo.workers.sweep(seen, Verdict()) is False
    assert mongo.workers.lapsed() == [Lapsed(held.worker)]
    assert mongo.workers.sweep(Lapsed(held.worker), Verdict())
    assert counted(mongo) == (1, 0)
    assert ids(mongo) == []


def test_threads_of_one_worker_get_one_job(mongo: Storage) -> None:
    """Two claims that both saw empty hands: the slot takes one."""
    mongo.jobs.enqueue(numbered(20))
    answers: list[object] = []
    barrier = threading.Barrier(4)

    def reserve() -> None:
        barrier.wait()
        try:
            answers.append(mongo.jobs.reserve(["mail"], "w", uuid4().hex))
        except WorkerBusyError as busy:
            answers.append(busy)

    for _ in range(5):
        threads = [threading.Thread(target=reserve) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        [held] = [answer for answer in answers if isinstance(answer, Reservation)]
        assert len(answers) == 4
        assert mongo.jobs.complete(held)
        answers.clear()
    assert mongo.queues.size("mail") == 15


def test_a_goodbye_that_died_half_way_lets_the_worker_be_swept(
    mongo: Storage, watched: Storage, spied: Spied
) -> None:
    mongo.jobs.enqueue(numbered(1))
    worker = join(mongo)
    spied.spy.begin(die_after=0)
    with suppress(Killed):
        watched.workers.unregister(worker)
    assert mongo.jobs.reserve(["mail"], worker, "t") == Lost()
    assert mongo.workers.sweep(let_lapse(mongo, worker), Verdict())


def test_a_name_may_be_registered_again(mongo: Storage) -> None:
    """Workers' names never come again, but people's tests do that."""
    worker = a_worker()
    for _ in range(3):
        mongo.workers.register(worker, 600)
        mongo.jobs.enqueue(numbered(1))
        assert mongo.jobs.complete(take(mongo, worker.id))
        assert mongo.workers.unregister(worker.id)


def test_an_end_that_a_failover_undid_before_the_next_claim_is_repeated(
    mongo: Storage, watched: Storage, spied: Spied
) -> None:
    """It waited for the journal together with the claim, so the new primary may not know of it."""
    mongo.jobs.enqueue(numbered(2))
    done = take(mongo, "w")
    jobs = spied.database["resque_jobs"]
    [running] = jobs.find({"token": done.token})

    def undo() -> None:
        assert jobs.replace_one({"_id": running["_id"], "state": "done"}, running).modified_count

    answer = between_look_and_claim(
        spied, lambda: watched.jobs.complete_and_reserve(done, ["mail"], "t"), undo
    )
    assert isinstance(answer, Reservation)
    assert answer.entry.id == "1"
    assert counted(mongo) == (1, 0)


@pytest.mark.parametrize("when", ["die_before", "die_after"])
def test_going_on_may_die_anywhere_and_be_asked_for_again(
    mongo: Storage, watched: Storage, spied: Spied, when: str
) -> None:
    for step in range(3):
        mongo.jobs.enqueue(numbered(2))
        done = take(mongo, "w")
        token = uuid4().hex
        spied.spy.begin(**{when: step})
        with suppress(Killed):
            watched.jobs.complete_and_reserve(done, ["mail"], token)
        again = mongo.jobs.complete_and_reserve(done, ["mail"], token)
        assert isinstance(again, Reservation)
        assert again.entry.id == "1"
        assert counted(mongo) == (2 * step + 1, 0)
        assert mongo.jobs.complete(again)


@pytest.mark.parametrize("when", ["die_before", "die_after"])
def test_a_release_whose_reply_is_lost_anywhere_is_known(
    mongo: Storage, watched: Storage, spied: Spied, when: str
) -> None:
    mongo.jobs.enqueue(numbered(1))
    for step in range(3):
        held = take(mongo, "w")
        spied.spy.begin(**{when: step})
        with suppress(Killed):
            watched.jobs.release(held)
        assert mongo.jobs.release(held)
        assert ids(mongo) == ["0"]
        again = take(mongo, join(mongo))
        assert mongo.jobs.release(held)
        assert ids(mongo) == []
        assert mongo.jobs.release(again)


def test_a_release_that_is_repeated_late_does_not_pass_for_the_last_settlement(mongo: Storage) -> None:
    mongo.jobs.enqueue([an_entry("mail"), an_entry("images")])
    released = take(mongo, "w", "mail")
    mongo.jobs.release(released)
    last = take(mongo, "w", "images")
    mongo.jobs.complete(last)
    for _ in range(2):
        assert mongo.jobs.release(released) is False
        assert mongo.jobs.complete(last)
        mongo.workers.beat("w", 600)


@pytest.mark.parametrize("when", ["die_before", "die_after"])
def test_a_requeue_that_keeps_the_failure_may_die_anywhere(
    mongo: Storage, watched: Storage, spied: Spied, when: str
) -> None:
    for step in count():
        held = hold(mongo)
        failure = a_failure(held)
        mongo.jobs.fail(held, failure)
        mongo.workers.beat("w", 600)
        spied.spy.begin(**{when: step})
        try:
            watched.failures.requeue({failure.id: None}, keep=True)
        except Killed:
            mongo.workers.beat("w", 600)
        else:
            return
        kept = mongo.failures.get(failure.id)
        assert kept
        assert ids(mongo) == ([held.entry.id] if kept.retried_at else [])
        if not kept.retried_at:
            assert mongo.failures.requeue({failure.id: None}, keep=True)
        assert ids(mongo) == [held.entry.id]
        assert mongo.failures.count() == 1
        assert not mongo.failures.requeue({failure.id: None}, keep=True)
        empty(mongo)


def test_an_enqueue_that_dies_before_its_queue_is_known_leaves_jobs_that_are_found(
    mongo: Storage, watched: Storage, spied: Spied
) -> None:
    spied.spy.begin(die_after=1)
    with suppress(Killed):
        watched.jobs.enqueue(numbered(2))
    assert [(it.name, it.size) for it in mongo.queues.all()] == [("mail", 2)]
    held = mongo.jobs.reserve(["mail"], "w", "t", discover=True)
    assert isinstance(held, Reservation)
    assert held.known == ("mail",)
    assert mongo.jobs.enqueue(numbered(2)) == 0
