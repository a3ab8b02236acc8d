"""A server is killed and comes back under working workers: nothing is lost, and next to nothing repeated."""

import threading
import time
from collections import Counter
from pathlib import Path

import pytest
from harness import Running, Shop, wait_for
from stores import SERVERS

from resque_core import Resque, StorageError

on_every_server = pytest.mark.parametrize("store_kind", SERVERS, ids=[kind.name for kind in SERVERS])

LEASE = 1.0
KILLS = 3


class Producer(threading.Thread):
    """Enqueues one number after the other, and never one twice."""

    def __init__(self, url: str) -> None:
        super().__init__(daemon=True)
        self._url = url
        self._enough = threading.Event()
        self.accepted: set[int] = set()
        #: Whether the store has these, nobody was told.
        self.unanswered: set[int] = set()

    def run(self) -> None:
        with Resque(self._url) as resque:
            number = 0
            while not self._enough.wait(0.004):
                number += 1
                try:
                    resque.enqueue_to("shop", "storeroom.pack", number)
                    self.accepted.add(number)
                except StorageError:
                    self.unanswered.add(number)

    def stop(self) -> None:
        self._enough.set()
        self.join(60)
        assert not self.is_alive()


def pause(seconds: float) -> None:
    """For what must not happen within this time."""
    threading.Event().wait(seconds)


def restart(shop: Shop, workers: list[Running]) -> None:
    """Kill the server, let every lease lapse while it is down, and have every worker find it again."""
    before = [worker.log.count("answers again") for worker in workers]
    shop.store.break_down()
    pause(1.5 * LEASE)
    shop.store.come_back()
    for worker, count in zip(workers, before, strict=True):
        wait_for(lambda: worker.log.count("answers again") > count, "a worker's return")  # noqa: B023


@on_every_server
def test_a_server_that_is_killed_again_and_again_loses_no_job(shop: Shop) -> None:
    workers = [shop.start("--lease", str(LEASE)) for _ in range(2)]
    producer = Producer(shop.url)
    producer.start()
    for _ in range(KILLS):
        packed = len(shop.lines("packed"))
        shop.wait_for_line("packed", packed + 50)
        restart(shop, workers)
    producer.stop()
    with Resque(shop.url) as resque:
        wait_for(lambda: not resque.size("shop") and not resque.working(), "the last job", seconds=60)
        failed = [failure.error for failure in resque.failures.all(0, 10)]
    ran = Counter(int(words[1]) for words in shop.lines("packed"))
    assert failed == []
    assert producer.accepted - set(ran) == set()
    assert set(ran) - producer.accepted <= producer.unanswered
    assert ran.total() - len(ran) <= len(workers) * KILLS, "more were repeated than were in flight"
    assert [worker.process.poll() for worker in workers] == [None, None]


@on_every_server
def test_jobs_that_run_longer_than_an_outage_are_not_run_again(shop: Shop) -> None:
    """Every lease is over when the server is back, and yet nobody takes a job from a worker that lives."""
    gate = shop.folder / "gate"
    with Resque(shop.url) as resque:
        for _ in range(3):
            resque.enqueue_to("shop", "storeroom.hold", str(gate))
        workers = [shop.start("--lease", str(LEASE)) for _ in range(3)]
        shop.wait_for_line("holding", count=3)
    restart(shop, workers)
    pause(1.5 * LEASE)
    Path(gate).touch()
    with Resque(shop.url) as resque:
        wait_for(lambda: resque.stats.all() == {"processed": 3}, "the settlements")
    assert len(shop.lines("holding")) == 3


@on_every_server
def test_a_server_that_is_back_at_once_interrupts_nothing(shop: Shop) -> None:
    """A restart for an upgrade, between two polls: jobs go on, and new ones are taken."""
    worker = shop.start("--interval", "0.05")
    with Resque(shop.url) as resque:
        wait_for(lambda: resque.workers(), "registration")
    shop.store.break_down()
    shop.store.come_back()
    began = time.monotonic()
    with Resque(shop.url) as resque:
        resque.enqueue_to("shop", "storeroom.pack", 1)
    shop.wait_for_line("packed")
    assert time.monotonic() - began < 8
    assert worker.process.poll() is None
