"""`Group`: a number of workers on the same queues, and how each of them works; or their scheduler."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

#: What a group's mapping must say, and what it may say besides settings of each of its workers.
WORKERS, SCHEDULER = "workers", "scheduler"


@dataclass(frozen=True, slots=True)
class Group:
    """`queues` is the key as written, and the group's identity: `a,b` is not `b,a` (spec pool §2.2)."""

    queues: str
    workers: int
    #: Fields of `WorkerOptions` that differ from the pool's own.
    options: Mapping[str, Any] = field(default_factory=dict)
    #: Whether a scheduler is kept beside them.
    scheduler: bool = False
    #: Whether this is that scheduler: no worker, and on no queue.
    schedules: bool = False

    @property
    def beside(self) -> "Group":
        """The scheduler beside them, as a group of its own: it is kept, seen and steered like any other."""
        return Group(f"{self.queues} (scheduler)", 1, self.options, schedules=True)

    @property
    def written(self) -> Mapping[str, Any]:
        """As a pool's file would have it."""
        return {WORKERS: self.workers, **self.options, SCHEDULER: self.scheduler}

    def of_size(self, workers: int) -> "Group":
        """The same group with another number of workers."""
        return replace(self, workers=workers)


#: The groups of a pool, by their key.
Groups = Mapping[str, Group]
