"""How fast a queue is served that is long: of ours alone, by the calls that a worker makes."""

from itertools import count as count_from
from uuid import uuid4

import bench_jobs

from bench.rate import rate
from bench.resque_library import NAMESPACE
from resque_core import Resque
from resque_core.clock import utc_now
from resque_core.records import Reservation, WorkerInfo

QUEUE = "bench"


class Depths:
    """A queue that grows from one depth to the next."""

    def __init__(self, url: str) -> None:
        self._resque = Resque(url, namespace=NAMESPACE)
        self._resque.remove_queue(QUEUE)

    def rate_at(self, depth: int, count: int) -> float:
        """Jobs per second that one worker completes and reserves, with about so many waiting."""
        missing = depth + count + 1 - self._resque.size(QUEUE)
        self._resque.enqueue_stream((bench_jobs.nothing,) for _ in range(missing))
        worker = WorkerInfo(
            id=f"bench+{uuid4().hex}:1:{QUEUE}", host="bench", pid=1, queues=(QUEUE,), started_at=utc_now()
        )
        jobs, workers = self._resque.storage.jobs, self._resque.storage.workers
        workers.register(worker, 3600)
        held, tokens = jobs.reserve([QUEUE], worker.id, "0"), count_from(1)

        def step() -> None:
            nonlocal held
            assert isinstance(held, Reservation), held
            held = jobs.complete_and_reserve(held, [QUEUE], str(next(tokens)))  # type: ignore[assignment]

        found = rate(count, step)
        assert isinstance(held, Reservation), held
        jobs.complete(held)
        workers.unregister(worker.id)
        return found

    def close(self) -> None:
        """Empty the queue, and let the store go."""
        self._resque.remove_queue(QUEUE)
        self._resque.close()
