"""`jobs.complete_and_reserve`: a busy worker goes from one job to the next in one call."""

from dataclasses import replace
from uuid import uuid4

import pytest

from resque_core.errors import WorkerBusyError
from resque_core.records import ALL_QUEUES, Idle, Reservation, Stale, Verdict
from resque_core.storage import Storage
from resque_core.testing.contract.factories import an_entry, numbered
from resque_core.testing.contract.fixtures import OpenAnother
from resque_core.testing.contract.scenes import (
    counted,
    find_worker,
    hold,
    ids,
    join,
    let_lapse,
    snapshot,
    take,
)


def go_on(storage: Storage, done: Reservation, *queues: str) -> Reservation:
    """Complete a job, and reserve the next one, which must be there."""
    answer = storage.jobs.complete_and_reserve(done, queues or ("mail",), uuid4().hex)
    assert isinstance(answer, Reservation)
    return answer


def test_one_job_is_completed_and_the_next_is_held(storage: Storage) -> None:
    """The first is gone and counted; the worker has the second, under the new token."""
    storage.jobs.enqueue(numbered(3))
    first = take(storage, join(storage))
    second = storage.jobs.complete_and_reserve(first, ["mail"], "new")
    assert isinstance(second, Reservation)
    assert second == Reservation("new", first.worker, numbered(2)[1], 0, second.reserved_at)
    assert second.reserved_at is not None
    info = find_worker(storage, first.worker)
    assert info
    assert (info.reservation, info.processed) == (second, 1)
    assert counted(storage) == (1, 0)
    assert ids(storage) == ["2"]


def test_a_worker_may_go_on_and_on_in_order(storage: Storage) -> None:
    """Each call completes one and takes one, until nothing waits."""
    storage.jobs.enqueue(numbered(25))
    held = take(storage, join(storage))
    for entry in numbered(24, start=1):
        held = go_on(storage, held)
        assert held.entry == entry
    assert storage.jobs.complete_and_reserve(held, ["mail"], uuid4().hex) == Idle()
    assert counted(storage) == (25, 0)
    assert storage.workers.unregister(held.worker)


def test_a_job_is_completed_even_if_no_queue_is_named(storage: Storage) -> None:
    """Whatever waits."""
    storage.jobs.enqueue(numbered(2))
    held = take(storage, join(storage))
    assert storage.jobs.complete_and_reserve(held, [], uuid4().hex) == Idle()
    assert counted(storage) == (1, 0)
    assert ids(storage) == ["1"]


def test_a_job_is_completed_under_a_pause_and_none_follows(storage: Storage) -> None:
    """Jobs in flight go on; the answer says why nothing comes."""
    storage.jobs.enqueue(numbered(2))
    held = take(storage, join(storage))
    storage.queues.pause(ALL_QUEUES)
    assert storage.jobs.complete_and_reserve(held, ["mail"], uuid4().hex) == Idle(paused=True)
    assert counted(storage) == (1, 0)
    assert ids(storage) == ["1"]


def test_no_job_follows_from_a_queue_that_was_paused_meanwhile(storage: Storage) -> None:
    """Not even from the one that the worker goes on with; another may be served."""
    storage.jobs.enqueue([*numbered(2), an_entry("images")])
    held = take(storage, join(storage))
    storage.queues.pause("mail")
    answer = storage.jobs.complete_and_reserve(held, ["mail", "images"], uuid4().hex)
    assert isinstance(answer, Reservation)
    assert answer.entry.queue == "images"
    assert ids(storage) == ["1"]


def test_who_goes_on_from_job_to_job_heeds_a_pause_once_it_is_done(
    storage: Storage, open_another: OpenAnother
) -> None:
    """That there was none a moment ago says nothing; and nothing of a pause stays when it is over."""
    others = open_another()
    storage.jobs.enqueue(numbered(5))
    held = take(storage, join(storage))
    for paused in ("mail", ALL_QUEUES):
        held = go_on(storage, held)
        others.queues.pause(paused)
        assert isinstance(storage.jobs.complete_and_reserve(held, ["mail"], uuid4().hex), Idle)
        others.queues.resume(paused)
        held = take(storage, held.worker)
    assert ids(storage) == []


