"""`BatchClient`: enqueues jobs together, and one that waits for the end of all of them."""

from collections.abc import Iterable
from typing import Any

from resque_core.batch import MOST_JOBS, Batch
from resque_core.calls import Calls
from resque_core.chaining import build
from resque_core.composer import Composer, refuse_repeated
from resque_core.display import one_line
from resque_core.errors import InvalidArguments
from resque_core.ids import new_id
from resque_core.job import Job
from resque_core.outbox import Outbox
from resque_core.store_client import StoreClient
from resque_core.targets import find_definition
from resque_core.terms import Expires


class BatchClient(StoreClient):
    """Batches of jobs."""

    #: Where enqueued jobs go.
    outbox: Outbox
    _composer: Composer

    def build(
        self, target: Any, /, *args: Any, expires: Expires | None = None, then: Any = None, **kwargs: Any
    ) -> Job:
        """A call as a value, for `enqueue_many`, `batch` or `then`: it is checked, and nothing is stored.

        As in `enqueue`, `then` is enqueued once it is done. `expires` counts from when it is enqueued.

        :raises EnqueueError: it is refused; the message says why and what to do.
        """
        return build(target, args, {**kwargs, "expires": expires, "then": then})

    def batch(self, items: Iterable[Job | tuple[Any, ...]], *, then: Any = None) -> Batch:
        """Enqueue many calls as one batch: all or none. `then` is enqueued once all of them have ended.

        Each has ended when it is done, or has failed for good, or was deleted. Items are as for
        `enqueue_many`; what a `before_enqueue` hook vetoes is no part of the batch. `then` is a call,
        `fn.build(…)` or a tuple `(target, *args)`; or a target alone, called with the id of the batch.

        :raises EnqueueError: one was refused or given twice, or there are more than 100,000; and nothing
            was stored.
        """
        batch = new_id()
        calls = list(map(Calls(self._composer, batch).of, items))
        refuse_repeated([_not_unique(job) for job, _ in calls])
        if len(calls) > MOST_JOBS:
            raise InvalidArguments(f"A batch has {MOST_JOBS} jobs at most, not {len(calls)}. Make several.")
        callback = None if then is None else self._callback(batch, then)
        accepted = [
            (job, it) for job, it in calls if not it.hooks.veto("before_enqueue", job.args, job.kwargs)
        ]
        self.outbox.put_batch(batch, [job for job, _ in accepted], callback)
        for job, definition in accepted:
            definition.hooks.run("after_enqueue", job.args, job.kwargs)
        total = len(accepted)
        return Batch(batch, total, total, 0, callback.id if callback else "")

    def find_batch(self, batch: str) -> Batch | None:
        """The batch with this id: how many of its jobs are still to end. None a day after the last has."""
        return self.storage.batches.read(batch)

    def batches(self, start: int = 0, count: int = 20) -> list[Batch]:
        """Up to `count` of those that `find_batch` knows, from index `start`, the one begun last first."""
        return list(self.storage.batches.all(start, count))

    def count_batches(self) -> int:
        """How many batches there are."""
        return self.storage.batches.count()

    def _callback(self, batch: str, then: Any) -> Job:
        target, *args = then if isinstance(then, tuple) and then else (then, batch)
        job = then if isinstance(then, Job) else build(target, args, {})
        return _not_unique(self._composer.prepare(job, find_definition(job.name)))


def _not_unique(job: Job) -> Job:
    """
    :raises InvalidArguments: it is.
    """
    if job.claim:
        raise InvalidArguments(
            f"{one_line(job.name)} is unique: if it is kept out, what should wait for its end? "
            f"Enqueue it by itself, or make it a job that is not unique."
        )
    return job
