"""`--reload`: a worker is started anew when its code changes, and ends when it is told."""

import signal

import pytest
from harness import Shop, wait_for

from resque_core import Resque

pytest.importorskip("watchfiles")

JOBS = """
from storeroom import tell

from resque_core import job


@job(queue="shop")
def paint() -> None:
    tell("painted", "{colour}")
"""


def test_a_change_replaces_the_worker_and_a_mistake_waits_for_the_next(shop: Shop, resque: Resque) -> None:
    jobs = shop.folder / "painting.py"
    jobs.write_text(JOBS.format(colour="red"))
    reloader = shop.start("--reload", "--require", "painting", itself=True)
    resque.enqueue_to("shop", "painting.paint")
    assert shop.wait_for_line("painted") == ["painted", "red"]
    jobs.write_text("1 / 0")
    reloader.wait_for_log("ZeroDivisionError")
    jobs.write_text(JOBS.format(colour="blue"))
    resque.enqueue_to("shop", "painting.paint")
    assert shop.wait_for_line("painted", count=2) == ["painted", "blue"]
    reloader.signal(signal.SIGTERM)
    assert reloader.wait() == 0
    wait_for(lambda: not resque.workers(), "the worker to leave")
