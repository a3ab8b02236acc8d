"""`resque workers forget` and `prune`: clear up after workers that died."""

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
from resque_core.outcome import DIRTY_EXIT
from resque_core.records import Reservation
from resque_core.removal import find_worker, remove_worker
from resque_core.sweeper import Sweeper

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
            resque.storage,
            policy.get("max_rescues", 3),
            policy.get("on_worker_death", "requeue"),
            keeping=resque.keeping,
        )
        while (report := sweeper.sweep_all()).workers:
            workers += report.workers
            requeued += report.requeued
            failed += report.failed
    print_text(f"{count(workers, 'dead worker')} removed: {count(requeued, 'job')} requeued, {failed} failed")


def _forget(resque: Resque, worker_id: str, how: ForgetOptions) -> bool:
    workers = resque.storage.workers
    worker = find_worker(workers, worker_id)
    if worker is None:
        complain(f"There is no worker {worker_id}.")
        return False
    if worker.lease_left >= 0 and not how.force:
        complain(
            f"Worker {worker_id} may be alive: its lease lasts another {seconds(worker.lease_left)}. "
            f"Stop it with `resque workers stop`, wait, or write --force."
        )
        return False
    removed = remove_worker(workers, worker_id, requeue=how.requeue, forced=how.force, keeping=resque.keeping)
    if removed is None and find_worker(workers, worker_id):
        complain(f"Worker {worker_id} goes on beating: it is alive. Stop it first: resque workers stop")
        return False
    fate = _fate(removed[0].reservation, how) if removed else "; it has just gone by itself"
    print_text(f"{one_line(worker_id)}: forgotten{fate}")
    return True


def _fate(held: Reservation | None, how: ForgetOptions) -> str:
    if held is None:
        return ""
    fate = f"is back on {one_line(held.entry.queue)}" if how.requeue else f"failed as {DIRTY_EXIT}"
    return f"; its job {one_line(held.entry.id)} {fate}"
