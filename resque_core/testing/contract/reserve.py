"""`jobs.reserve`: the head of the first queue that has a job, into the hands of one worker."""

from uuid import uuid4

import pytest

from resque_core.errors import WorkerBusyError
from resque_core.records import ALL_QUEUES, Idle, Lost, Reservation
from resque_core.storage import Storage
from resque_core.testing.contract.factories import an_entry, numbered
from resque_core.testing.contract.scenes import find_worker, ids, join, let_lapse, snapshot, take


def test_the_head_of_the_queue_is_reserved(storage: Storage) -> None:
    """First in, first out."""
    storage.jobs.enqueue(numbered(3))
    assert take(storage, join(storage)).entry == numbered(1)[0]
    assert ids(storage) == ["1", "2"]


def test_jobs_are_reserved_in_the_order_in_which_they_were_enqueued(storage: Storage) -> None:
    """Also past the tenth, where numbers and texts sort differently."""
    storage.jobs.enqueue(numbered(25))
    worker, taken = join(storage), []
    for _ in range(25):
        held = take(storage, worker)
        taken.append(held.entry)
        storage.jobs.complete(held)
    assert taken == numbered(25)


def test_the_first_queue_that_has_a_job_is_served(storage: Storage) -> None:
    """The caller's order of queues decides, not the age of the jobs, and not their names."""
    old, young = an_entry("a-later"), an_entry("z-sooner")
    storage.jobs.enqueue([old])
    storage.jobs.enqueue([young])
    worker = join(storage)
    assert take(storage, worker, "empty", "z-sooner", "a-later").entry == young


def test_a_queue_that_was_not_asked_for_is_left_alone(storage: Storage) -> None:
    """Not even by a name that looks like a pattern."""
    storage.jobs.enqueue([an_entry("images")])
    for queues in ([], ["mail"], ["*"], ["image%"], ["IMAGES"]):
        assert storage.jobs.reserve(queues, join(storage), uuid4().hex) == Idle()


def test_a_reservation_says_what_is_held(storage: Storage) -> None:
    """Token, worker, the entry byte for byte, no rescues, and the time by the store's clock."""
    entry, worker = an_entry(), join(storage)
    storage.jobs.enqueue([entry])
    before = storage.workers.beat(worker, 60).now
    held = storage.jobs.reserve(["mail"], worker, "my token")
    after = storage.workers.beat(worker, 60).now
    assert isinstance(held, Reservation)
    assert held == Reservation("my token", worker, entry, 0, held.reserved_at)
    assert held.reserved_at is not None
    assert before - 0.01 <= held.reserved_at.timestamp() <= after + 0.01


def test_a_reserved_job_is_in_the_hands_of_its_worker_and_nowhere_else(storage: Storage) -> None:
    """The queue lost it in the step in which the worker's record got it."""
    storage.jobs.enqueue([an_entry()])
    worker = join(storage)
    held = take(storage, worker)
    info = find_worker(storage, worker)
    assert info
    assert info.reservation == held
    assert storage.queues.size("mail") == 0


def test_two_workers_hold_two_jobs(storage: Storage) -> None:
    """No job is reserved twice."""
    storage.jobs.enqueue(numbered(2))
    assert take(storage, join(storage)).entry.id == "0"
    assert take(storage, join(storage)).entry.id == "1"


def test_the_same_token_again_gives_the_same_reservation(storage: Storage) -> None:
    """The reply was lost, and the worker asks again: nothing more is taken."""
    storage.jobs.enqueue(numbered(2))
    worker = join(storage)
    first = storage.jobs.reserve(["mail"], worker, "token", discover=True)
    before = snapshot(storage)
    assert storage.jobs.reserve(["mail"], worker, "token", discover=True) == first
    assert snapshot(storage) == before


def test_the_same_token_again_gives_the_reservation_even_when_nothing_waits(storage: Storage) -> None:
    """Neither an empty nor a paused queue hides what the worker already holds."""
    storage.jobs.enqueue([an_entry()])
    worker = join(storage)
    first = storage.jobs.reserve(["mail"], worker, "token")
    storage.queues.pause(ALL_QUEUES)
    assert storage.jobs.reserve(["mail"], worker, "token") == first
    assert storage.jobs.reserve(["images"], worker, "token") == first


