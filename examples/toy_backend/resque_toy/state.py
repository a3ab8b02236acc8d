"""What the toy keeps of one namespace: plain dicts and lists."""

import time
from dataclasses import dataclass, field

from resque_core.failure import Failure
from resque_core.job import Entry
from resque_core.records import Reservation, WorkerInfo

SECONDS = {"minute": 60, "day": 86_400}


@dataclass
class Waiting:
    """A job on its queue."""

    entry: Entry
    rescues: int = 0
    since: float = field(default_factory=time.time)


@dataclass
class Member:
    """A registered worker."""

    info: WorkerInfo
    lease_until: float
    heartbeat_at: float | None = None
    held: Reservation | None = None
    settled: str | None = None
    commands: list[str] = field(default_factory=list)
    processed: int = 0
    failed: int = 0


@dataclass
class State:
    """Everything in one namespace."""

    #: Every known queue and the jobs that wait on it, head first.
    queues: dict[str, list[Waiting]] = field(default_factory=dict)
    paused: set[str] = field(default_factory=set)
    #: Newest first.
    failures: list[Failure] = field(default_factory=list)
    workers: dict[str, Member] = field(default_factory=dict)
    stats: dict[str, int] = field(default_factory=dict)
    #: By counter, grain and number of the minute or day since 1970.
    history: dict[tuple[str, str, int], int] = field(default_factory=dict)

    def live_ids(self) -> set[str]:
        """The ids of all jobs that wait or run."""
        waiting = {job.entry.id for queue in self.queues.values() for job in queue}
        return waiting | {member.held.entry.id for member in self.workers.values() if member.held}

    def put(self, job: Waiting, *, at_front: bool = False) -> None:
        """Let a job wait on its queue, which becomes known."""
        queue = self.queues.setdefault(job.entry.queue, [])
        queue.insert(0 if at_front else len(queue), job)

    def count(self, name: str, by: int = 1) -> None:
        """Move a counter, and its current minute and day."""
        self.stats[name] = self.stats.get(name, 0) + by
        for grain, seconds in SECONDS.items():
            bucket = (name, grain, int(time.time()) // seconds)
            self.history[bucket] = self.history.get(bucket, 0) + by
