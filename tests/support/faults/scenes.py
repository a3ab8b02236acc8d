"""What happens around a fail point: the jobs, the processes, and where the job is in the end."""

import itertools
import signal
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from uuid import uuid4

from faults.table import DONE, NOTHING, RESCUED, WAITING, Row
from faults.victims import (
    LEASE,
    LONG_LEASE,
    Victim,
    produce,
    produce_batch,
    produce_unique,
    push,
    state_of,
    wait_until,
    work,
)
from resque_core import Resque
from resque_core.clock import utc_now
from resque_core.failpoints import ALLOWED, FAILPOINT
from resque_core.records import Reservation, WorkerInfo
from resque_core.storage import Storage
from resque_core.sweeper import Sweeper

QUEUE = "shop"
_numbers = itertools.count()


class Scene:
    """One point on one store, in a namespace of its own, from the first job to the last look."""

    def __init__(self, row: Row, url: str, folder: Path) -> None:
        self.row = row
        self.url = url
        self.namespace = f"fault{next(_numbers)}"
        self.resque = Resque(url, namespace=self.namespace)
        self._folder = folder / self.namespace
        self._folder.mkdir()
        self._victims: list[Victim] = []
        self.evidence = self._folder / "evidence"

    def close(self) -> None:
        """End what is still there."""
        for victim in self._victims:
            victim.end()
        self.resque.close()

    @property
    def storage(self) -> Storage:
        """The store, seen from here."""
        return self.resque.storage

    @property
    def log(self) -> str:
        """What all processes said."""
        return "\n".join(victim.log for victim in self._victims)

    @property
    def reached(self) -> bool:
        """Whether a process has come to the point."""
        return f"Fail point {self.row.point}" in self.log

    def begin(self, action: str, variables: Mapping[str, str] | None = None) -> Victim:
        """Set the scene, and have a process come to the point."""
        asked = {FAILPOINT: f"{self.row.point}:{action}", ALLOWED: "1"} if variables is None else variables
        return SCENES[self.row.scene](self, asked)

    def finish(self, victim: Victim) -> None:
        """Have a process come to its end that goes on after the point."""
        if self.row.scene == "a dead neighbour":
            wait_until(lambda: self.reached, "the point")
            wait_until(lambda: len(self.storage.workers.all()) < 2, "the sweep of the neighbour")
            victim.signal(signal.SIGTERM)
        victim.wait()

    def assert_reached(self) -> None:
        """A point that nobody comes to would prove nothing."""
        assert self.reached, self.log

    def work_off(self) -> None:
        """Have others take back what lapsed workers hold, and run all that is there."""
        Sweeper(self.storage).sweep_all()
        assert self.start({}, burst=True, grace=20.0).wait() == 0, self.log

    def start(self, variables: Mapping[str, str], **options: Any) -> Victim:
        """A worker."""
        return self._keep(work, variables, options)

    def produce(self, variables: Mapping[str, str], *job: Any) -> Victim:
        """A program that enqueues."""
        return self._keep(produce, variables, *job)

    def produce_unique(self, variables: Mapping[str, str]) -> Victim:
        """A program that enqueues a unique job."""
        return self._keep(produce_unique, variables)

    def produce_batch(self, variables: Mapping[str, str]) -> Victim:
        """A program that enqueues a batch of one job."""
        return self._keep(produce_batch, variables)

    def push(self, variables: Mapping[str, str], name: str, **keys: Any) -> Victim:
        """A program that enqueues a job with these keys in its text."""
        return self._keep(push, variables, name, keys)

    def sweep(self) -> None:
        """Nobody lives any more: end all leases now, and take back what the dead held."""
        for worker in self.storage.workers.all():
            self.storage.workers.beat(worker.id, 0.0)
        wait_until(self._swept, "the end of all leases")

    def place(self) -> str:
        """Where the job is."""
        failed = list(self.storage.failures.peek(0, 100))
        if failed:
            return f"failed {failed[0].exception}"
        self.storage.schedule.promote()
        worker = self.join()
        held = self.storage.jobs.reserve([QUEUE], worker, uuid4().hex)
        if isinstance(held, Reservation):
            self.storage.jobs.release(held)
        self.storage.workers.unregister(worker)
        if isinstance(held, Reservation):
            return RESCUED if held.rescues else WAITING
        return DONE if self.told("packed") or self.told("held") else NOTHING

    def assert_counted(self, place: str) -> None:
        """Counters say what happened, nobody is registered, and the job is in one place alone."""
        failures = self.storage.failures.count()
        ended = failures + (place == DONE)
        stats = {name: count for name, count in self.storage.stats.all().items() if count}
        retried = stats.get("retried", 0)
        expected = {"processed": ended + retried, "failed": failures, "retried": retried}
        assert stats == {name: count for name, count in expected.items() if count}, self.log
        assert list(self.storage.workers.all()) == [], self.log
        assert self.storage.queues.size(QUEUE) + ended == (place != NOTHING), self.log

    def told(self, word: str) -> list[str]:
        """The lines that jobs wrote of this kind."""
        lines = self.evidence.read_text().splitlines() if self.evidence.exists() else []
        return [line for line in lines if line.split()[0] == word]

    def join(self, lease: float = 60.0) -> str:
        """Register a worker that is nobody; its id."""
        worker = WorkerInfo(id=uuid4().hex, host="here", pid=1, queues=("*",), started_at=utc_now())
        self.storage.workers.register(worker, lease)
        return worker.id

    def _swept(self) -> bool:
        Sweeper(self.storage).sweep_all()
        return not self.storage.workers.all()

    def _keep(self, act: Callable[..., Any], variables: Mapping[str, str], *args: Any) -> Victim:
        env = {"SHOP_LOG": str(self.evidence)} | dict(variables)
        log = self._folder / f"log{len(self._victims)}"
        self._victims.append(Victim(act, env, log, self.url, self.namespace, *args))
        return self._victims[-1]


