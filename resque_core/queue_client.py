"""`QueueClient`: what can be asked of queues, and done to them, by name."""

from collections.abc import Iterable
from typing import Any

from resque_core.codec import decode_leniently
from resque_core.depths import Depths
from resque_core.job import Job
from resque_core.queue_name import check_queue_name
from resque_core.records import ALL_QUEUES
from resque_core.store_client import StoreClient
from resque_core.timing import Timings

#: As many jobs are moved in one call of the store, where all of a queue are.
MOVED_AT_ONCE = 1000


class QueueClient(StoreClient):
    """The queues of a store. Any name may be asked for: one that is not known is an empty queue."""

    def queues(self) -> list[str]:
        """The names of all known queues, sorted."""
        return [queue.name for queue in self.storage.queues.all()]

    def queue_sizes(self) -> dict[str, int]:
        """How many jobs wait on each known queue."""
        return {queue.name: queue.size for queue in self.storage.queues.all()}

    def size(self, queue: str) -> int:
        """How many jobs wait on the queue."""
        return self.storage.queues.size(queue)

    def peek(self, queue: str, start: int = 0, count: int = 1) -> list[Job]:
        """Up to `count` waiting jobs from index `start`, head first. They stay where they are.

        Bytes that are no job come as a nameless `Job` with a `problem`.
        """
        return [decode_leniently(entry) for entry in self.storage.queues.peek(queue, start, count)]

    def list_range(self, queue: str, start: int = 0, count: int = 1) -> list[Job]:
        """The same as `peek`: Ruby's other name for it."""
        return self.peek(queue, start, count)

    def sample_queues(self, sample_size: int = 1000) -> dict[str, dict[str, Any]]:
        """Each known queue with its `size`, and its first jobs as `samples`; as Ruby's `sample_queues`.

        One call of the store for each queue: a store may have thousands.
        """
        return {
            name: {"size": size, "samples": self.peek(name, 0, sample_size)}
            for name, size in self.queue_sizes().items()
        }

    def pop(self, queue: str) -> Job | None:
        """Remove the job at the head and return it; None when the queue is empty.

        At most once: the job is gone from the store, and if this process dies it is gone for good.
        Use `reserve` for jobs that must not be lost. Bytes that are no job come as a nameless `Job`
        with a `problem` and the `payload`.
        """
        entry = self.storage.queues.pop(queue)
        return None if entry is None else decode_leniently(entry)

    def latency(self, queue: str) -> float:
        """Seconds that the oldest waiting job has waited; 0.0 for an empty queue."""
        return self.storage.queues.latencies([queue])[queue]

    def timings(self, queue: str) -> Timings:
        """How long its jobs waited and took: a histogram of each, of the attempts whose end a worker told.

        They are kept as long as the queue is known.
        """
        return self.storage.queues.timings([queue]).get(queue, Timings())

    def depths(self, minutes: int = 60) -> list[Depths]:
        """How many jobs waited, in each of the last minutes in which a worker or scheduler ran; oldest first.

        The last 24 hours are kept, of each minute the 20 deepest queues.
        """
        return list(self.storage.queues.samples(minutes))

    def move(self, queue: str, to: str, ids: Iterable[str] | None = None) -> int:
        """Let waiting jobs of a queue wait at the tail of another one, in their order; return how many.

        Those with these `ids`, or all that wait now. What does not wait there any more is left alone.

        :raises InvalidQueueName: `to` cannot be a queue's name.
        """
        check_queue_name(to)
        if ids is not None:
            return self.storage.queues.move(queue, to, list(ids))
        moved, left = 0, self.size(queue)
        while left > 0 and (some := self.storage.queues.peek(queue, 0, min(left, MOVED_AT_ONCE))):
            moved += self.storage.queues.move(queue, to, [entry.id for entry in some])
            left -= len(some)
        return moved

    def clear_queue(self, queue: str) -> int:
        """Delete every waiting job of the queue; return how many. The queue stays known."""
        return self.storage.queues.clear(queue)

    def remove_queue(self, queue: str) -> int:
        """Delete every waiting job of the queue and the queue itself; return how many jobs."""
        return self.storage.queues.remove(queue)

    def pause(self, queue: str) -> None:
        """Let no worker take jobs from the queue until `resume`. Running jobs go on."""
        self.storage.queues.pause(queue)

    def resume(self, queue: str) -> None:
        """Undo `pause`."""
        self.storage.queues.resume(queue)

    def pause_all(self) -> None:
        """Let no worker take any job until `resume_all`. Running jobs go on."""
        self.storage.queues.pause(ALL_QUEUES)

    def resume_all(self) -> None:
        """Undo `pause_all`. Queues that were paused by name stay paused."""
        self.storage.queues.resume(ALL_QUEUES)

    def paused(self) -> frozenset[str]:
        """The names of paused queues; `*` among them after `pause_all`."""
        return self.storage.queues.paused()
