"""`Library`: a job library on one store, ours or a peer's, as the measures see it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

FORK = "drain, fork per job"
#: The same without bundles. Only its drain is measured: it waits as the other does.
FORK_ALONE = "drain, fork per job, one a call"
BATCH = "drain, 100 per fork"
NO_FORK = "drain, no fork"


@dataclass(frozen=True)
class WorkerKind:
    """One way to run a library's worker."""

    #: What its drain is called: `FORK`, `FORK_ALONE`, `BATCH` or `NO_FORK`.
    drain: str
    #: The command of a worker that may end when the queue is empty.
    burst: Sequence[str]
    #: The command of one that waits for more.
    idle: Sequence[str]
    #: How that one waits: polling at an interval, or blocked in a call.
    waits: str
    #: What it is called there.
    title: str = ""
    #: One that is slow is measured with so small a part of the jobs.
    part: float = 1.0
    #: Seconds after a job until it does nothing about it any more, such as forking the next child.
    rest: float = 3.0


#: A job and its arguments.
Call = tuple[str, Sequence[object]]


class Library(Protocol):
    """Enqueues `nothing`, `note_time`, `note_delay` and `swallow`, and says how to run its workers."""

    name: str
    workers: Sequence[WorkerKind]
    #: What its workers need in their environment.
    env: Mapping[str, str]
    #: Whether it can enqueue many jobs in one call.
    bulk: bool

    def enqueue(self, job: str, *arguments: object) -> None:
        """Enqueue one job."""
        ...

    def enqueue_many(self, calls: Sequence[Call]) -> None:
        """Enqueue all of these, in this order; in one call, if it is `bulk`."""
        ...

    def clear(self) -> None:
        """Forget what is enqueued."""
        ...

    def close(self) -> None:
        """Let the store go."""
        ...
