"""Bundles: several short jobs that a worker takes in one step. A store may always bring one job alone."""

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest

from resque_core.claim import Claim
from resque_core.job import Entry
from resque_core.limit import Limit
from resque_core.records import Idle, Reservation, Spell, Stale, Verdict
from resque_core.storage import Storage
from resque_core.testing.contract.factories import a_failure, an_entry, sayings
from resque_core.testing.contract.scenes import (
    counted,
    every_failure,
    find_worker,
    hold,
    ids,
    join,
    let_lapse,
    snapshot,
    take,
)

MANY = 6


def take_some(storage: Storage, worker: str, most: int = 4) -> Reservation:
    """Reserve up to so many jobs in one step."""
    answer = storage.jobs.reserve(["mail"], worker, uuid4().hex, most=most)
    assert isinstance(answer, Reservation)
    return answer


def some(storage: Storage, most: int = 4) -> Reservation:
    """A bundle in the hands of a new worker, from a queue of `MANY`."""
    storage.jobs.enqueue(sayings(MANY))
    return take_some(storage, join(storage), most)


def names(held: Reservation) -> list[str]:
    """The ids of all jobs of a bundle, in order."""
    return [held.entry.id, *(entry.id for entry in held.bundle)]


def spells(held: Reservation, count: int | None = None) -> list[Spell]:
    """So many of its jobs are done; without a number, all."""
    return [Spell(job, number / 1000, (number + 1) / 1000) for number, job in enumerate(names(held)[:count])]


def everything() -> list[str]:
    """The ids of the queue, as it was at first."""
    return [entry.id for entry in sayings(MANY)]


def settle(storage: Storage, held: Reservation, how: str) -> None:
    """End a reservation in this way."""
    if how == "complete":
        assert storage.jobs.complete(held)
    elif how == "fail":
        assert storage.jobs.fail(held, a_failure(held))
    elif how == "release":
        assert storage.jobs.release(held)
    elif how == "reschedule":
        assert storage.jobs.reschedule(held, held.entry, timedelta(hours=1))
    else:
        # The one slot is taken, so the job is delayed.
        other = hold(storage, an_entry("images"))
        assert storage.jobs.admit(other, Limit("one", 1), 600)
        assert not storage.jobs.admit(held, Limit("one", 1), 600)


def test_a_bundle_is_the_head_of_one_queue_in_order(storage: Storage) -> None:
    """At least one job, at most as many as were asked for; the others wait."""
    held = some(storage)
    storage.jobs.enqueue([an_entry("images")])
    assert 1 <= len(names(held)) <= 4
    assert names(held) + ids(storage) == everything()
    assert all(entry == sayings(MANY)[number] for number, entry in enumerate((held.entry, *held.bundle)))
    assert held.rescues == 0
    assert ids(storage, "images") != []


def test_one_job_comes_alone_if_nobody_asks_for_more(storage: Storage) -> None:
    """As without bundles."""
    storage.jobs.enqueue(sayings(3))
    assert take(storage, join(storage)).bundle == ()


def test_no_more_come_than_wait(storage: Storage) -> None:
    """A short queue gives a small bundle."""
    storage.jobs.enqueue(sayings(2))
    held = take_some(storage, join(storage), 50)
    assert names(held) + ids(storage) == ["0", "1"]


def test_a_repeated_reservation_brings_the_same_bundle(storage: Storage) -> None:
    """Its reply was lost: nothing more is taken."""
    storage.jobs.enqueue(sayings(MANY))
    worker = join(storage)
    first = storage.jobs.reserve(["mail"], worker, "token", most=3)
    before = snapshot(storage)
    assert storage.jobs.reserve(["mail"], worker, "token", most=3) == first
    assert snapshot(storage) == before


def test_a_job_of_a_bundle_is_there_until_it_is_done(storage: Storage) -> None:
    """It cannot be enqueued, cancelled or deleted meanwhile, and its record says that it runs."""
    held = some(storage)
    before = snapshot(storage)
    assert storage.jobs.enqueue([held.entry, *held.bundle]) == 0
    assert not any(storage.jobs.cancel(job) for job in names(held))
    for job in names(held):
        standing = storage.records.read(job)
        assert standing
        assert standing.place == "running"
        assert standing.reservation
        assert standing.reservation.worker == held.worker
    assert snapshot(storage) == before
    assert not storage.workers.unregister(held.worker)


def test_a_whole_bundle_is_completed_and_the_next_one_comes(storage: Storage) -> None:
    """Each of its jobs is gone and counted."""
    held = some(storage)
    answer = storage.jobs.complete_and_reserve(held, ["mail"], "new", spells=spells(held), most=4)
    assert isinstance(answer, Reservation)
    done = len(names(held))
    assert counted(storage) == (done, 0)
    info = find_worker(storage, held.worker)
    assert info
    assert info.processed == done
    assert names(held) + names(answer) + ids(storage) == everything()
    assert all(storage.records.read(job) is None for job in names(held))


