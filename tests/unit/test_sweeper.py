"""What a sweep decides; what it does is the contract suite's and the process tests' matter."""

from resque_core.job import Entry
from resque_core.records import Lapsed, Reservation
from resque_core.storage import Storage
from resque_core.sweeper import PRUNED, Sweeper


def _lapsed(payload: bytes = b'{"class":"Pack","args":[1]}', rescues: int = 0) -> Lapsed:
    return Lapsed("w", Reservation("t", "w", Entry("1", "q", payload), rescues))


def _sweeper(**options: object) -> Sweeper:
    storage: Storage = None  # type: ignore[assignment] # a verdict needs no store
    return Sweeper(storage, **options)  # type: ignore[arg-type]


def test_an_idle_workers_end_is_nothing_but_that() -> None:
    assert _sweeper().verdict(Lapsed("w")).failure is None


def test_a_job_goes_back_to_its_queue_as_often_as_rescues_are_allowed() -> None:
    sweeper = _sweeper(max_rescues=2)
    assert sweeper.verdict(_lapsed(rescues=0)).failure is None
    assert sweeper.verdict(_lapsed(rescues=1)).failure is None
    assert sweeper.verdict(_lapsed(rescues=2)).failure is not None


def test_the_failure_keeps_the_bytes_and_says_why() -> None:
    failure = _sweeper(max_rescues=0).verdict(_lapsed()).failure
    assert failure is not None
    assert (failure.exception, failure.name, failure.queue, failure.worker) == (PRUNED, "Pack", "q", "w")
    assert failure.payload == b'{"class":"Pack","args":[1]}'
    assert failure.job_id == "1"
    assert "did not gracefully exit while processing Pack" in failure.error


def test_a_jobs_own_policy_counts_more_than_the_workers() -> None:
    fails = b'{"class":"Pack","args":[],"on_worker_death":"fail"}'
    again = b'{"class":"Pack","args":[],"on_worker_death":"requeue"}'
    assert _sweeper().verdict(_lapsed(fails)).failure is not None
    assert _sweeper(on_worker_death="fail").verdict(_lapsed(again)).failure is None
    assert _sweeper(on_worker_death="fail").verdict(_lapsed()).failure is not None


def test_a_payload_that_is_no_job_is_judged_like_any_other() -> None:
    assert _sweeper().verdict(_lapsed(b"\xff{")).failure is None
    failure = _sweeper(max_rescues=0).verdict(_lapsed(b"\xff{")).failure
    assert failure is not None
    assert failure.name == ""
    assert "<Unknown Job>" in failure.error
