"""`prune_silent`: forgets dead workers of Ruby's, which have no lease that a sweep could judge."""

import logging

from resque_core.codec import decode_leniently
from resque_core.display import one_line
from resque_core.failing import failure_of
from resque_core.keeping import KEEP_ALL, Keeping
from resque_core.outcome import Problem
from resque_core.records import Lapsed, Verdict, WorkerInfo
from resque_core.storage import Workers
from resque_core.sweeper import PRUNED, SweepReport

log = logging.getLogger("resque")

#: Seconds: Ruby's own `prune_interval`. Its workers beat every minute.
SILENCE = 300.0


def prune_silent(workers: Workers, now: float, *, keeping: Keeping = KEEP_ALL) -> SweepReport:
    """Forget Ruby's workers that have not beaten for `SILENCE`; `now` is the store's clock.

    The job of one fails, as in Ruby. A worker that beats is left alone whatever `ps` shows, and so is one
    that never beat: it may be of a version that does not.
    """
    ends = [_end_of(worker, keeping) for worker in workers.all() if _is_silent(worker, now)]
    pruned = [(seen, verdict) for seen, verdict in ends if workers.sweep(seen, verdict, forced=True)]
    for seen, _ in pruned:
        log.warning("Pruned dead worker %s.", one_line(seen.worker))
    failures = tuple(verdict.failure for _, verdict in pruned if verdict.failure)
    return SweepReport(workers=len(pruned), failed=len(failures), failures=failures)


def _is_silent(worker: WorkerInfo, now: float) -> bool:
    # Ours have a lease; they are swept by that alone.
    if worker.lease_left != 0 or worker.heartbeat_at is None:
        return False
    return now - worker.heartbeat_at.timestamp() > SILENCE


def _end_of(worker: WorkerInfo, keeping: Keeping) -> tuple[Lapsed, Verdict]:
    held = worker.reservation
    if held is None:
        return Lapsed(worker.id, None), Verdict()
    doing = decode_leniently(held.entry).name or "<Unknown Job>"
    problem = Problem(PRUNED, f"Worker {worker.id} did not gracefully exit while processing {doing}")
    return Lapsed(worker.id, held), Verdict(failure_of(held, problem), keeping)
