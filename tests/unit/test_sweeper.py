"""What a sweep decides; what it does to a job is the contract suite's matter."""

import logging
from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import pytest

from resque_core import sweeper as module
from resque_core.errors import StorageError
from resque_core.job import Entry
from resque_core.records import Lapsed, Reservation, Verdict
from resque_core.storage import Storage
from resque_core.sweeper import PRUNED, Sweeper, SweepReport


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


def test_a_bundle_goes_back_whatever_the_policy_since_nobody_knows_which_job_had_begun() -> None:
    fails = b'{"class":"Pack","args":[],"on_worker_death":"fail"}'
    held = Reservation("t", "w", Entry("1", "q", fails), 9, bundle=(Entry("2", "q", fails),))
    assert _sweeper(on_worker_death="fail", max_rescues=0).verdict(Lapsed("w", held)).failure is None


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


class Refusing:
    """The workers of a store that refuses to take back the jobs of some of them."""

    def __init__(self, dead: Sequence[str], refused: str) -> None:
        self.dead = list(dead)
        self.refused = refused
        self.asked: list[str] = []

    def lapsed(self, limit: int) -> list[Lapsed]:
        return [Lapsed(worker, _lapsed().reservation) for worker in self.dead[:limit]]

    def sweep(self, lapsed: Lapsed, verdict: Verdict) -> bool:
        self.asked.append(lapsed.worker)
        if lapsed.worker in self.refused:
            raise StorageError(f"refused {lapsed.worker}")
        self.dead.remove(lapsed.worker)
        return True


def _sweep(workers: Refusing) -> SweepReport:
    storage: Any = SimpleNamespace(workers=workers)
    return Sweeper(storage).sweep_all()


def test_a_job_that_the_store_refuses_stops_no_others_rescue(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR, "resque"):
        assert _sweep(Refusing("abcd", refused="ac")) == SweepReport(workers=2, requeued=2)
    assert [record.getMessage() for record in caplog.records] == [
        "Dead worker a could not be swept: refused a",
        "Dead worker c could not be swept: refused c",
    ]


def test_a_page_of_refused_ones_does_not_hide_those_behind_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PAGE", 3)
    workers = Refusing("abcdefgh", refused="abcd")
    assert _sweep(workers).workers == 4
    assert workers.asked == list("abcdefgh")


def test_a_sweep_without_refusals_is_one_page_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PAGE", 3)
    workers = Refusing("abcdefgh", refused="")
    assert _sweep(workers).workers == 3


def test_a_store_that_refuses_everything_is_an_outage() -> None:
    workers = Refusing("abc", refused="abc")
    with pytest.raises(StorageError, match="refused a"):
        _sweep(workers)
    assert workers.asked == ["a", "b", "c"]


def test_a_store_that_is_slow_to_refuse_is_not_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PATIENCE", 0.0)
    workers = Refusing("abc", refused="b")
    assert _sweep(workers).workers == 1
    assert workers.asked == ["a", "b"]
