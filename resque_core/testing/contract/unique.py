"""`jobs.enqueue_unique`: a claim keeps others out, and is gone with the job that it lives with."""

from collections.abc import Callable
from uuid import uuid4

import pytest

from resque_core.claim import UNTILS, Claim, Until
from resque_core.job import Entry
from resque_core.records import Reservation, Verdict
from resque_core.storage import Storage
from resque_core.testing.contract.factories import ODD_TEXTS, a_failure, an_entry, numbered
from resque_core.testing.contract.scenes import bury, ids, join, let_lapse, snapshot, take, until

ends = pytest.mark.parametrize("end", UNTILS)

#: Each way in which a running job comes to its end.
ENDS: dict[str, Callable[[Storage, Reservation], object]] = {
    "complete": lambda storage, held: storage.jobs.complete(held),
    "fail": lambda storage, held: storage.jobs.fail(held, a_failure(held)),
    "sweep to the failed store": lambda storage, held: storage.workers.sweep(
        let_lapse(storage, held.worker), Verdict(a_failure(held))
    ),
}
#: Each way in which a job is sent back to its queue.
RETURNS: dict[str, Callable[[Storage, Reservation], object]] = {
    "release": lambda storage, held: storage.jobs.release(held),
    "sweep": lambda storage, held: storage.workers.sweep(let_lapse(storage, held.worker), Verdict()),
}
#: Each way in which a waiting job is deleted.
DELETIONS: dict[str, Callable[[Storage], object]] = {
    "pop": lambda storage: storage.queues.pop("mail"),
    "dequeue": lambda storage: storage.queues.dequeue("mail", lambda _payload: True),
    "clear": lambda storage: storage.queues.clear("mail"),
    "remove": lambda storage: storage.queues.remove("mail"),
}


def a_claim(end: Until = "done", key: str = "key", seconds: float = 600.0) -> Claim:
    """A claim on `key`."""
    return Claim(key, end, seconds if end == "expiry" else 0.0)


def put(storage: Storage, claim: Claim, entry: Entry | None = None) -> str | None:
    """Enqueue a job with a claim; the other job that holds it, if one does."""
    entry = entry or an_entry()
    return storage.jobs.enqueue_unique([entry], [claim]).get(entry.id)


def put_and_take(storage: Storage, claim: Claim) -> Reservation:
    """A job with a claim in the hands of a new worker."""
    assert put(storage, claim) is None
    return take(storage, join(storage))


@ends
def test_a_second_job_with_one_key_is_not_stored_and_the_first_is_named(storage: Storage, end: Until) -> None:
    """Whatever else it says."""
    first = an_entry()
    assert put(storage, a_claim(end), first) is None
    assert put(storage, a_claim(end), an_entry("images")) == first.id
    assert ids(storage) == [first.id]
    assert storage.queues.size("images") == 0


@ends
def test_jobs_with_other_keys_are_not_in_the_way(storage: Storage, end: Until) -> None:
    """Nor are jobs without a claim."""
    put(storage, a_claim(end))
    assert put(storage, a_claim(end, "other")) is None
    assert storage.jobs.enqueue([an_entry()]) == 1
    assert storage.jobs.enqueue_unique([an_entry()], [None]) == {}
    assert storage.queues.size("mail") == 4


@pytest.mark.parametrize("key", ODD_TEXTS, ids=ascii)
def test_a_key_may_be_any_text(storage: Storage, key: str) -> None:
    """It is compared as it is."""
    held = put_and_take(storage, a_claim(key=key))
    assert put(storage, a_claim(key=key)) == held.entry.id
    storage.jobs.complete(held)
    assert put(storage, a_claim(key=key)) is None


def test_a_claim_until_start_is_over_when_the_job_is_reserved(storage: Storage) -> None:
    """In that very step: the next may wait while this one runs."""
    put_and_take(storage, a_claim("start"))
    assert put(storage, a_claim("start")) is None
    assert put(storage, a_claim("start")) is not None


@pytest.mark.parametrize("end", ["done", "expiry"])
def test_other_claims_are_held_while_the_job_runs(storage: Storage, end: Until) -> None:
    """And by its own id."""
    held = put_and_take(storage, a_claim(end))
    assert put(storage, a_claim(end)) == held.entry.id


@pytest.mark.parametrize("way", ENDS)
def test_a_claim_until_done_is_over_with_every_end_of_the_job(storage: Storage, way: str) -> None:
    """No lock of a dead worker is left behind, which is what the plugins' locks were known for."""
    held = put_and_take(storage, a_claim())
    ENDS[way](storage, held)
    assert put(storage, a_claim()) is None


@pytest.mark.parametrize("way", RETURNS)
def test_a_claim_until_done_is_kept_by_a_job_that_goes_back(storage: Storage, way: str) -> None:
    """It has not ended."""
    held = put_and_take(storage, a_claim())
    RETURNS[way](storage, held)
    assert put(storage, a_claim()) == held.entry.id