def test_a_worker_may_go_on_from_bundle_to_bundle(storage: Storage) -> None:
    """Every job comes once, in order, and nothing is left."""
    storage.jobs.enqueue(sayings(25))
    held = take_some(storage, join(storage))
    came = names(held)
    for _ in range(25):
        answer = storage.jobs.complete_and_reserve(held, ["mail"], uuid4().hex, spells=spells(held), most=4)
        if not isinstance(answer, Reservation):
            break
        held = answer
        came += names(held)
    assert answer == Idle()
    assert came == [entry.id for entry in sayings(25)]
    assert counted(storage) == (25, 0)
    assert storage.workers.unregister(held.worker)


def test_what_is_not_done_of_a_bundle_waits_again_in_order(storage: Storage) -> None:
    """At the head, without a rescue; and the worker goes on with the first of it."""
    held = some(storage)
    assert storage.jobs.complete_and_reserve(held, [], "new", spells=spells(held, 1)) == Idle()
    assert counted(storage) == (1, 0)
    assert ids(storage) == everything()[1:]
    assert take(storage, held.worker).rescues == 0


def test_what_came_along_goes_before_what_was_put_at_the_front_meanwhile(storage: Storage) -> None:
    """The head of the queue is where it was taken from."""
    held, front = some(storage), Entry("first", "mail", b'{"class":"Mail","args":[],"id":"first"}')
    storage.jobs.enqueue([front], at_front=True)
    assert storage.jobs.release(held)
    assert ids(storage) == [*names(held), "first", *everything()[len(names(held)) :]]


def test_a_repeated_completion_of_a_bundle_counts_nothing_twice(storage: Storage) -> None:
    """It returns what the first one brought."""
    held = some(storage)
    first = storage.jobs.complete_and_reserve(held, ["mail"], "new", spells=spells(held), most=2)
    before = snapshot(storage)
    again = storage.jobs.complete_and_reserve(held, ["mail"], "new", spells=spells(held), most=2)
    assert again == first
    assert snapshot(storage) == before


def test_nothing_of_a_bundle_is_completed_under_a_stale_token(storage: Storage) -> None:
    """Whatever its spells say."""
    held = some(storage)
    before = snapshot(storage)
    stale = replace(held, token="stale")  # noqa: S106
    assert storage.jobs.complete_and_reserve(stale, ["mail"], "new", spells=spells(held)) == Stale()
    assert storage.jobs.narrow(stale, spells(held, 1), names(held)[-1], "other") == Stale()
    assert snapshot(storage) == before


def test_each_job_of_a_bundle_counts_with_its_own_times(storage: Storage) -> None:
    """As long as its spell says, which here is longer than the call."""
    held = some(storage)
    jobs = names(held)
    long = [Spell(job, 40.0 * number, 40.0 * (number + 1)) for number, job in enumerate(jobs)]
    storage.jobs.complete_and_reserve(held, [], "new", spells=long if held.bundle else ())
    timings = storage.queues.timings(["mail"])["mail"]
    assert sum(timings.duration.counts) == len(jobs)
    if held.bundle:
        assert timings.duration.seconds == pytest.approx(40.0 * len(jobs), abs=0.01)
        waited = sum(40.0 * number for number in range(len(jobs)))
        assert timings.wait.seconds == pytest.approx(waited, abs=5)


@pytest.mark.parametrize("how", ["complete", "fail", "release", "reschedule", "admit"])
def test_any_other_end_of_a_reservation_puts_back_what_came_along(storage: Storage, how: str) -> None:
    """At the head of the queue, in order, without a rescue, and free to be taken."""
    held = some(storage)
    settle(storage, held, how)
    back = [] if how != "release" else [held.entry.id]
    assert ids(storage) == back + everything()[1:]
    assert storage.jobs.enqueue([*held.bundle]) == 0
    assert take(storage, held.worker).rescues == 0


def test_a_bundle_may_be_narrowed_to_the_job_that_runs(storage: Storage) -> None:
    """Those before it are done, those behind it wait, and it is held alone under a new token."""
    held = some(storage)
    done, (job, *rest) = spells(held, len(held.bundle) and 1), names(held)[len(held.bundle) and 1 :]
    answer = storage.jobs.narrow(held, done, job, "alone")
    assert isinstance(answer, Reservation)
    assert (answer.token, answer.worker, answer.entry.id, answer.bundle) == ("alone", held.worker, job, ())
    assert answer.rescues == 0
    assert answer.reserved_at is not None
    assert counted(storage) == (len(done), 0)
    assert ids(storage) == rest + everything()[len(names(held)) :]
    info = find_worker(storage, held.worker)
    assert info
    assert info.reservation == answer
    stale = replace(held, token="old")  # noqa: S106
    assert storage.jobs.complete_and_reserve(stale, [], "new") == Stale()
    assert not done or storage.jobs.complete(held)
    assert counted(storage) == (len(done), 0)
    assert storage.jobs.complete(answer)
    assert counted(storage) == (len(done) + 1, 0)


