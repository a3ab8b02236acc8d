"""Removing a worker by hand: it is forgotten, and its job fails as in Ruby, or goes back to its queue."""

from resque_core.failing import failure_of
from resque_core.keeping import KEEP_ALL, Keeping
from resque_core.noting import sequel_of_death
from resque_core.outcome import DIRTY_EXIT, Problem
from resque_core.records import Lapsed, Reservation, Verdict, WorkerInfo
from resque_core.storage import Workers

#: A worker that is alive takes and settles jobs between our two steps; so often we look again.
TRIES = 100


def find_worker(workers: Workers, worker_id: str) -> WorkerInfo | None:
    """The registered worker with this id."""
    return next((worker for worker in workers.all() if worker.id == worker_id), None)


def remove_worker(
    workers: Workers,
    worker_id: str,
    *,
    requeue: bool = False,
    forced: bool = True,
    keeping: Keeping = KEEP_ALL,
) -> tuple[Lapsed, Verdict] | None:
    """Forget the worker, ours or Ruby's; what it was seen with, and what became of that.

    None: it is not there, or does not let go.

    `forced`: even if it may be alive. It hears of that with its next beat, and ends its job.
    """
    for _ in range(TRIES):
        found = find_worker(workers, worker_id)
        if found is None:
            return None
        seen = Lapsed(found.id, found.reservation)
        verdict = _verdict(seen.reservation, keeping, requeue=requeue)
        if workers.sweep(seen, verdict, forced=forced):
            return seen, verdict
    return None


def _verdict(held: Reservation | None, keeping: Keeping, *, requeue: bool) -> Verdict:
    """Back to its queue, or `DirtyExit` with Ruby's words. Of a bundle, nobody knows which job runs."""
    if held is None or requeue or held.bundle:
        return Verdict()
    problem = Problem(DIRTY_EXIT, "Job still being processed")
    sequel = sequel_of_death(held, problem.exception, problem.error)
    return Verdict(failure_of(held, problem), keeping, sequel)
