"""`conduct`: one storm from its first worker to the verdict."""

import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from resque_core import Resque, StorageError
from resque_core.process.nursery import BUSY, CALM
from storm import evidence, standstill
from storm.audit import Account, Audit
from storm.crew import NAMESPACE, Crew
from storm.mongo_stage import MongoStage
from storm.options import Options
from storm.producer import QUEUE, Producer
from storm.redis_stage import RedisStage
from storm.sqlite_stage import SqliteStage
from storm.stage import Stage
from storm.tempest import Tempest

STAGES: dict[str, Callable[[Path], Stage]] = {
    "redis": RedisStage,
    "mongodb": MongoStage,
    "sqlite": SqliteStage,
}
#: How often a job is taken back from dead workers: the default of `resque work`.
RESCUES = 3
#: Seconds after which nothing is waited for any more.
GIVE_UP = 180.0
#: Looks in a row that must find nothing to do. A job that goes from dead hands back to its queue just then is
#: seen in neither: those that end each worker that runs them do so again and again.
LOOKS = 3
#: Files that a process may have open more than it had at first: one for each child that a busy worker has
#: more than one that waits, and others.
SPARE_FILES = BUSY.enough - CALM.enough + 8


@dataclass(frozen=True)
class Result:
    """A storm and its verdict."""

    options: Options
    server: str
    account: Account
    audit: Audit
    seconds: float


def conduct(options: Options, folder: Path | None = None) -> Result:
    """Let it storm over one backend."""
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="resque-storm-", dir=folder) as name:
        stage = STAGES[options.backend](Path(name) / "store")
        try:
            account = _storm(options, stage, Path(name))
        finally:
            stage.close()
    return Result(options, stage.server, account, Audit(account), time.monotonic() - began)


def _storm(options: Options, stage: Stage, folder: Path) -> Account:
    crew = Crew(options, stage.url, folder)
    tempest = Tempest(options, crew, stage)
    producer = Producer(stage, options.jobs, tempest.progress)
    try:
        with Resque(stage.url, namespace=NAMESPACE) as resque:
            files = _settle_in(crew, resque)
            producer.start()
            tempest.rage(lambda: not producer.is_alive())
            producer.stop()
            drained, stuck = _drain(crew, resque)
            leaks = _grown(files, crew.descriptors(), options)
            leaks += [f"zombie {pid}" for pid in _last(crew.zombies)]
            leaks += crew.stop(60.0)
            leaks += [f"orphan {pid}" for pid in _last(crew.orphans)]
            counters = dict(resque.stats.all())
    finally:
        crew.stop(10.0)
    return Account(
        producer=producer,
        evidence=evidence.read(crew.evidence),
        blows=tempest.blows,
        contents=stage.look(),
        counters=counters,
        drained=drained - tempest.blows.last,
        patience=(options.lease + options.sweep) * (RESCUES + 1) + options.slack,
        workers=options.workers,
        at_once=options.at_once,
        late=crew.late(),
        leaks=leaks,
        stuck=stuck,
    )


def _settle_in(crew: Crew, resque: Resque) -> dict[str, int]:
    """Wait until all workers are there; how many files the spared one has open."""
    _until(lambda: len(resque.workers()) == len(crew.workers))
    _until(lambda: crew.descriptors()["app process"] > 0)
    return crew.descriptors()


def _drain(crew: Crew, resque: Resque) -> tuple[float, list[str]]:
    """Keep the crew at its number until nothing is left to do or to sweep; when, or what is seen if never."""

    empty = 0

    def done() -> bool:
        nonlocal empty
        crew.replace_ended()
        dead = {worker.pid for worker in resque.workers()} - {worker.pid for worker in crew.workers}
        left = dead or resque.working() or resque.schedule.count() or resque.size(QUEUE) or resque.working()
        empty = 0 if left else empty + 1
        return empty == LOOKS

    stuck = [] if _until(done) else standstill.look(crew, resque)
    return time.monotonic(), stuck


def _until(what: Callable[[], bool]) -> bool:
    limit = time.monotonic() + GIVE_UP
    while time.monotonic() < limit:
        try:
            if what():
                return True
        except StorageError:
            pass
        time.sleep(0.05)
    return False


def _grown(before: dict[str, int], now: dict[str, int], options: Options) -> list[str]:
    spare = dict.fromkeys(before, SPARE_FILES)
    if options.backend == "mongodb":
        # It may have come to be the one that wakes the others, each of which is connected with it.
        spare["keeper"] += options.workers
    return [
        f"{name} has {now[name]} files open, and had {count}"
        for name, count in before.items()
        if now[name] > count + spare[name]
    ]


def _last(look: Callable[[], list[int]]) -> list[int]:
    """The processes that are seen for as long as a moment: those that end just now are none of them."""
    limit = time.monotonic() + 5
    found = set(look())
    while found and time.monotonic() < limit:
        time.sleep(0.05)
        found &= set(look())
    return sorted(found)
