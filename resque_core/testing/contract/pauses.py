"""`queues.pause`, `resume`, `paused` and `latencies`. How a pause stops workers is in `reserve.py`."""

from resque_core.records import ALL_QUEUES
from resque_core.storage import Storage
from resque_core.testing.contract.factories import ODD_TEXTS, an_entry, numbered
from resque_core.testing.contract.scenes import join, until


def test_a_pause_is_seen(storage: Storage) -> None:
    """Among the names, and on the queue."""
    storage.jobs.enqueue([an_entry("mail"), an_entry("images")])
    storage.queues.pause("mail")
    assert storage.queues.paused() == {"mail"}
    assert [(info.name, info.paused) for info in storage.queues.all()] == [("images", False), ("mail", True)]


def test_a_pause_of_every_queue_is_a_name_of_its_own(storage: Storage) -> None:
    """It marks no single queue, and is no queue."""
    storage.jobs.enqueue([an_entry("mail")])
    storage.queues.pause(ALL_QUEUES)
    assert storage.queues.paused() == {ALL_QUEUES}
    assert [(info.name, info.paused) for info in storage.queues.all()] == [("mail", False)]


def test_a_queue_can_be_paused_before_its_first_job(storage: Storage) -> None:
    """The pause waits for it; only a job makes the queue known."""
    storage.queues.pause("mail")
    assert list(storage.queues.all()) == []
    storage.jobs.enqueue([an_entry("mail")])
    assert [(info.name, info.paused) for info in storage.queues.all()] == [("mail", True)]


def test_each_resume_undoes_the_pause_of_its_own_name(storage: Storage) -> None:
    """A general resume leaves the queues paused that were paused by name, and the other way round."""
    for name in ("mail", "images", ALL_QUEUES):
        storage.queues.pause(name)
    storage.queues.resume(ALL_QUEUES)
    assert storage.queues.paused() == {"mail", "images"}
    storage.queues.resume("images")
    assert storage.queues.paused() == {"mail"}


def test_a_paused_queue_still_takes_jobs(storage: Storage) -> None:
    """Producers need not care."""
    storage.queues.pause("mail")
    storage.queues.pause(ALL_QUEUES)
    assert storage.jobs.enqueue(numbered(2)) == 2


def test_an_empty_queue_has_no_latency(storage: Storage) -> None:
    """Also once it was full."""
    storage.jobs.enqueue([an_entry()])
    storage.queues.pop("mail")
    assert storage.queues.latencies(["mail"])["mail"] == 0.0


def test_the_latencies_of_several_queues_are_asked_for_at_once(storage: Storage) -> None:
    """Each has its own, whatever its name and however often it is asked for."""
    queues = [*ODD_TEXTS, "empty", "empty"]
    storage.jobs.enqueue([an_entry(queue) for queue in ODD_TEXTS])
    storage.jobs.enqueue([an_entry(queue) for queue in ODD_TEXTS], at_front=True)
    assert storage.queues.latencies(queues).keys() == set(queues)
    until(lambda: all(seconds > 0 for seconds in storage.queues.latencies(ODD_TEXTS).values()))
    assert storage.queues.latencies(queues)["empty"] == 0.0


def test_latency_grows_while_a_job_waits(storage: Storage) -> None:
    """By the store's clock: never more than has passed there."""
    worker = join(storage)
    before = storage.workers.beat(worker, 60).now
    storage.jobs.enqueue([an_entry()])
    first = until(lambda: storage.queues.latencies(["mail"])["mail"])
    second = until(lambda: max(0.0, storage.queues.latencies(["mail"])["mail"] - first))
    assert 0 < first < first + second <= storage.workers.beat(worker, 60).now - before + 0.01


def test_latency_is_that_of_the_oldest_not_of_the_head(storage: Storage) -> None:
    """A job put at the front is young."""
    storage.jobs.enqueue([an_entry()])
    until(lambda: storage.queues.latencies(["mail"])["mail"] > 0.05)
    storage.jobs.enqueue([an_entry()], at_front=True)
    assert storage.queues.latencies(["mail"])["mail"] > 0.05


def test_latency_is_that_of_the_oldest_that_still_waits(storage: Storage) -> None:
    """Neither of one that was taken, nor of one on another queue."""
    storage.jobs.enqueue([an_entry("mail"), an_entry("images")])
    until(lambda: min(storage.queues.latencies(["mail", "images"]).values()) > 0.05)
    storage.queues.pop("mail")
    worker = join(storage)
    before = storage.workers.beat(worker, 60).now
    storage.jobs.enqueue([an_entry("mail")])
    latency = storage.queues.latencies(["mail"])["mail"]
    assert latency <= storage.workers.beat(worker, 60).now - before + 0.01
    assert storage.queues.latencies(["images"])["images"] > 0.05