def test_a_bundle_may_be_narrowed_to_its_first_job(storage: Storage) -> None:
    """Nothing is done yet; what came along waits again."""
    held = some(storage)
    answer = storage.jobs.narrow(held, [], held.entry.id, "alone")
    assert isinstance(answer, Reservation)
    assert answer.entry == held.entry
    assert ids(storage) == everything()[1:]
    assert storage.jobs.release(answer)
    assert ids(storage) == everything()
    assert counted(storage) == (0, 0)


def test_a_bundle_may_be_narrowed_to_any_job_of_it_though_none_is_done(storage: Storage) -> None:
    """Those before it wait again, too, and all in their order."""
    held = some(storage)
    job = names(held)[-1]
    answer = storage.jobs.narrow(held, [], job, "alone")
    assert isinstance(answer, Reservation)
    assert answer.entry.id == job
    assert ids(storage) == [it for it in everything() if it != job]
    assert counted(storage) == (0, 0)


def test_narrowing_again_gives_the_same_reservation(storage: Storage) -> None:
    """Its reply was lost: nothing more is counted or moved."""
    held = some(storage)
    job = names(held)[-1]
    done = spells(held)[:-1]
    answer = storage.jobs.narrow(held, done, job, "alone")
    before = snapshot(storage)
    assert storage.jobs.narrow(held, done, job, "alone") == answer
    assert snapshot(storage) == before


def test_nothing_is_narrowed_once_the_worker_was_swept(storage: Storage) -> None:
    """Its jobs wait, and may be anybody's."""
    held = some(storage)
    storage.workers.sweep(let_lapse(storage, held.worker), Verdict())
    before = snapshot(storage)
    assert storage.jobs.narrow(held, spells(held, 1), names(held)[-1], "alone") == Stale()
    assert snapshot(storage) == before


def test_a_sweep_takes_back_a_whole_bundle(storage: Storage) -> None:
    """Each job with one rescue more, since nobody knows which of them had begun; they come one by one."""
    held = some(storage)
    seen = let_lapse(storage, held.worker)
    assert seen.reservation
    assert names(seen.reservation) == names(held)
    assert storage.workers.sweep(seen, Verdict())
    assert ids(storage) == everything()
    worker = join(storage)
    for job in names(held):
        rescued = take_some(storage, worker)
        assert (rescued.entry.id, rescued.rescues, rescued.bundle) == (job, 1, ())
        assert storage.jobs.complete(rescued)


def test_what_came_along_with_a_job_that_a_sweep_fails_waits_again(storage: Storage) -> None:
    """The verdict is about the first job alone."""
    held = some(storage)
    seen = let_lapse(storage, held.worker)
    failure = a_failure(held)
    assert storage.workers.sweep(seen, Verdict(failure))
    assert [it.id for it in every_failure(storage)] == [failure.id]
    assert ids(storage) == everything()[1:]


def test_a_bundle_ends_before_a_job_that_was_rescued(storage: Storage) -> None:
    """Such a job may be the one that kills its workers, so it comes alone."""
    rescued = hold(storage, sayings(1)[0])
    storage.workers.sweep(let_lapse(storage, rescued.worker), Verdict())
    storage.jobs.enqueue([Entry("before", "mail", b"{}")], at_front=True)
    storage.jobs.enqueue([Entry("behind", "mail", b"{}")])
    worker = join(storage)
    for job in ("before", "0"):
        held = take_some(storage, worker)
        assert names(held) == [job]
        storage.jobs.complete(held)


def test_a_job_whose_claim_ends_at_its_start_does_not_come_along(storage: Storage) -> None:
    """What comes along is not begun yet, and may go back: then it must have its claim."""
    first, second = sayings(2)
    storage.jobs.enqueue([first])
    storage.jobs.enqueue_unique([second], [Claim("key", "start")])
    held = take_some(storage, join(storage))
    assert names(held) == ["0"]
    other = Entry("other", "mail", b"{}")
    assert storage.jobs.enqueue_unique([other], [Claim("key", "start")]) == {"other": "1"}


def test_a_claim_ends_with_its_job_in_a_bundle(storage: Storage) -> None:
    """Until then it is held; and from then on another may have it."""
    first, second = sayings(2)
    storage.jobs.enqueue([first])
    storage.jobs.enqueue_unique([second], [Claim("key", "done")])
    held = take_some(storage, join(storage))
    other = Entry("other", "images", b"{}")
    assert storage.jobs.enqueue_unique([other], [Claim("key", "done")]) == {"other": "1"}
    storage.jobs.complete_and_reserve(held, [], "new", spells=spells(held))
    if held.bundle:
        assert storage.jobs.enqueue_unique([other], [Claim("key", "done")]) == {}


def test_a_bundle_survives_the_removal_of_its_queue(storage: Storage) -> None:
    """Jobs in flight go on; and if they go back, the queue is known again."""
    held = some(storage)
    storage.queues.remove("mail")
    storage.jobs.narrow(held, [], held.entry.id, "alone")
    assert ids(storage) == [entry.id for entry in held.bundle]
    if held.bundle:
        assert [queue.name for queue in storage.queues.all()] == ["mail"]
