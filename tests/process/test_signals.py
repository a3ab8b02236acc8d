"""The tables of docs/reference/signals.md, row by row: what is written there is what workers do."""

import os
import re
import signal
import time
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from harness import Running, Shop, alive, children_of, title_of, wait_for

from resque_core import Resque
from resque_core.process.signals import STEERING

PAGE = Path(__file__).parents[2] / "docs/reference/signals.md"
NEVER = 60.0
#: Long enough to tell what comes after it from what comes at once.
SOON = 0.3
#: Long enough for a child that is told to stop to say that it heard so, wherever else the machine is busy.
HEARING = 3.0


@dataclass(frozen=True)
class Row:
    """One row of a table."""

    signals: str
    term_child: str
    worker: str
    child: str
    job: str
    end: str

    def __str__(self) -> str:
        return f"{self.signals}-{self.term_child}-{self.worker}".replace(" ", "_")

    @property
    def deaf(self) -> bool:
        return "deaf" in self.worker

    @property
    def numbers(self) -> list[signal.Signals]:
        """What to send, one after the other."""
        words = re.findall(r"\b(QUIT|TERM|INT|HUP|USR1|USR2|CONT)\b", self.signals)
        numbers = [signal.Signals[f"SIG{word}"] for word in words]
        return numbers * 2 if "twice" in self.signals else numbers

    @property
    def told(self) -> bool:
        return re.search(r": TERM\b", self.child) is not None

    @property
    def term_timeout(self) -> float:
        return HEARING if self.deaf else NEVER

    @property
    def grace(self) -> float:
        if "`--grace`: KILL" in self.child:
            return SOON
        return SOON + self.term_timeout if "`--grace` − RESQUE_TERM_TIMEOUT" in self.child else 2 * NEVER

    @property
    def least(self) -> float:
        """Seconds for which the job is left alone."""
        return SOON if self.child.startswith("after ") else 0.0

    @property
    def env(self) -> dict[str, str]:
        env = {"RESQUE_TERM_TIMEOUT": str(self.term_timeout)}
        if self.term_child != "unset":
            env["TERM_CHILD"] = "0"
        if "GRACEFUL_TERM" in self.signals:
            env["GRACEFUL_TERM"] = ""
        if "RESQUE_PRE_SHUTDOWN_TIMEOUT" in self.signals:
            env["RESQUE_PRE_SHUTDOWN_TIMEOUT"] = str(SOON)
        return env


def rows_under(heading: str) -> list[Row]:
    section = PAGE.read_text(encoding="utf-8").split(f"\n## {heading}\n")[1].split("\n## ")[0]
    lines = [line.strip("| ").split(" | ") for line in section.splitlines() if line.startswith("| ")]
    rows = [Row(*(cell.strip() for cell in line)) for line in lines[1:] if not line[0].startswith("-")]
    return [replace(row, term_child=said) for row in rows for said in ways_of(row.term_child)]


def ways_of(term_child: str) -> tuple[str, ...]:
    return ("unset", "set") if term_child == "either" else (term_child,)


OURS = rows_under("The table")
RUBYS = rows_under("With `--ruby`")


@pytest.mark.parametrize("row", OURS, ids=str)
def test_a_worker_does_what_the_table_says(shop: Shop, resque: Resque, row: Row) -> None:
    _check(shop, resque, row)


@pytest.mark.parametrize("row", RUBYS, ids=str)
def test_in_ruby_mode_it_does_what_the_table_of_that_says(shop: Shop, resque: Resque, row: Row) -> None:
    _check(shop, resque, row, "--ruby")


@pytest.mark.every_store(always=True)
@pytest.mark.parametrize("row", [next(row for row in OURS if row.deaf), OURS[0]], ids=str)
def test_it_does_so_on_every_store(shop: Shop, resque: Resque, row: Row) -> None:
    _check(shop, resque, row)


def test_the_table_has_every_signal() -> None:
    sent = {number for row in OURS for number in row.numbers}
    assert sent == {signal.SIGQUIT, signal.SIGTERM, signal.SIGINT, signal.SIGHUP, *STEERING}


def _check(shop: Shop, resque: Resque, row: Row, *flags: str) -> None:
    if row.worker == "idle":
        # An hour between any two looks: what it does, it does on account of the signal.
        flags = ("--interval", "3600", "--lease", "3600", "--sweep", "3600", *flags)
        worker = shop.start(*flags, env=row.env)
        wait_for(lambda: "Waiting for" in title_of(worker.pid), "a first look")
        _send(worker, row)
    else:
        name = "storeroom.Vanishes" if "vanished" in row.worker else "storeroom.Endures"
        resque.enqueue_to("shop", name, str(shop.folder / "gate"), row.deaf)
        worker = shop.start("--grace", str(row.grace), *flags, env=row.env)
        child = int(shop.wait_for_line("enduring")[1])
        sent = time.monotonic()
        _send(worker, row)
        _check_job(shop, resque, row)
        assert bool(shop.lines("told")) == row.told
        if "vanished" not in row.worker:
            wait_for(lambda: not alive(child), "the end of the child")
        assert time.monotonic() - sent >= row.least
    _check_end(worker, shop, resque, row)


def _send(worker: Running, row: Row) -> None:
    for count, number in enumerate(row.numbers, 1):
        for pid in _meant(worker) if "every process" in row.signals else [worker.pid]:
            os.kill(pid, number)
        if row.worker != "idle":
            worker.wait_for_log(rf"(?s)(({'|'.join(HEARD)}).*){{{count}}}")


#: What a busy worker says once it has heard a signal.
HEARD = ("Stopping", "Paused", "Resumed", "Killing", "Interrupting")


def _meant(worker: Running) -> list[int]:
    return [*children_of(worker.app_pid), worker.app_pid, worker.pid]


def _check_job(shop: Shop, resque: Resque, row: Row) -> None:
    kind, _, exception = row.job.partition(": ")
    if kind == "done":
        (shop.folder / "gate").touch()
        wait_for(lambda: resque.stats.all() == {"processed": 1}, "the end of the job")
        assert shop.lines("endured")
    elif kind == "failed":
        if "vanished" in row.worker:
            (shop.folder / "gate").touch()
        wait_for(lambda: resque.stats.all() == {"processed": 1, "failed": 1}, "the failure of the job")
        assert [failure.exception for failure in resque.failures.peek()] == [exception]
        assert shop.lines("on_failure") == [["on_failure", exception]]
    else:
        assert kind == "back on its queue"
        wait_for(lambda: resque.size("shop") == 1, "the job to be back")
        assert resque.stats.all() == {}
        assert shop.lines("on_failure") == []


def _check_end(worker: Running, shop: Shop, resque: Resque, row: Row) -> None:
    if row.end == "0":
        assert worker.wait() == 0
        assert resque.workers() == []
        return
    resque.enqueue_to("shop", "storeroom.pack", 1)
    if row.end == "goes on, paused":
        wait_for(lambda: title_of(worker.pid).endswith(": Paused"), "a worker that shows that it is paused")
        assert resque.size("shop") == 1
        worker.signal(signal.SIGCONT)
    elif row.worker == "idle":
        # It would look again in an hour; this has it look now.
        for number in (signal.SIGUSR2, signal.SIGCONT):
            worker.signal(number)
    shop.wait_for_line("packed")