def a_job(scene: Scene, variables: Mapping[str, str]) -> Victim:
    """One that runs to its end."""
    scene.resque.enqueue_to(QUEUE, "storeroom.pack", 1)
    return scene.start(variables, burst=True)


def a_quick_job(scene: Scene, variables: Mapping[str, str]) -> Victim:
    """One that ends long before the next beat is due."""
    scene.resque.enqueue_to(QUEUE, "storeroom.pack", 1)
    return scene.start(variables, burst=True, lease=LONG_LEASE)


def a_delayed_job(scene: Scene, variables: Mapping[str, str]) -> Victim:
    """One that is due when its worker comes."""
    scene.resque.enqueue_in_to(QUEUE, 0.05, "storeroom.pack", 1)
    (delayed,) = scene.resque.schedule.peek()
    wait_until(lambda: utc_now() > delayed.run_at, "the time of the job")
    return scene.start(variables, burst=True)


def a_job_that_raises(scene: Scene, variables: Mapping[str, str]) -> Victim:
    """One that fails."""
    scene.resque.enqueue_to(QUEUE, "storeroom.break_down", "as ever")
    return scene.start(variables, burst=True)


def a_job_that_is_retried(scene: Scene, variables: Mapping[str, str]) -> Victim:
    """One that fails once, and is tried again."""
    scene.resque.enqueue_to(QUEUE, "storeroom.stumble", 1)
    return scene.start(variables, burst=True)


def a_job_that_kills_its_child(scene: Scene, variables: Mapping[str, str]) -> Victim:
    """One whose failure hooks are the app process's business."""
    scene.resque.enqueue_to(QUEUE, "storeroom.Watched", int(signal.SIGKILL))
    return scene.start(variables, burst=True)


def a_last_job(scene: Scene, variables: Mapping[str, str]) -> Victim:
    """One that ends while its worker stops, and so takes no other."""
    gate = scene.evidence.with_name("gate")
    scene.resque.enqueue_to(QUEUE, "storeroom.hold", str(gate))
    worker = scene.start(variables, grace=60.0)
    wait_until(lambda: scene.told("holding"), "the job")
    worker.signal(signal.SIGTERM)
    wait_until(lambda: "Stopping" in worker.log, "the worker's answer")
    gate.touch()
    return worker


def a_job_handed_back(scene: Scene, variables: Mapping[str, str]) -> Victim:
    """One that runs until its worker is stopped."""
    gate = scene.evidence.with_name("gate")
    scene.resque.enqueue_to(QUEUE, "storeroom.hold", str(gate))
    worker = scene.start(variables, grace=0.0)
    wait_until(lambda: scene.told("holding"), "the job")
    worker.signal(signal.SIGTERM)
    # Whoever runs it next is not to be held up.
    child = int(scene.told("holding")[0].split()[1])
    wait_until(lambda: state_of(child) in ("", "Z"), "the end of the child")
    gate.touch()
    return worker


def a_dead_neighbour(scene: Scene, variables: Mapping[str, str]) -> Victim:
    """One in the hands of a worker whose lease is over. It is packed in the end by whoever sweeps."""
    scene.resque.enqueue_to(QUEUE, "storeroom.pack", 1)
    dead = scene.join(LEASE / 10)
    assert isinstance(scene.storage.jobs.reserve([QUEUE], dead, uuid4().hex), Reservation)
    return scene.start(variables, queues=("other",), sweep=0.1)


def a_producer_of_a_unique_job(scene: Scene, variables: Mapping[str, str]) -> Victim:
    """One that is put on its queue with its claim."""
    return scene.produce_unique(variables)


def a_producer_of_a_tracked_job(scene: Scene, variables: Mapping[str, str]) -> Victim:
    """One whose note is opened once it is on its queue."""
    return scene.push(variables, "storeroom.pack", track=60)


def a_tracked_job(scene: Scene, variables: Mapping[str, str]) -> Victim:
    """One that says how far it is, and goes on until that was written."""
    gate = scene.evidence.with_name("gate")
    scene.resque.push(QUEUE, {"class": "storeroom.announce", "args": [str(gate)], "track": 60})
    worker = scene.start(variables, burst=True)
    wait_until(lambda: "Fail point" in worker.log, "the word of the job")
    gate.touch()
    return worker


def a_producer_of_a_batch(scene: Scene, variables: Mapping[str, str]) -> Victim:
    """One that is put on its queue as a batch."""
    return scene.produce_batch(variables)


def a_limited_job(scene: Scene, variables: Mapping[str, str]) -> Victim:
    """One that needs a slot, and gives it back."""
    limit = {"key": "storeroom", "most": 1}
    scene.resque.push(QUEUE, {"class": "storeroom.pack", "args": [1], "limit": limit})
    return scene.start(variables, burst=True)


def a_producer(scene: Scene, variables: Mapping[str, str]) -> Victim:
    """One that a program puts on its queue."""
    return scene.produce(variables, "storeroom.pack", 1)


SCENES: dict[str, Callable[[Scene, Mapping[str, str]], Victim]] = {
    act.__name__.replace("_", " "): act
    for act in (
        *(a_job, a_quick_job, a_delayed_job, a_job_that_raises, a_job_that_is_retried),
        *(a_job_that_kills_its_child, a_last_job, a_job_handed_back),
        *(a_dead_neighbour, a_producer, a_producer_of_a_unique_job),
        *(a_producer_of_a_tracked_job, a_tracked_job, a_limited_job, a_producer_of_a_batch),
    )
}
