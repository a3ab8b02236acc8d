"""`Job`: one named, JSON-argument unit of work, as a value. `Entry`: the same as a store keeps it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from resque_core.claim import Claim
from resque_core.limit import Limit

#: Under this name Rails' ActiveJob enqueues all its jobs; their own is in the first argument.
ACTIVE_JOB = "ActiveJob::QueueAdapters::ResqueAdapter::JobWrapper"

#: What `on_worker_death` may say.
DEATH_POLICIES = ("requeue", "fail")


@dataclass(frozen=True, slots=True)
class Entry:
    """A job as a store keeps it: opaque bytes on a queue. Stores never look inside `payload`.

    `id` is unique among the entries of a namespace that wait or run: enqueueing an entry whose id
    is already there stores nothing, so that a repeated call cannot double a job.
    """

    id: str
    queue: str
    payload: bytes


# Without slots, so that `like` can make one of another in a fifth of the time.
@dataclass(frozen=True, kw_only=True)
class Job:
    """One unit of work. It holds no connection; only a `Resque` or a storage performs I/O."""

    #: The queue it was, or will be, placed on.
    queue: str
    #: The wire name: `class` in the JSON text.
    name: str
    #: Positional arguments, as JSON gave them back.
    args: tuple[Any, ...] = ()
    #: Keyword arguments, as JSON gave them back.
    kwargs: Mapping[str, Any] = field(default_factory=dict)
    #: Unique id. Entries of other writers without one get a hash of their queue and bytes.
    id: str = ""
    #: When it was first enqueued, by the producer's clock; None for entries that do not say.
    enqueued_at: datetime | None = None
    #: What becomes of it when its worker dies: `requeue` or `fail`; None leaves it to the worker.
    on_worker_death: str | None = None
    #: What keeps other jobs of its kind from being enqueued; None for a job that is not unique.
    claim: Claim | None = None
    #: How many of its kind may run at once; None: any number.
    limit: Limit | None = None
    #: Which attempt it is, counted from 1.
    attempt: int = 1
    #: Its failed attempts: `attempt`, `at`, `exception` and `error` of each, oldest first.
    history: tuple[Mapping[str, Any], ...] = ()
    #: When it is not worth running any more; None: never.
    expires_at: datetime | None = None
    #: Seconds after which it is not, counted from when it is enqueued: it was not yet. 0: nobody says so.
    expires_after: float = 0.0
    #: Seconds for which its result and status are kept after its end; 0: nobody asked for that.
    track: float = 0.0
    #: Jobs that are enqueued when it is done: `queue`, `text`, and `result` if they get what it returned.
    then: tuple[Mapping[str, Any], ...] = ()
    #: Whether it was delayed, and its hooks that tell of the end of that have not been called.
    delayed_hooks: bool = False
    #: The batch whose end waits for its end; empty: none.
    batch: str = ""
    #: Keys that are not ours; kept on every rewrite.
    extras: Mapping[str, Any] = field(default_factory=dict)
    #: The JSON text itself, byte for byte.
    payload: bytes = b""
    #: Why the payload could not be decoded; None for every job that can run.
    problem: str | None = None

    @property
    def entry(self) -> Entry:
        """This job as a store keeps it."""
        return Entry(self.id, self.queue, self.payload)

    @property
    def shown_name(self) -> str:
        """The name that people know it by: of an ActiveJob, the class that is wrapped."""
        wrapped = self.args[0] if self.name == ACTIVE_JOB and self.args else None
        inner = wrapped.get("job_class") if isinstance(wrapped, dict) else None
        return inner if isinstance(inner, str) and inner else self.name

    def __str__(self) -> str:
        """Ruby's inspect: `(Job{mail} | Mailer | [42])`."""
        keywords = f" | {dict(self.kwargs)}" if self.kwargs else ""
        return f"(Job{{{self.queue}}} | {self.name} | {list(self.args)}{keywords})"


def like(job: Job, **changes: Any) -> Job:
    """As `dataclasses.replace`, which sets each field by a call: jobs are made by the thousand."""
    twin = object.__new__(Job)
    object.__setattr__(twin, "__dict__", vars(job) | changes)
    return twin