def test_a_worker_that_holds_a_job_gets_no_other(storage: Storage) -> None:
    """It has to settle first, and is told so; nothing changes."""
    storage.jobs.enqueue(numbered(2))
    worker = join(storage)
    take(storage, worker)
    before = snapshot(storage)
    with pytest.raises(WorkerBusyError):
        storage.jobs.reserve(["mail"], worker, uuid4().hex)
    assert snapshot(storage) == before


def test_a_worker_that_holds_a_job_is_busy_even_when_nothing_waits(storage: Storage) -> None:
    """`Idle` would let it believe that it has nothing to settle."""
    storage.jobs.enqueue([an_entry()])
    worker = join(storage)
    take(storage, worker)
    with pytest.raises(WorkerBusyError):
        storage.jobs.reserve(["mail"], worker, uuid4().hex)


def test_an_unregistered_worker_is_lost(storage: Storage) -> None:
    """It gets no job, since no sweep would find it."""
    storage.jobs.enqueue(numbered(1))
    assert storage.jobs.reserve(["mail"], "nobody", uuid4().hex) == Lost()
    assert ids(storage) == ["0"]


def test_an_unregistered_worker_is_lost_even_when_nothing_waits(storage: Storage) -> None:
    """So it learns soon that it needs a new identity."""
    worker = join(storage)
    storage.workers.unregister(worker)
    assert storage.jobs.reserve(["mail"], worker, uuid4().hex) == Lost()


def test_a_lapsed_worker_that_nobody_swept_may_still_reserve(storage: Storage) -> None:
    """Only a sweep ends a worker; what it takes now, the sweep will find."""
    worker = join(storage)
    let_lapse(storage, worker)
    storage.jobs.enqueue([an_entry()])
    held = take(storage, worker)
    assert storage.workers.lapsed()[0].reservation == held


def test_nothing_to_reserve_is_idle(storage: Storage) -> None:
    """Neither an unknown queue nor a known and empty one is an error."""
    worker = join(storage)
    assert storage.jobs.reserve(["mail"], worker, uuid4().hex) == Idle()
    storage.jobs.enqueue([an_entry()])
    storage.queues.clear("mail")
    assert storage.jobs.reserve(["mail"], worker, uuid4().hex) == Idle()


def test_known_queues_are_named_on_request(storage: Storage) -> None:
    """With the job and without one; also the empty ones."""
    storage.jobs.enqueue([an_entry("mail"), an_entry("images")])
    worker = join(storage)
    held = storage.jobs.reserve(["mail"], worker, uuid4().hex, discover=True)
    assert isinstance(held, Reservation)
    assert sorted(held.known) == ["images", "mail"]
    storage.jobs.complete(held)
    idle = storage.jobs.reserve(["mail"], worker, uuid4().hex, discover=True)
    assert isinstance(idle, Idle)
    assert sorted(idle.known) == ["images", "mail"]


def test_known_queues_are_not_named_unasked(storage: Storage) -> None:
    """Workers that know their queues should not pay for the names."""
    storage.jobs.enqueue([an_entry("mail"), an_entry("images")])
    held = take(storage, join(storage))
    assert held.known == ()
    assert storage.jobs.reserve(["mail"], join(storage), uuid4().hex) == Idle(known=())


def test_a_paused_queue_is_passed_over(storage: Storage) -> None:
    """The next one is served; `Idle.paused` speaks of the pause of every queue only."""
    paused, running = an_entry("mail"), an_entry("images")
    storage.jobs.enqueue([paused, running])
    storage.queues.pause("mail")
    worker = join(storage)
    held = take(storage, worker, "mail", "images")
    assert held.entry == running
    storage.jobs.complete(held)
    assert storage.jobs.reserve(["mail"], worker, uuid4().hex) == Idle(paused=False)


def test_a_pause_of_every_queue_stops_all_and_is_said(storage: Storage) -> None:
    """New queues included."""
    storage.queues.pause(ALL_QUEUES)
    storage.jobs.enqueue([an_entry("mail"), an_entry("images")])
    answer = storage.jobs.reserve(["mail", "images"], join(storage), uuid4().hex)
    assert answer == Idle(paused=True)


def test_a_resumed_queue_goes_on_where_it_was(storage: Storage) -> None:
    """A pause moves nothing."""
    storage.jobs.enqueue(numbered(2))
    for name in ("mail", ALL_QUEUES):
        storage.queues.pause(name)
        storage.queues.resume(name)
    held = take(storage, join(storage))
    assert held.entry == numbered(1)[0]
