"""`Listeners`: who takes jobs from a queue, and what state that leaves it in."""

from collections import Counter
from collections.abc import Sequence

from resque_core.errors import NoQueueError
from resque_core.queue_list import QueueList
from resque_core.records import Overview, QueueInfo, WorkerInfo

#: A sign and a word for each state of a queue.
STATES = {"running": "▶ Running", "paused": "‖ Paused", "alone": "⚠ No workers"}


class Listeners:
    """The workers that there were at one look. Most of them have the same few patterns."""

    def __init__(self, now: Overview) -> None:
        self._now = now
        self._patterns = Counter(worker.queues for worker in alive(now.workers))

    def of(self, queue: str) -> int:
        """How many workers take jobs from a queue. What is lost takes none."""
        return sum(count for patterns, count in self._patterns.items() if _match(patterns, queue))

    def state_of(self, queue: QueueInfo) -> str:
        """One of `STATES`: `alone` is a queue that no worker takes from."""
        if queue.paused or self._now.paused:
            return "paused"
        return "running" if self.of(queue.name) else "alone"

    def shown(self, queue: QueueInfo) -> str:
        """The state of a queue, with a sign."""
        return STATES[self.state_of(queue)]


def alive(workers: Sequence[WorkerInfo]) -> list[WorkerInfo]:
    """Those that have not missed their heartbeat."""
    return [worker for worker in workers if worker.state != "lapsed"]


def takes_from(worker: WorkerInfo, queue: str) -> bool:
    """Whether this worker listens to a queue."""
    return worker.state != "lapsed" and _match(worker.queues, queue)


def _match(patterns: Sequence[str], queue: str) -> bool:
    try:
        return queue in QueueList(",".join(patterns)).resolve([queue])
    except NoQueueError:
        # Another program has registered it, under an id that names none.
        return False
