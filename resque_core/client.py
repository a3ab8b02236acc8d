"""`Resque`: places jobs on queues, and looks after the queues, workers and failures of one store."""

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import timedelta
from itertools import islice
from typing import Any

from resque_core.batch_client import BatchClient
from resque_core.calls import Call, Calls
from resque_core.composer import Composer, refuse_repeated
from resque_core.death_policy import DeathPolicy
from resque_core.default_app import announce
from resque_core.delayed_client import DelayedClient
from resque_core.delayed_jobs import DelayedJobs
from resque_core.dequeueing import matcher
from resque_core.discovery import scheme_of
from resque_core.duplicates import complain_of_duplicate
from resque_core.errors import EnqueueError, InvalidArguments, SettingsError
from resque_core.expiry import EXPIRED
from resque_core.failure_store import FailureStore
from resque_core.failures.installed import read_names
from resque_core.held import Held, hold
from resque_core.job import Job
from resque_core.keeping_settings import chosen_keeping
from resque_core.mould import new_job
from resque_core.outbox import InlineOutbox, StoreOutbox
from resque_core.pool_client import PoolClient
from resque_core.queue_list import QueueList
from resque_core.records import ALL_QUEUES
from resque_core.registry import registry
from resque_core.schedule_client import ScheduleClient
from resque_core.settings import StoreChoice, environment_name
from resque_core.stat import Stat
from resque_core.storage import Stats
from resque_core.store_client import Opener
from resque_core.targets import find_definition
from resque_core.terms import Expires
from resque_core.worker_client import WorkerClient

#: More is a typing error: no job is left alone for longer than a day.
_LONGEST_LEASE = 86_400


