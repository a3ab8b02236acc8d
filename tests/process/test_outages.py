"""A server is killed and comes back under working workers: nothing is lost, and next to nothing repeated."""

import threading
from collections import Counter
from collections.abc import Sequence

import pytest
from harness import Running, Shop, wait_for
from stores import SERVERS, TYPICAL, Kind

from resque_core import Resque, StorageError

KILLS = 2
TYPICAL_SERVERS = [kind for kind in TYPICAL if kind in SERVERS]


def every(kinds: Sequence[Kind]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("store_kind", kinds, ids=[kind.name for kind in kinds])


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


def interrupt(shop: Shop, seconds: float) -> None:
    """Kill the server, and start it on the same data so many seconds later."""
    shop.store.break_down()
    pause(seconds)
    shop.store.come_back()


@every(SERVERS)
def test_a_server_that_is_killed_again_and_again_loses_no_job(shop: Shop) -> None:
    """Every lease lapses each time. What was in flight may run twice, and nothing else."""
    workers = [shop.start("--lease", "1") for _ in range(2)]
    producer = Producer(shop.url)
    producer.start()
    for _ in range(KILLS):
        await_more_work(workers)
        interrupt(shop, 1.5)
    await_more_work(workers)
    producer.stop()
    with Resque(shop.url) as resque:
        wait_for(lambda: not resque.size("shop") and not resque.working(), "the last job", seconds=60)
        assert resque.failures.count() == 0
    ran = Counter(int(words[1]) for words in shop.lines("packed"))
    assert producer.accepted - set(ran) == set()
    assert set(ran) - producer.accepted <= producer.unanswered
    assert ran.total() - len(ran) <= len(workers) * KILLS, "more were repeated than were in flight"


def await_more_work(workers: list[Running]) -> None:
    """Wait until each of them has done some jobs more: so it lives, and has found the server again."""
    for worker in workers:
        done = worker.log.count(" done: ")
        wait_for(lambda: worker.log.count(" done: ") > done + 10, "more work", seconds=60)  # noqa: B023


@every(TYPICAL_SERVERS)
def test_jobs_that_run_through_an_outage_longer_than_their_leases_are_not_run_again(shop: Shop) -> None:
    """Nobody takes a job from a worker that lives: who returns first waits a lease before it sweeps."""
    lease = 6.0  # Longer than the longest pause between two tries of a worker, as the default is.
    gate = shop.folder / "gate"
    with Resque(shop.url) as resque:
        for _ in range(3):
            resque.enqueue_to("shop", "storeroom.hold", str(gate))
        for _ in range(3):
            shop.start("--lease", str(lease))
        shop.wait_for_line("holding", count=3)
    interrupt(shop, lease + 0.5)
    with Resque(shop.url) as resque:
        wait_for(lambda: not resque.storage.workers.lapsed(), "a beat of each worker")
        pause(lease + 0.5)
        gate.touch()
        wait_for(lambda: resque.stats.all() == {"processed": 3}, "the settlements")
    assert len(shop.lines("holding")) == 3
