"""`resque workers forget` and `prune`: clear up after workers that died."""

import time
from dataclasses import dataclass
from typing import Annotated

import typer

from resque_core.cli.complaint import FAILED, complain
from resque_core.cli.layers import layered
from resque_core.cli.options import StoreOptions, option
from resque_core.cli.render import count, print_text, seconds
from resque_core.cli.store import config_of, opened
from resque_core.client import Resque
from resque_core.display import one_line
from resque_core.failing import failure_of
from resque_core.outcome import DIRTY_EXIT, Problem
from resque_core.records import Lapsed, Reservation, Verdict, WorkerInfo
from resque_core.sweeper import Sweeper

#: A worker that is alive may beat between our two steps; so often we try before we say so.
TRIES = 20

WorkerIds = Annotated[
    list[str], typer.Argument(metavar="ID", help="Ids, as `resque workers list` shows them.")
]


@dataclass(frozen=True, kw_only=True)
class ForgetOptions:
    """What becomes of a forgotten worker's job, and how sure the user is."""

    requeue: Annotated[bool, option("--requeue", help="Put its job back on the queue.")] = False
    force: Annotated[bool, option("--force", help="Even if its lease is not over yet.")] = False


@dataclass(frozen=True, kw_only=True)
class PruneOptions(StoreOptions):
    """The policy of the sweep."""

    max_rescues: Annotated[
        int | None,
        option("--max-rescues", metavar="N", help="How often a job is taken back. Default 3."),
    ] = None
    on_worker_death: Annotated[
        str | None,
        option("--on-worker-death", metavar="requeue|fail", help="For their jobs. Default requeue."),
    ] = None


def forget(worker_ids: WorkerIds, how: ForgetOptions, store: StoreOptions) -> None:
    """Remove dead workers' records now. A job that they held fails as DirtyExit, as in Ruby.

    A worker whose lease is not over is refused, because it may be alive: see `resque workers stop`.

    \b
    Examples:
      resque workers forget 'host+1f2e3d4c:4711:mail'
      resque workers forget 'host+1f2e3d4c:4711:mail' --requeue --force
    """
    with opened(store) as resque:
        forgotten = [_forget(resque, worker_id, how) for worker_id in worker_ids]
    if not all(forgotten):
        raise typer.Exit(FAILED)


def prune(options: PruneOptions) -> None:
    """Take back the jobs of every worker whose lease is over, now instead of at the next sweep.

    \b
    Examples:
      resque workers prune
      resque workers prune --on-worker-death fail
    """
    config = config_of(options)
    policy = layered(options, {}, config)
    workers = requeued = failed = 0
    with opened(options) as resque:
        sweeper = Sweeper(
            resque.storage, policy.get("max_rescues", 3), policy.get("on_worker_death", "requeue")
        )
        while (report := sweeper.sweep_all()).workers:
            workers += report.workers
            requeued += report.requeued
            failed += report.failed
    print_text(f"{count(workers, 'dead worker')} removed: {count(requeued, 'job')} requeued, {failed} failed")


def _forget(resque: Resque, worker_id: str, how: ForgetOptions) -> bool:
    worker = _find(resque, worker_id)
    if worker is None:
        complain(f"There is no worker {worker_id}.")
        return False
    if worker.lease_left >= 0 and not how.force:
        complain(
            f"Worker {worker_id} may be alive: its lease lasts another {seconds(worker.lease_left)}. "
            f"Stop it with `resque workers stop`, wait, or write --force."
        )
        return False
    return _sweep(resque, worker, how)


def _sweep(resque: Resque, worker: WorkerInfo, how: ForgetOptions) -> bool:
    found: WorkerInfo | None = worker
    for _ in range(TRIES):
        if found is None:
            print_text(f"{one_line(worker.id)}: it has just gone by itself")
            return True
        if found.lease_left >= 0:
            resque.storage.workers.beat(found.id, 0.0)
        held = found.reservation
        if resque.storage.workers.sweep(Lapsed(found.id, held), _verdict(held, how)):
            print_text(f"{one_line(found.id)}: forgotten{_fate(held, how)}")
            return True
        time.sleep(0.05)
        found = _find(resque, worker.id)
    complain(f"Worker {worker.id} goes on beating: it is alive. Stop it first: resque workers stop")
    return False


def _verdict(held: Reservation | None, how: ForgetOptions) -> Verdict:
    if held is None or how.requeue:
        return Verdict()
    return Verdict(failure_of(held, Problem(DIRTY_EXIT, "Job still being processed")))


def _fate(held: Reservation | None, how: ForgetOptions) -> str:
    if held is None:
        return ""
    fate = f"is back on {one_line(held.entry.queue)}" if how.requeue else f"failed as {DIRTY_EXIT}"
    return f"; its job {one_line(held.entry.id)} {fate}"


def _find(resque: Resque, worker_id: str) -> WorkerInfo | None:
    return next((worker for worker in resque.workers() if worker.id == worker_id), None)
