"""`Group`: a number of workers on the same queues, and how each of them works."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

#: What a group's mapping must say, and what it may say besides: settings of each of its workers.
WORKERS = "workers"


@dataclass(frozen=True, slots=True)
class Group:
    """`queues` is the key as written, and the group's identity: `a,b` is not `b,a` (spec pool §2.2)."""

    queues: str
    workers: int
    #: Fields of `WorkerOptions` that differ from the pool's own.
    options: Mapping[str, Any] = field(default_factory=dict)

    def of_size(self, workers: int) -> "Group":
        """The same group with another number of workers."""
        return replace(self, workers=workers)


#: The groups of a pool, by their key.
Groups = Mapping[str, Group]
