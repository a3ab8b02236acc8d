"""A pool of eight, whose workers are killed at random, is always eight again soon, and loses no job.

A few seconds of it in the suite; `make poolstorm` is the long form, and strict about time.
"""

import contextlib
import os
import random
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from harness import Shop, alive, children_of, wait_for

from resque_core import Resque
from resque_core.process.memory import family

SECONDS = float(os.environ.get("RESQUE_POOL_STORM", "4"))
WORKERS = 8
#: Seconds within which it is eight again: as promised, or for a machine that has other things to do.
SOON = 5.0 if "RESQUE_POOL_STORM" in os.environ else 60.0


class Storm:
    """Kills one worker after the other, while a thread looks all the time whether all are there."""

    def __init__(self, manager: int) -> None:
        self.manager = manager
        self.kills = 0
        #: The longest that one was missing, in seconds.
        self.longest = 0.0
        self.seen: set[tuple[int, str]] = set()
        self._complete_at = time.monotonic()
        self._over = threading.Event()

    @contextlib.contextmanager
    def watched(self) -> Iterator[None]:
        """For the length of the block, beside it: an enqueue that waits for the store looks at nothing."""
        watch = threading.Thread(target=self._watch)
        watch.start()
        try:
            yield
        finally:
            self._over.set()
            watch.join()

    def _watch(self) -> None:
        while not self._over.wait(0.01):
            self._look()

    def _look(self) -> None:
        now = time.monotonic()
        if len([pid for pid in children_of(self.manager) if alive(pid)]) >= WORKERS:
            self._complete_at = now
        self.longest = max(self.longest, now - self._complete_at)

    def strike(self) -> None:
        victim = random.choice(children_of(self.manager))
        self.seen |= {(pid, born(pid)) for pid in family(victim)}
        with contextlib.suppress(ProcessLookupError):
            os.kill(victim, signal.SIGKILL)
        self.kills += 1

    def orphans(self) -> list[int]:
        """Processes of killed workers that live on."""
        return [pid for pid, birth in self.seen if birth and alive(pid) and born(pid) == birth]


def born(pid: int) -> str:
    """When the kernel says that it began; empty when it is gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[19]
    except OSError:
        return ""


def test_a_pool_of_eight_is_eight_again_after_each_kill_and_loses_no_job(shop: Shop, resque: Resque) -> None:
    manager = shop.start_pool(f"shop: {WORKERS}\n", "--interval", "0.2")
    wait_for(lambda: len(resque.workers()) == WORKERS, "workers")
    storm, jobs = Storm(manager.pid), 0
    with storm.watched():
        end = time.monotonic() + SECONDS
        next_kill = time.monotonic()
        while time.monotonic() < end:
            resque.enqueue_to("shop", "storeroom.pack", jobs)
            jobs += 1
            if time.monotonic() >= next_kill:
                storm.strike()
                next_kill = time.monotonic() + random.uniform(0.1, 0.8)
            time.sleep(0.02)
    wait_for(lambda: len(children_of(manager.pid)) == WORKERS, "all eight", SOON)
    wait_for(lambda: resque.size("shop") == 0 and not resque.working(), "all jobs", 120)
    wait_for(lambda: {it.pid for it in resque.workers()} == {*children_of(manager.pid)}, "a tidy register")
    wait_for(lambda: not storm.orphans(), "the end of what the killed workers had started")
    manager.signal(signal.SIGTERM)
    assert manager.wait() == 0
    done = {int(line[1]) for line in shop.lines("packed")}
    given_up = {failure.job_id for failure in resque.failures.peek(0, jobs)}
    print(
        f"{storm.kills} kills, {jobs} jobs, {len(given_up)} given up, short for {storm.longest:.2f} s at most"
    )
    assert len({*range(jobs)} - done) <= len(given_up)
    assert storm.longest < SOON
    assert storm.kills > SECONDS
    assert resque.workers() == []
    assert resque.pools() == []
