"""`workers`: who is there, until when, and what was said to them. Sweeps are in `sweep.py`."""

from dataclasses import replace

import pytest

from resque_core.records import Beat
from resque_core.storage import Storage
from resque_core.testing.contract.factories import ODD_TEXTS, a_worker, minutes_later
from resque_core.testing.contract.scenes import find_lapsed, find_worker, hold, join, let_lapse, snapshot


def test_a_registered_worker_is_listed_as_it_described_itself(storage: Storage) -> None:
    """With its lease, without a heartbeat, with empty hands."""
    worker = a_worker()
    storage.workers.register(worker, 60)
    [info] = storage.workers.all()
    assert replace(info, lease_left=0) == worker
    assert 0 < info.lease_left <= 60.01
    assert info.state == "idle"


@pytest.mark.parametrize("text", ODD_TEXTS, ids=ascii)
def test_a_worker_may_have_any_id_host_and_queues(storage: Storage, text: str) -> None:
    """Queue lists are part of ids, and hosts have odd names."""
    worker = a_worker(id=text, host=text, queues=(text, "!" + text))
    storage.workers.register(worker, 60)
    assert replace(storage.workers.all()[0], lease_left=0) == worker
    assert storage.workers.beat(text, 60).alive
    assert storage.workers.unregister(text)


def test_workers_are_listed_by_id(storage: Storage) -> None:
    """Whoever came first, and whoever beats."""
    for name in ("b", "c", "B", "a"):
        storage.workers.register(a_worker(id=name), 60)
    storage.workers.beat("c", 60)
    assert [info.id for info in storage.workers.all()] == ["B", "a", "b", "c"]


def test_registering_again_changes_nothing_but_the_lease(storage: Storage) -> None:
    """Its job, its count, its commands and its description stay."""
    worker = find_worker(storage, hold(storage).worker)
    assert worker
    storage.workers.command(worker.id, "quiet")
    before = snapshot(storage)
    storage.workers.register(a_worker(id=worker.id, started_at=minutes_later(5), pid=99), 5000)
    assert snapshot(storage) == before
    assert storage.workers.all()[0].lease_left > 4000
    assert storage.workers.beat(worker.id, 60).commands == ("quiet",)


def test_registering_again_renews_a_lapsed_lease(storage: Storage) -> None:
    """What is leased is not lapsed."""
    worker = a_worker()
    storage.workers.register(worker, 60)
    let_lapse(storage, worker.id)
    storage.workers.register(worker, 60)
    assert find_lapsed(storage, worker.id) is None


def test_a_beat_sets_the_lease_by_the_stores_clock(storage: Storage) -> None:
    """Longer or shorter than it was."""
    worker = join(storage, lease=60)
    for lease in (5000, 30):
        assert storage.workers.beat(worker, lease).alive
        assert lease - 25 < storage.workers.all()[0].lease_left <= lease + 0.01


def test_a_beat_is_seen(storage: Storage) -> None:
    """At the moment that the answer says, in UTC."""
    worker = join(storage)
    now = storage.workers.beat(worker, 60).now
    heartbeat = storage.workers.all()[0].heartbeat_at
    assert heartbeat
    assert heartbeat.timestamp() == pytest.approx(now, abs=0.01)
    assert heartbeat.utcoffset() is not None


def test_the_stores_clock_goes_forward(storage: Storage) -> None:
    """It is one clock, whoever asks."""
    worker, other = join(storage), join(storage)
    times = [storage.workers.beat(name, 60).now for name in (worker, other) * 5]
    assert times == sorted(times)


def test_a_beat_of_an_unknown_worker_says_so_and_makes_it_no_worker(storage: Storage) -> None:
    """It was swept, and must take a new identity. It still learns the time."""
    known = storage.workers.beat(join(storage), 60).now
    answer = storage.workers.beat("nobody", 60)
    assert answer == Beat(alive=False, now=answer.now)
    assert answer.now == pytest.approx(known, abs=10)
    assert find_worker(storage, "nobody") is None


def test_a_beat_after_the_lease_saves_a_worker_that_nobody_swept(storage: Storage) -> None:
    """Late is not lost."""
    held = hold(storage)
    let_lapse(storage, held.worker)
    assert storage.workers.beat(held.worker, 60).alive
    assert find_lapsed(storage, held.worker) is None
    assert storage.jobs.complete(held)


def test_a_beat_changes_nothing_but_the_lease(storage: Storage) -> None:
    """Not the job that the worker holds."""
    held = hold(storage)
    before = snapshot(storage)
    storage.workers.beat(held.worker, 60)
    assert snapshot(storage) == before


def test_a_lapsed_worker_is_listed_as_lapsed(storage: Storage) -> None:
    """Until somebody sweeps it."""
    worker = join(storage)
    let_lapse(storage, worker)
    [info] = storage.workers.all()
    assert info.lease_left <= 0


def test_an_unregistered_worker_is_gone(storage: Storage) -> None:
    """And the others stay."""
    worker, other = join(storage), join(storage)
    assert storage.workers.unregister(worker)
    assert [info.id for info in storage.workers.all()] == [other]


def test_a_worker_that_holds_a_job_cannot_leave(storage: Storage) -> None:
    """Else nobody would find the job again."""
    held = hold(storage)
    before = snapshot(storage)
    assert storage.workers.unregister(held.worker) is False
    assert snapshot(storage) == before
    storage.jobs.release(held)
    assert storage.workers.unregister(held.worker)


def test_a_worker_with_a_job_is_working(storage: Storage) -> None:
    """As lists show it."""
    held = hold(storage)
    [info] = storage.workers.all()
    assert info.reservation == held
    assert info.state == "working"


def test_commands_are_delivered_once_and_in_order(storage: Storage) -> None:
    """By the next beat; the one after has none."""
    worker = join(storage)
    for verb in ("quiet", "stop", "kill"):
        assert storage.workers.command(worker, verb)
    assert storage.workers.beat(worker, 60).commands == ("quiet", "stop", "kill")
    assert storage.workers.beat(worker, 60).commands == ()


def test_a_command_is_for_one_worker(storage: Storage) -> None:
    """Others never hear of it."""
    worker, other = join(storage), join(storage)
    storage.workers.command(worker, "quiet")
    assert storage.workers.beat(other, 60).commands == ()
    assert storage.workers.beat(worker, 60).commands == ("quiet",)


def test_an_unregistered_worker_takes_no_commands(storage: Storage) -> None:
    """The sender is told."""
    worker = join(storage)
    assert storage.workers.unregister(worker)
    assert storage.workers.command(worker, "quiet") is False
    assert storage.workers.command("nobody", "quiet") is False


def test_commands_go_with_their_worker(storage: Storage) -> None:
    """They do not wait for a namesake."""
    worker = a_worker()
    storage.workers.register(worker, 60)
    storage.workers.command(worker.id, "stop")
    storage.workers.unregister(worker.id)
    storage.workers.register(worker, 60)
    assert storage.workers.beat(worker.id, 60).commands == ()
