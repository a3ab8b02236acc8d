"""`Tempest`: hits workers and the store at random until enough has happened."""

import os
import random
import signal
import threading
import time
from collections.abc import Callable
from contextlib import suppress

from faults.victims import state_of

from storm.crew import Crew, Worker, app_of, children_of
from storm.evidence import Blows
from storm.options import Options
from storm.stage import Stage

#: What befalls a worker, and how often it does.
WEIGHTS = {
    "kill keeper": 60,
    "kill app process": 10,
    "kill child": 18,
    "freeze keeper": 4,
    "freeze app process": 1,
    "freeze child": 2,
    "stop worker": 5,
}
#: How often a worker is hit that has no children yet.
EARLY = 0.02


class Tempest:
    """Everything bad that happens in one storm."""

    def __init__(self, options: Options, crew: Crew, stage: Stage) -> None:
        self._options = options
        self._crew = crew
        self._stage = stage
        self._random = random.Random(options.seed)
        self._limit = time.monotonic() + options.seconds if options.seconds else float("inf")
        self._began = time.monotonic()
        self._thawing: list[threading.Timer] = []
        self.blows = Blows()

    def progress(self) -> float:
        """From 0 to 1: how much of the storm is over."""
        by_time = (time.monotonic() - self._began) / self._options.seconds if self._options.seconds else 0.0
        return min(1.0, max(by_time, self.blows.kills / max(1, self._options.kills)))

    def rage(self, done: Callable[[], bool]) -> None:
        """Hit and hit, while the crew is kept at its number; the store in its turn."""
        outages = 0
        while self.progress() < 1.0 or not (done() or time.monotonic() > self._limit):
            self._crew.replace_ended()
            if outages < self._options.store_faults * self.progress():
                self._befall(outages)
                outages += 1
            elif self.progress() < 1.0:
                self._hit(self._random.choice(self._crew.victims))
            time.sleep(self._random.uniform(0, 0.1))
        for timer in self._thawing:
            timer.join()
        self.blows.last = time.monotonic()

    def _befall(self, turn: int) -> None:
        # Again at its end: what was under way while it lasted counts as hit.
        self.blows.store.append(time.monotonic())
        self.blows.counts[self._stage.befall(turn)] += 1
        self.blows.store.append(time.monotonic())

    def _hit(self, worker: Worker) -> None:
        if not self._is_worth_it(worker):
            return
        (blow,) = self._random.choices(list(WEIGHTS), list(WEIGHTS.values()))
        what, _, whom = blow.partition(" ")
        target = self._target(worker, whom)
        if target is None:
            return
        self._crew.look_at(worker)
        self.blows.counts[blow] += 1
        if target == worker.pid:
            self.blows.keepers.setdefault(worker.number, time.monotonic())
        number = {"kill": signal.SIGKILL, "freeze": signal.SIGSTOP, "stop": signal.SIGTERM}[what]
        _send(target, number)
        if what == "freeze":
            self._thaw_later(target)

    def _is_worth_it(self, worker: Worker) -> bool:
        """Whether it works: mostly, those that still start are left alone, since they hold nothing."""
        if not worker.process.is_alive() or state_of(worker.pid) == "T":
            return False
        return bool(children_of(worker)) or self._random.random() < EARLY

    def _target(self, worker: Worker, whom: str) -> int | None:
        if whom == "app process":
            return app_of(worker)
        if whom == "child":
            children = children_of(worker)
            return self._random.choice(children) if children else None
        return worker.pid

    def _thaw_later(self, pid: int) -> None:
        """After more than two leases, if it is not gone by then."""
        timer = threading.Timer(2.2 * self._options.lease, _send, (pid, signal.SIGCONT))
        timer.start()
        self._thawing.append(timer)


def _send(pid: int, number: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, number)