class Resque(WorkerClient, PoolClient, DelayedClient, ScheduleClient, BatchClient):
    """Jobs in one namespace of one store. Making it touches nothing; threads may share it.

    The store is `url`, else what RESQUE_URL, REDIS_URL or MONGODB_URI name, else an embedded SQLite
    file of this user. `inline` performs jobs as they are enqueued; `default_queue` takes jobs that
    name none; `on_worker_death` is `requeue`, `fail`, or a mapping of queues to these (`*`: others).
    `classic_payload` writes what Ruby Resque writes, byte for byte, and refuses what needs more;
    `ruby` does that too, and has workers of this `Resque` do all as Ruby's do.
    `stat_store` keeps the counters of `stats`, for example `NullStats()`.
    `max_failures`, and `max_failure_age` in seconds, are what is kept of failures: the oldest go. With
    `failure_backend="redis_multi_queue"` each queue has a list of its own, on Redis; a list may name those
    that its workers tell of failures, too: `["redis_multi_queue", "logging"]`.
    A `StoreChoice` in place of the URL says what named it, and whether a missing store is made;
    a function of the namespace gives the storage itself: `partial(resque_redis.storage_of, client)`.

    :raises SettingsError: a value cannot be used.
    """

    def __init__(
        self,
        url: str | StoreChoice | Opener | None = None,
        *,
        namespace: str | None = None,
        inline: bool = False,
        default_queue: str | None = None,
        max_payload: int = 1_000_000,
        on_worker_death: str | Mapping[str, str] | None = None,
        classic_payload: bool = False,
        ruby: bool = False,
        stat_store: Stats | None = None,
        failure_backend: str | Sequence[str] | None = None,
        max_failures: int | None = None,
        max_failure_age: float | timedelta | None = None,
    ) -> None:
        super().__init__(url, namespace)
        #: Whether everything is done as by Ruby Resque.
        self.ruby = ruby
        classic = classic_payload or ruby
        death = _death_policy(on_worker_death, classic=classic, ruby=ruby)
        self._composer = Composer(default_queue, death, max_payload, classic=classic)
        self.inline = inline
        #: The jobs that wait for their time.
        self.schedule = DelayedJobs(self._lazy.get)
        #: The names of failure backends, for its workers.
        self.failure_backend = read_names(failure_backend)
        #: How failures are kept, by this `Resque` and its workers.
        self.keeping = chosen_keeping(self.failure_backend, max_failures, max_failure_age)
        #: The failed jobs.
        self.failures = FailureStore(self._lazy.get, keep=ruby)
        #: The counters; `stats.store` may be replaced.
        self.stats = Stat(self._lazy.get, stat_store)
        announce(self)

    @property
    def inline(self) -> bool:
        """Whether jobs are performed at once, in this process, instead of being stored."""
        return isinstance(self.outbox, InlineOutbox)

    @inline.setter
    def inline(self, inline: bool) -> None:
        self.outbox = InlineOutbox(registry) if inline else StoreOutbox(self._lazy.get)

    def enqueue(
        self,
        target: Any,
        /,
        *args: Any,
        at_front: bool = False,
        expires: Expires | None = None,
        then: Any = None,
        **kwargs: Any,
    ) -> Job | None:
        """Place a call on the target's queue. The target is a job, or the wire name of one.

        Past `expires`, a moment or a time from now, no worker runs it: it fails with `JobExpired`.
        `then` is enqueued once it is done: a call, `fn.build(…)` or a tuple `(target, *args)`; or a target
        alone, which is called with what this job returned; or a list of these.
        Returns the job, or None when a `before_enqueue` hook vetoed, or a unique job is there already.

        :raises EnqueueError: it was refused and nothing was stored; the message says why and what to do.
        """
        definition = find_definition(target)
        job = self._composer.compose(definition, None, args, kwargs, self._terms(expires, None, then))
        return self._place([(job, definition)], at_front)[0]

    def enqueue_to(
        self,
        queue: str,
        target: Any,
        /,
        *args: Any,
        at_front: bool = False,
        expires: Expires | None = None,
        then: Any = None,
        **kwargs: Any,
    ) -> Job | None:
        """As `enqueue`, but on `queue`. With a name, this reaches jobs of any other code base, Ruby's too."""
        definition = find_definition(target)
        job = self._composer.compose(definition, queue, args, kwargs, self._terms(expires, None, then))
        return self._place([(job, definition)], at_front)[0]

    def enqueue_many(
        self, items: Iterable[Job | tuple[Any, ...]], *, at_front: bool = False
    ) -> list[Job | None]:
        """Place many calls in one step: all or none. Items are `fn.build(…)` or tuples `(target, *args)`.

        Returns, in order, the jobs, with None for each that a `before_enqueue` hook vetoed, and for each
        unique one that is there already. A job whose id waits or runs already is returned too, but not
        stored a second time.

        :raises EnqueueError: one was refused or given twice, and nothing was stored.
        """
        calls = list(map(Calls(self._composer).of, items))
        refuse_repeated([job for job, _ in calls])
        return self._place(calls, at_front)

    def enqueue_stream(
        self,
        items: Iterable[Job | tuple[Any, ...]],
        *,
        chunk: int = 1000,
        progress: Callable[[int], None] | None = None,
    ) -> int:
        """Place any number of calls, `chunk` of them in each step: a generator's million needs little memory.

        Items are as for `enqueue_many`. Returns how many were stored, without those that a hook vetoed
        or that were there already; `progress` is told so far after each step.

        :raises EnqueueError: one was refused. Of its chunk and what follows nothing was stored; a note
            of the error says how many were before.
        """
        if chunk < 1:
            raise InvalidArguments(f"chunk={chunk}: give how many to store in one step, 1 or more.")
        stored = 0
        remaining = iter(items)
        try:
            while calls := list(map(Calls(self._composer).of, islice(remaining, chunk))):
                refuse_repeated([job for job, _ in calls])
                stored += len(calls) - self._place(calls, at_front=False).count(None)
                if progress:
                    progress(stored)
        except EnqueueError as error:
            error.add_note(f"{stored} jobs were stored before that; of what follows none.")
            raise
        return stored

    def dequeue(self, target: Any, /, *args: Any, **kwargs: Any) -> int | None:
        """Delete the waiting jobs of the target's queue that are this call; without arguments, any call.

        Returns how many, or None when a `before_dequeue` hook vetoed.
        """
        return self._dequeue(None, target, args, kwargs)

    def dequeue_from(self, queue: str, target: Any, /, *args: Any, **kwargs: Any) -> int | None:
        """As `dequeue`, but from `queue`."""
        return self._dequeue(queue, target, args, kwargs)

    def push(self, queue: str, payload: Mapping[str, Any]) -> Job:
        """Store a job as another code base would write it: `{"class": …, "args": […], …}`. No hooks.

        Only an `id` is added, if there is none (not with `classic_payload`). A job whose id waits or
        runs already is returned, but not stored a second time.

        :raises EnqueueError: it is not a job, and nothing was stored.
        """
        job = self._composer.pushed(queue, payload)
        self.outbox.put([job])
        return job

    def reserve(self, *queues: str, lease: float = 30.0) -> AbstractContextManager[Held | None]:
        """The next job of the queues (names or patterns), for a `with` block; None when there is none.

        While the block runs the job is kept by heartbeats. Settle it with `complete`, `fail`, `release`
        or `perform`; left unsettled, it is released. If this process dies, a worker takes it back.
        """
        if not 0 < lease <= _LONGEST_LEASE:
            raise SettingsError(
                f"lease={lease!a}: give seconds, more than 0 and at most {_LONGEST_LEASE} (a day)."
            )
        return hold(self.storage, QueueList(",".join(queues)), lease, self.keeping)

    def info(self) -> dict[str, Any]:
        """The state of everything at a glance: what Ruby's `Resque.info` has, and where the store is."""
        sizes, workers, counts = self.queue_sizes(), self.workers(), self.stats.all()
        return {
            "pending": sum(sizes.values()),
            "processed": counts.get("processed", 0),
            "failed": self.failures.count(),
            "expired": counts.get(EXPIRED, 0),
            "delayed": self.schedule.count(),
            "retrying": self.schedule.retrying(),
            "queues": len(sizes),
            "workers": len(workers),
            "working": sum(worker.reservation is not None for worker in workers),
            "paused": ALL_QUEUES in self.paused(),
            "servers": [self.location],
            "namespace": self.namespace,
            "store": self._kind_of_store(),
            "source": self.source,
            "environment": environment_name(os.environ),
        }

    def _kind_of_store(self) -> str:
        # An open client has no URL.
        return scheme_of(self.url) if self.url else self.storage.server_info().server.partition(" ")[0]

    def _place(self, calls: list[Call], at_front: bool) -> list[Job | None]:
        accepted = [
            (job, it) for job, it in calls if not it.hooks.veto("before_enqueue", job.args, job.kwargs)
        ]
        holders = self.outbox.put([job for job, _ in accepted], at_front=at_front) if accepted else {}
        stored = {job.id for job, _ in accepted}.difference(holders)
        for job, definition in accepted:
            if job.id in stored:
                definition.hooks.run("after_enqueue", job.args, job.kwargs)
        if len(calls) == 1 and holders:
            complain_of_duplicate(*calls[0], *holders.values())
        return [job if job.id in stored else None for job, _ in calls]

    def _dequeue(
        self, queue: str | None, target: Any, args: tuple[Any, ...], kwargs: Mapping[str, Any]
    ) -> int | None:
        definition = find_definition(target)
        job = new_job(definition, self._composer.place(definition, queue), args, kwargs)
        if definition.hooks.veto("before_dequeue", job.args, job.kwargs):
            return None
        count = self.storage.queues.dequeue(job.queue, matcher(job, any_arguments=not (args or kwargs)))
        definition.hooks.run("after_dequeue", job.args, job.kwargs)
        return count


def _death_policy(
    setting: str | Mapping[str, str] | None, *, classic: bool, ruby: bool
) -> DeathPolicy | None:
    """What this client may say about dead workers' jobs; None where only workers may.

    :raises SettingsError: a classic payload cannot carry what was asked for.
    """
    if setting is not None and classic and not (ruby and setting == "fail"):
        raise SettingsError(
            f"on_worker_death={setting!a:.80}: a classic payload cannot carry it. Tell the workers instead: "
            f"resque work --on-worker-death …."
        )
    return None if ruby else DeathPolicy("requeue" if setting is None else setting)
