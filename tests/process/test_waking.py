"""A worker that waits for longer than any test is woken by its store, and by who wants anything of it."""

import signal
from collections.abc import Sequence
from typing import Any

import late_job
import pytest
from harness import Running, Shop, title_of, wait_for
from stores import MONGO, REDIS, SQLITE, Kind

from resque_core import Resque

#: Seconds: a worker that only polled would not look again within the patience of these tests.
FOR_EVER = "3600"
WAKING: Sequence[Kind] = [SQLITE, REDIS[-1], MONGO[-1]]
on_each = pytest.mark.parametrize("store_kind", WAKING, ids=[kind.name for kind in WAKING])
on_mongo = pytest.mark.parametrize("store_kind", [MONGO[-1]], ids=["mongo-rs"])
on_each_server = pytest.mark.parametrize(
    "store_kind",
    # A worker on MongoDB notices with its next beat, after ten seconds: the stream waits for the server.
    [REDIS[-1], pytest.param(MONGO[-1], marks=pytest.mark.thorough)],
    ids=["redis", "mongo-rs"],
)

in_each_mode = pytest.mark.parametrize(
    "options", [{}, {"jobs_per_fork": 100}, {"fork": False}], ids=["fork", "many-per-fork", "no-fork"]
)


def start_idle(shop: Shop, resque: Resque, *flags: str) -> Running:
    """A worker that has worked, found nothing more, and waits."""
    resque.enqueue_to("shop", "storeroom.pack", 0)
    worker = shop.start("--interval", FOR_EVER, "--log-level", "debug", *flags, queues="shop")
    shop.wait_for_line("packed")
    worker.wait_for_log("Idle")
    return worker


@on_each
@pytest.mark.parametrize("mode", [(), ("--no-fork",)], ids=["fork", "no-fork"])
def test_a_worker_that_waits_takes_a_job_at_once(shop: Shop, resque: Resque, mode: Sequence[str]) -> None:
    start_idle(shop, resque, *mode)
    for number in (1, 2, 3):
        resque.enqueue_to("shop", "storeroom.pack", number)
        assert shop.wait_for_line("packed", number + 1)[1] == str(number)


@on_each
def test_a_signal_ends_the_wait(shop: Shop, resque: Resque) -> None:
    worker = start_idle(shop, resque)
    worker.signal(signal.SIGTERM)
    assert worker.wait() == 0


@on_each_server
def test_who_waited_when_the_store_went_away_is_woken_when_it_is_back(shop: Shop, resque: Resque) -> None:
    """Its connection for waiting is lost: it does without, and looks once the store answers."""
    worker = start_idle(shop, resque)
    shop.store.break_down()
    worker.wait_for_log("The store does not answer")
    shop.store.come_back()
    worker.wait_for_log("The store answers again")
    resque.enqueue_to("shop", "storeroom.pack", 1)
    assert shop.wait_for_line("packed", 2)[1] == "1"


@on_each
def test_who_is_paused_leaves_the_job_and_takes_it_when_resumed(shop: Shop, resque: Resque) -> None:
    worker = start_idle(shop, resque)
    worker.signal(signal.SIGUSR2)
    wait_for(lambda: "Paused" in title_of(worker.pid))
    resque.enqueue_to("shop", "storeroom.pack", 1)
    assert resque.size("shop") == 1
    worker.signal(signal.SIGCONT)
    assert shop.wait_for_line("packed", 2)[1] == "1"


@on_each
@in_each_mode
def test_who_is_woken_by_a_job_that_was_enqueued_after_a_signal_hears_the_signal_first(
    shop: Shop, resque: Resque, options: dict[str, Any]
) -> None:
    worker = shop.start_function(late_job.work, "woken", signal.SIGUSR2, options)
    worker.wait_for_log("Paused")
    assert resque.size("shop") == 1
    worker.signal(signal.SIGCONT)
    shop.wait_for_line("packed")


@on_each
@in_each_mode
def test_a_job_that_came_after_a_signal_while_the_store_was_asked_for_one_goes_back(
    shop: Shop, resque: Resque, options: dict[str, Any]
) -> None:
    worker = shop.start_function(late_job.work, "asking", signal.SIGTERM, options)
    assert worker.wait() == 0
    assert "goes back to its queue" in worker.log
    assert shop.lines("packed") == []
    assert resque.size("shop") == 1


@on_mongo
def test_who_is_left_is_woken_when_the_worker_is_killed_that_listened_for_both(
    shop: Shop, resque: Resque
) -> None:
    """It does not even look before: it is told at once, by the kernel, that nobody listens any more."""
    first = start_idle(shop, resque)
    second = shop.start("--interval", FOR_EVER, "--log-level", "debug", queues="shop")
    second.wait_for_log("Idle")
    first.signal(signal.SIGKILL)
    resque.enqueue_to("shop", "storeroom.pack", 1)
    assert shop.wait_for_line("packed", 2)[1] == "1"
