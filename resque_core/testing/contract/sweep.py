"""`workers.lapsed` and `workers.sweep`: how the jobs of dead workers are rescued, and of live ones not."""

from uuid import uuid4

from resque_core.records import Lapsed, Lost, Verdict
from resque_core.storage import Storage
from resque_core.testing.contract.factories import a_failure, an_entry, numbered
from resque_core.testing.contract.scenes import (
    LONG,
    counted,
    every_failure,
    find_lapsed,
    find_worker,
    hold,
    ids,
    join,
    let_lapse,
    snapshot,
    take,
    until,
)

BACK = Verdict()


def test_a_leased_worker_is_not_lapsed(storage: Storage) -> None:
    """Whether it beat or only registered, and whether it holds a job or not."""
    hold(storage)
    storage.workers.beat(join(storage), LONG)
    assert list(storage.workers.lapsed()) == []


def test_a_worker_whose_lease_is_over_is_lapsed(storage: Storage) -> None:
    """With the job that it holds; leases that registration gave end as well."""
    held = hold(storage)
    idle = join(storage, lease=0)
    assert let_lapse(storage, held.worker) == Lapsed(held.worker, held)
    assert until(lambda: find_lapsed(storage, idle)) == Lapsed(idle, None)


def test_a_lease_ends_by_itself(storage: Storage) -> None:
    """A tenth of a second later, and not before."""
    worker = join(storage)
    start = storage.workers.beat(worker, 0.1).now
    until(lambda: find_lapsed(storage, worker))
    assert storage.workers.beat(worker, 60).now - start >= 0.1 - 0.01


def test_the_longest_lapsed_come_first_and_only_so_many(storage: Storage) -> None:
    """So that a sweep that does a few at a time reaches everybody."""
    workers = [join(storage) for _ in range(4)]
    order = [workers[2], workers[0], workers[3], workers[1]]
    for worker in order:
        let_lapse(storage, worker)
        let_the_clock_move(storage, worker)
    assert [seen.worker for seen in storage.workers.lapsed()] == order
    assert [seen.worker for seen in storage.workers.lapsed(limit=2)] == order[:2]


def let_the_clock_move(storage: Storage, worker: str) -> None:
    """Wait until the store's clock shows that this worker lapsed some milliseconds ago."""
    until(lambda: any(it.id == worker and it.lease_left < -0.005 for it in storage.workers.all()))


def test_a_rescued_job_is_at_the_head_of_its_queue(storage: Storage) -> None:
    """With its bytes, before those that came later; its worker is forgotten, and nothing is counted."""
    storage.jobs.enqueue(numbered(3))
    worker = join(storage)
    take(storage, worker)
    assert storage.workers.sweep(let_lapse(storage, worker), BACK)
    assert storage.queues.peek("mail", 0, 10) == numbered(3)
    assert find_worker(storage, worker) is None
    assert counted(storage) == (0, 0)


def test_each_rescue_is_counted_on_the_job(storage: Storage) -> None:
    """However many workers die of it; a release in between neither adds nor forgets."""
    storage.jobs.enqueue([an_entry(), an_entry()])
    for rescues in range(4):
        worker = join(storage)
        held = take(storage, worker)
        assert held.rescues == rescues
        storage.jobs.release(held)
        take(storage, worker)
        seen = let_lapse(storage, worker)
        assert seen.reservation
        assert seen.reservation.rescues == rescues
        storage.workers.sweep(seen, BACK)


def test_a_done_job_leaves_no_rescues_to_its_successor(storage: Storage) -> None:
    """The same id enqueued anew begins at none."""
    held = hold(storage)
    storage.workers.sweep(let_lapse(storage, held.worker), BACK)
    worker = join(storage)
    storage.jobs.complete(take(storage, worker))
    storage.jobs.enqueue([held.entry])
    assert take(storage, worker).rescues == 0


def test_a_job_that_is_given_up_is_in_the_failed_store(storage: Storage) -> None:
    """Counted processed and failed, on no queue; its worker is forgotten."""
    held = hold(storage)
    failure = a_failure(held, exception="PruneDeadWorkerDirtyExit")
    assert storage.workers.sweep(let_lapse(storage, held.worker), Verdict(failure))
    assert every_failure(storage) == [failure]
    assert ids(storage) == []
    assert counted(storage) == (1, 1)
    assert list(storage.workers.all()) == []


