"""Two namespaces in one store know nothing of each other."""

from collections.abc import Callable
from uuid import uuid4

import pytest

from resque_core.records import Idle, Lost, Verdict
from resque_core.storage import Storage
from resque_core.testing.contract.factories import a_worker, an_entry
from resque_core.testing.contract.fixtures import OpenAnother
from resque_core.testing.contract.scenes import (
    Snapshot,
    bury,
    counted,
    hold,
    ids,
    join,
    let_lapse,
    snapshot,
    take,
)


def test_a_job_is_in_one_namespace(storage: Storage, neighbour: Storage) -> None:
    """The same id and queue in both are two jobs."""
    here, there = an_entry(id="twin", payload=b"here"), an_entry(id="twin", payload=b"there")
    assert storage.jobs.enqueue([here]) == neighbour.jobs.enqueue([there]) == 1
    assert take(neighbour, join(neighbour)).entry == there
    assert take(storage, join(storage)).entry == here


def test_nothing_of_one_namespace_is_seen_in_another(storage: Storage, neighbour: Storage) -> None:
    """No queue, job, pause, failure, worker or counter."""
    fill(storage)
    assert snapshot(neighbour) == Snapshot({}, [], frozenset(), [], [], {})
    assert list(neighbour.workers.lapsed()) == []
    assert sum(bucket.value for bucket in neighbour.stats.history("mails", "day", 2)) == 0


def fill(storage: Storage) -> None:
    """Some of everything."""
    bury(storage)
    hold(storage)
    let_lapse(storage, join(storage))
    storage.jobs.enqueue([an_entry()])
    storage.queues.pause("mail")
    storage.queues.pause("*")
    storage.stats.increment("mails")


def test_nothing_done_in_one_namespace_changes_another(storage: Storage, neighbour: Storage) -> None:
    """Not even what deletes all that it finds."""
    fill(storage)
    before = snapshot(storage)
    fill(neighbour)
    neighbour.failures.clear()
    neighbour.queues.resume("*")
    neighbour.queues.remove("mail")
    neighbour.stats.clear("mails")
    for seen in neighbour.workers.lapsed():
        neighbour.workers.sweep(seen, Verdict())
    assert snapshot(storage) == before


def test_a_worker_is_registered_in_one_namespace(storage: Storage, neighbour: Storage) -> None:
    """Elsewhere it is unknown."""
    worker = a_worker()
    storage.workers.register(worker, 60)
    assert neighbour.workers.beat(worker.id, 60).alive is False
    assert neighbour.workers.command(worker.id, "stop") is False
    assert neighbour.jobs.reserve(["mail"], worker.id, uuid4().hex) == Lost()


def test_a_reservation_is_settled_in_its_own_namespace(storage: Storage, neighbour: Storage) -> None:
    """Even if a worker of the same name is at home in both."""
    held = hold(storage)
    neighbour.workers.register(a_worker(id=held.worker), 60)
    assert neighbour.jobs.complete(held) is False
    assert neighbour.jobs.release(held) is False
    assert counted(neighbour) == (0, 0)
    assert storage.jobs.complete(held)


def test_a_pause_is_for_one_namespace(storage: Storage, neighbour: Storage) -> None:
    """Of a queue and of all."""
    neighbour.jobs.enqueue([an_entry()])
    storage.queues.pause("mail")
    storage.queues.pause("*")
    assert not isinstance(neighbour.jobs.reserve(["mail"], join(neighbour), uuid4().hex), Idle)


@pytest.mark.parametrize(
    "take_away",
    [
        pytest.param(lambda storage: storage.queues.pop("mail"), id="pop"),
        pytest.param(lambda storage: storage.queues.clear("mail"), id="clear"),
        pytest.param(lambda storage: storage.queues.remove("mail"), id="remove"),
        pytest.param(lambda storage: storage.queues.dequeue("mail", lambda _: True), id="dequeue"),
    ],
)
def test_jobs_are_taken_away_in_one_namespace(
    storage: Storage, open_another: OpenAnother, namespace: str, take_away: Callable[[Storage], object]
) -> None:
    """From the queue of the same name elsewhere, none."""
    entry = an_entry()
    storage.jobs.enqueue([entry])
    elsewhere = open_another(namespace + "2")
    elsewhere.prepare()
    take_away(elsewhere)
    assert ids(storage) == [entry.id]


def test_a_failure_is_found_in_one_namespace(
    storage: Storage, open_another: OpenAnother, namespace: str
) -> None:
    """By its id, elsewhere there is none to get, requeue or remove."""
    failure = bury(storage)
    elsewhere = open_another(namespace + "2")
    elsewhere.prepare()
    assert elsewhere.failures.get(failure.id) is None
    assert elsewhere.failures.requeue({failure.id: None}) == []
    assert elsewhere.failures.remove([failure.id]) == []
    assert storage.failures.get(failure.id) == failure