def test_the_next_job_comes_from_the_first_queue_that_may_be_served(storage: Storage) -> None:
    """As with `reserve`: the caller's order decides, pauses are kept, and names are told on request."""
    held = hold(storage)
    paused, later, sooner = an_entry("paused"), an_entry("later"), an_entry("sooner")
    storage.jobs.enqueue([paused, later, sooner])
    storage.queues.pause("paused")
    queues = ["empty", "paused", "sooner", "later"]
    answer = storage.jobs.complete_and_reserve(held, queues, uuid4().hex, discover=True)
    assert isinstance(answer, Reservation)
    assert answer.entry == sooner
    assert sorted(answer.known) == ["later", "mail", "paused", "sooner"]


def test_known_queues_are_named_when_no_job_follows(storage: Storage) -> None:
    """A worker of all queues hears of a new one without another call."""
    held = hold(storage)
    storage.jobs.enqueue([an_entry("images")])
    answer = storage.jobs.complete_and_reserve(held, ["mail"], uuid4().hex, discover=True)
    assert isinstance(answer, Idle)
    assert sorted(answer.known) == ["images", "mail"]


def test_nothing_is_reserved_for_a_stale_token(storage: Storage) -> None:
    """The worker holds this very job, but under another token; and more jobs wait."""
    held = hold(storage)
    storage.jobs.enqueue(numbered(1))
    before = snapshot(storage)
    stale = replace(held, token=held.token[::-1])
    assert storage.jobs.complete_and_reserve(stale, ["mail"], uuid4().hex) == Stale()
    assert snapshot(storage) == before


def test_nothing_is_reserved_for_a_worker_that_was_swept(storage: Storage) -> None:
    """Its job is back on its queue, and stays there."""
    held = hold(storage)
    storage.workers.sweep(let_lapse(storage, held.worker), Verdict())
    before = snapshot(storage)
    assert storage.jobs.complete_and_reserve(held, ["mail"], uuid4().hex) == Stale()
    assert snapshot(storage) == before
    assert ids(storage) == [held.entry.id]


def test_a_repeated_call_gives_the_same_reservation(storage: Storage) -> None:
    """Its reply was lost: nothing more is completed, and nothing more is taken, even if all is paused."""
    storage.jobs.enqueue(numbered(3))
    first = take(storage, join(storage))
    second = storage.jobs.complete_and_reserve(first, ["mail"], "new", discover=True)
    before = snapshot(storage)
    assert storage.jobs.complete_and_reserve(first, ["mail"], "new", discover=True) == second
    assert snapshot(storage) == before
    storage.queues.pause(ALL_QUEUES)
    assert storage.jobs.complete_and_reserve(first, ["mail"], "new", discover=True) == second
    assert counted(storage) == (1, 0)


def test_a_repeated_call_that_found_nothing_looks_again(storage: Storage) -> None:
    """A job that came meanwhile is taken, and the old one is counted once."""
    first = hold(storage)
    storage.jobs.complete_and_reserve(first, ["mail"], "new")
    storage.jobs.enqueue([an_entry()])
    answer = storage.jobs.complete_and_reserve(first, ["mail"], "new")
    assert isinstance(answer, Reservation)
    assert counted(storage) == (1, 0)


def test_after_a_lost_reply_the_two_steps_may_be_asked_for_one_by_one(storage: Storage) -> None:
    """The job says that it is completed, and the token brings the reservation that was made for it."""
    storage.jobs.enqueue(numbered(3))
    first = take(storage, join(storage))
    second = storage.jobs.complete_and_reserve(first, ["mail"], "new")
    before = snapshot(storage)
    assert storage.jobs.complete(first)
    assert storage.jobs.reserve(["mail"], first.worker, "new") == second
    assert snapshot(storage) == before


def test_a_completed_job_may_be_followed_later(storage: Storage) -> None:
    """It was completed by itself; now the next one is wanted, too."""
    storage.jobs.enqueue(numbered(2))
    first = take(storage, join(storage))
    storage.jobs.complete(first)
    assert go_on(storage, first).entry.id == "1"
    assert counted(storage) == (1, 0)


def test_a_worker_that_holds_another_job_gets_no_third(storage: Storage) -> None:
    """The old job's token is the one that was settled last: so the worker is busy, and is told so."""
    storage.jobs.enqueue(numbered(3))
    first = take(storage, join(storage))
    go_on(storage, first)
    before = snapshot(storage)
    with pytest.raises(WorkerBusyError):
        storage.jobs.complete_and_reserve(first, ["mail"], uuid4().hex)
    assert snapshot(storage) == before
