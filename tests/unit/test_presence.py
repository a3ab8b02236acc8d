"""`Presence`: what a worker hears from the store while it registers."""

import pytest

from resque_core import Resque
from resque_core.presence import Presence
from resque_core.records import WorkerInfo
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