@ends
@pytest.mark.parametrize("way", DELETIONS)
def test_every_claim_is_over_when_the_job_is_deleted_while_it_waits(
    storage: Storage, way: str, end: Until
) -> None:
    """One that was to last for some time, too: the job never was."""
    put(storage, a_claim(end))
    DELETIONS[way](storage)
    assert put(storage, a_claim(end)) is None


@pytest.mark.parametrize("way", ENDS)
def test_a_claim_for_a_time_outlives_its_job(storage: Storage, way: str) -> None:
    """That is what it is for. Counters that are read meanwhile change nothing."""
    held = put_and_take(storage, a_claim("expiry"))
    ENDS[way](storage, held)
    storage.stats.all()
    storage.workers.beat(join(storage), 60)
    assert put(storage, a_claim("expiry")) == held.entry.id


@pytest.mark.parametrize("done", [False, True])
def test_a_claim_for_a_time_ends_by_the_clock_of_the_store(storage: Storage, done: bool) -> None:
    """Whether its job waits by then, or is done."""
    held = put_and_take(storage, a_claim("expiry", seconds=0.1))
    if done:
        storage.jobs.complete(held)
        storage.workers.beat(held.worker, 60)
    until(lambda: put(storage, a_claim("expiry", seconds=60)) is None)
    assert put(storage, a_claim("expiry")) is not None


@ends
def test_a_repeated_call_finds_its_own_job_and_is_not_refused(storage: Storage, end: Until) -> None:
    """The reply was lost, and the job is there."""
    entry = an_entry()
    put(storage, a_claim(end), entry)
    before = snapshot(storage)
    assert put(storage, a_claim(end), entry) is None
    assert snapshot(storage) == before


@pytest.mark.parametrize("at_front", [False, True])
def test_of_several_jobs_in_one_call_the_first_gets_the_claim(storage: Storage, at_front: bool) -> None:
    """The others are refused by its id, and what has another claim or none is stored in order."""
    entries = numbered(4)
    held = [a_claim(), a_claim(), None, a_claim(key="other")]
    storage.jobs.enqueue([an_entry(id="before")])
    assert storage.jobs.enqueue_unique(entries, held, at_front=at_front) == {"1": "0"}
    assert ids(storage) == (["0", "2", "3", "before"] if at_front else ["before", "0", "2", "3"])


def test_another_jobs_claim_is_not_released_by_the_end_of_an_earlier_holder(storage: Storage) -> None:
    """Who lost the claim has none to give back: locks that are deleted by name alone let a third one in."""
    first = put_and_take(storage, a_claim("start"))
    second = an_entry()
    put(storage, a_claim("start"), second)
    storage.jobs.complete(first)
    assert put(storage, a_claim("start")) == second.id


@ends
def test_a_claim_holds_in_one_namespace(storage: Storage, neighbour: Storage, end: Until) -> None:
    """Two applications in one store."""
    put(storage, a_claim(end))
    assert put(neighbour, a_claim(end)) is None


@pytest.mark.parametrize("end", ["start", "done"])
def test_a_requeued_job_holds_its_claim_again(storage: Storage, end: Until) -> None:
    """It is as if it had been enqueued."""
    failure = bury(storage)
    assert storage.failures.requeue({failure.id: a_claim(end)})
    assert put(storage, a_claim(end)) == failure.job_id


@ends
@pytest.mark.parametrize("keep", [False, True])
def test_a_failed_job_whose_claim_another_holds_is_not_requeued(
    storage: Storage, end: Until, keep: bool
) -> None:
    """Nothing changes, and the failure can be requeued later."""
    failure = bury(storage)
    put(storage, a_claim(end))
    before = snapshot(storage)
    assert not storage.failures.requeue({failure.id: a_claim(end)}, keep=keep)
    assert snapshot(storage) == before
    storage.queues.clear("mail")
    assert storage.failures.requeue({failure.id: a_claim(end)}, keep=keep)


def test_of_two_failed_jobs_with_one_claim_the_first_is_requeued(storage: Storage) -> None:
    """Though both are named at once."""
    first, second = bury(storage), bury(storage)
    claim = a_claim("done")
    assert list(storage.failures.requeue({first.id: claim, second.id: claim})) == [first.id]
    assert put(storage, claim) == first.job_id


def test_a_failed_jobs_own_claim_for_a_time_does_not_keep_it_from_a_requeue(storage: Storage) -> None:
    """It holds it still."""
    held = put_and_take(storage, a_claim("expiry"))
    failure = a_failure(held, id=uuid4().hex)
    storage.jobs.fail(held, failure)
    assert storage.failures.requeue({failure.id: a_claim("expiry")})
    assert put(storage, a_claim("expiry")) == held.entry.id
