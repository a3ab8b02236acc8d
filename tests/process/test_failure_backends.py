"""Failure backends of a worker: told after the store, in a process of their own, with a time limit."""

import pytest
from harness import Shop, wait_for

from resque_core import Resque

SINKS = """
import os, time
from storeroom import tell
from resque_core import Resque

class Tells:
    def save(self, report):
        with Resque(os.environ["SINKS_STORE"]) as resque:
            stored = resque.failures.get(report.failure_id) is not None
        tell("told", report.exception, report.name or "-", stored, os.getpid())

class Breaks:
    def save(self, report):
        raise OSError("no route")

class Hangs:
    def save(self, report):
        tell("hangs", os.getpid())
        time.sleep(600)
"""


@pytest.fixture
def sinks(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> Shop:
    (shop.folder / "sinks.py").write_text(SINKS)
    monkeypatch.setenv("SINKS_STORE", shop.url)
    return shop


def backends(*names: str) -> list[str]:
    return [word for name in names for word in ("--failure-backend", f"sinks:{name}")]


def test_they_are_told_of_every_end_that_is_a_failure_once_the_store_has_it(
    sinks: Shop, resque: Resque
) -> None:
    resque.enqueue_to("shop", "storeroom.break_down", "no paper")
    resque.enqueue_to("shop", "storeroom.die", 9)
    resque.enqueue_to("shop", "storeroom.pack", 1)
    resque.enqueue_to("shop", "unheard-of")
    worker = sinks.work_off(*backends("Breaks", "Tells"))
    wait_for(lambda: len(sinks.lines("told")) == 3, "reports")
    assert sorted(line[1:4] for line in sinks.lines("told")) == [
        ["DirtyExit", "storeroom.die", "True"],
        ["UnknownJobClass", "unheard-of", "True"],
        ["ValueError", "storeroom.break_down", "True"],
    ]
    assert str(worker.pid) not in [line[4] for line in sinks.lines("told")]
    assert "Breaks could not tell of it: OSError: no route" in worker.log


SLOW = """
import time
from resque_core import worker_hooks

born = []

@worker_hooks.before_fork
def take_time():
    born.append(1)
    # Those that stand by at the start are quickly there.
    if len(born) > 3:
        time.sleep(0.7)
"""


def test_they_are_told_of_the_last_failure_of_a_worker_that_ends_while_a_child_is_born(
    sinks: Shop, resque: Resque
) -> None:
    (sinks.folder / "slow.py").write_text(SLOW)
    for number in range(3):
        resque.enqueue_to("shop", "storeroom.break_down", str(number))
    sinks.work_off("--require", "slow", *backends("Tells"))
    wait_for(lambda: len(sinks.lines("told")) == 3, "the reports", seconds=20)


def test_one_that_hangs_holds_up_no_job_and_is_ended(
    sinks: Shop, resque: Resque, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(2):
        resque.enqueue_to("shop", "storeroom.break_down", str(number))
    resque.enqueue_to("shop", "storeroom.pack", 1)
    sinks.start(*backends("Hangs"))
    sinks.wait_for_line("packed")
    sinks.wait_for_line("hangs", 2)
    pids = [int(line[1]) for line in sinks.lines("hangs")]
    from harness import alive

    wait_for(lambda: not any(map(alive, pids)), "their end")
    assert resque.failures.count() == 2


def test_without_forks_the_worker_tells_them_itself(sinks: Shop, resque: Resque) -> None:
    resque.enqueue_to("shop", "storeroom.break_down", "no paper")
    worker = sinks.work_off("--no-fork", *backends("Tells"))
    assert sinks.lines("told") == [["told", "ValueError", "storeroom.break_down", "True", str(worker.pid)]]


def test_a_backend_that_cannot_be_had_ends_the_worker_at_its_start(sinks: Shop) -> None:
    worker = sinks.start("--failure-backend", "sinks:Nothing")
    assert worker.wait() == 2
    assert "sinks has no Nothing" in worker.log