def test_an_idle_worker_is_swept_away(storage: Storage) -> None:
    """There is no job to decide about."""
    worker = join(storage)
    assert storage.workers.sweep(let_lapse(storage, worker), BACK)
    assert list(storage.workers.all()) == []
    assert list(storage.queues.all()) == []
    assert counted(storage) == (0, 0)


def test_a_sweep_spares_other_workers(storage: Storage) -> None:
    """Lapsed or not, with their jobs."""
    dead, lapsed, alive = hold(storage), hold(storage), hold(storage)
    let_lapse(storage, lapsed.worker)
    assert storage.workers.sweep(let_lapse(storage, dead.worker), BACK)
    assert {info.id for info in storage.workers.all()} == {lapsed.worker, alive.worker}
    assert storage.jobs.complete(lapsed)
    assert storage.jobs.complete(alive)


def test_a_swept_worker_is_lost(storage: Storage) -> None:
    """Whatever it tries: it beats, settles, reserves and listens in vain."""
    held = hold(storage)
    storage.workers.sweep(let_lapse(storage, held.worker), BACK)
    before = snapshot(storage)
    assert storage.workers.beat(held.worker, 60).alive is False
    assert storage.jobs.complete(held) is False
    assert storage.jobs.fail(held, a_failure(held)) is False
    assert storage.jobs.release(held) is False
    assert storage.jobs.reserve(["mail"], held.worker, uuid4().hex) == Lost()
    assert storage.workers.command(held.worker, "quiet") is False
    assert snapshot(storage) == before


def test_a_swept_worker_cannot_settle_the_next_holders_job(storage: Storage) -> None:
    """The job is another's now, under another token."""
    held = hold(storage)
    storage.workers.sweep(let_lapse(storage, held.worker), BACK)
    again = take(storage, join(storage))
    assert again.entry == held.entry
    assert storage.jobs.complete(held) is False
    assert storage.jobs.complete(again)
    assert counted(storage) == (1, 0)


def test_a_job_rescued_to_a_removed_queue_makes_it_known_again(storage: Storage) -> None:
    """A job on a queue that no list shows would be as good as lost."""
    held = hold(storage)
    storage.queues.remove("mail")
    storage.workers.sweep(let_lapse(storage, held.worker), BACK)
    assert [(info.name, info.size) for info in storage.queues.all()] == [("mail", 1)]


def test_a_job_is_rescued_onto_a_paused_queue(storage: Storage) -> None:
    """It waits there until the pause is over."""
    held = hold(storage)
    storage.queues.pause("mail")
    assert storage.workers.sweep(let_lapse(storage, held.worker), BACK)
    assert ids(storage) == [held.entry.id]
    assert storage.queues.paused() == {"mail"}


def test_a_forced_sweep_asks_for_no_lease(storage: Storage) -> None:
    """An operator may remove a worker that lives; it is told so, as a swept one is."""
    held = hold(storage)
    assert storage.workers.sweep(Lapsed(held.worker, held), BACK) is False
    assert storage.workers.sweep(Lapsed(held.worker, held), BACK, forced=True)
    assert ids(storage) == [held.entry.id]
    assert storage.workers.beat(held.worker, 60).alive is False
    assert storage.jobs.complete(held) is False


def test_a_forced_sweep_fails_the_job_if_that_is_the_verdict(storage: Storage) -> None:
    """Counted as ever."""
    held = hold(storage)
    failure = a_failure(held)
    assert storage.workers.sweep(Lapsed(held.worker, held), Verdict(failure), forced=True)
    assert every_failure(storage) == [failure]
    assert counted(storage) == (1, 1)
    assert list(storage.workers.all()) == []


def test_a_forced_sweep_is_of_what_was_seen_only(storage: Storage) -> None:
    """Not of a worker that settled or took a job since, and not of one that is not there."""
    held = hold(storage)
    assert storage.workers.sweep(Lapsed(held.worker), BACK, forced=True) is False
    assert storage.workers.sweep(Lapsed("nobody"), BACK, forced=True) is False
    storage.jobs.complete(held)
    assert storage.workers.sweep(Lapsed(held.worker, held), BACK, forced=True) is False
    assert [info.reservation for info in storage.workers.all()] == [None]
    assert storage.workers.sweep(Lapsed(held.worker), BACK, forced=True)
    assert list(storage.workers.all()) == []
