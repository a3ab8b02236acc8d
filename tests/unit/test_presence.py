"""`Presence`: what a worker hears from the store while it registers."""

import pytest

from resque_core import Resque
from resque_core.errors import StorageError
from resque_core.lease import LeaseKeeper
from resque_core.presence import Presence
from resque_core.records import WorkerInfo
from resque_core.sampling import DepthSampler
from resque_core.worker_options import WorkerOptions


def test_a_command_that_comes_while_a_worker_registers_is_told_once(
    resque: Resque, monkeypatch: pytest.MonkeyPatch
) -> None:
    workers = resque.storage.workers
    register = workers.register

    def register_and_stop(worker: WorkerInfo, lease: float) -> None:
        register(worker, lease)
        assert workers.command(worker.id, "stop")

    monkeypatch.setattr(workers, "register", register_and_stop)
    presence = Presence(resque, ["*"], WorkerOptions())
    presence.register()
    beat = presence.beat()
    assert beat is not None
    assert beat.commands == ("stop",)
    assert presence.beat() is None


def test_a_worker_that_sweeps_has_the_depths_of_queues_noted(
    resque: Resque, monkeypatch: pytest.MonkeyPatch
) -> None:
    resque.push("mail", {"class": "Mail", "args": []})
    monkeypatch.setattr(LeaseKeeper, "steady", True)
    presence = Presence(resque, ["*"], WorkerOptions())
    presence.register()
    presence._sweep.now()
    presence.sweep()
    assert [dict(seen.queues) for seen in resque.depths()] == [{"mail": 1}]


def test_a_sampler_asks_once_a_minute_and_survives_a_store_that_refuses(
    resque: Resque, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse() -> float:
        raise StorageError("no room")

    monkeypatch.setattr(resque.storage.queues, "sample", refuse)
    sampler = DepthSampler()
    sampler.sample(resque.storage)
    assert "no room" in caplog.text
    assert 50 < sampler.left() <= 60
    monkeypatch.undo()
    sampler.sample(resque.storage)
    assert resque.depths() == []
