"""`resque workers …`: who works, on what, and how to stop them."""

from typing import Annotated

import typer

from resque_core.cli.command import command
from resque_core.cli.complaint import FAILED, complain
from resque_core.cli.ending import fail
from resque_core.cli.options import OutputOptions, StoreOptions
from resque_core.cli.render import note, print_json, print_record, print_text, seconds
from resque_core.cli.rescue import forget, prune
from resque_core.cli.shapes import worker_shape
from resque_core.cli.store import opened
from resque_core.cli.tables import Column, print_table
from resque_core.client import Resque
from resque_core.codec import decode_leniently
from resque_core.display import one_line
from resque_core.records import WorkerInfo

WorkerId = Annotated[str, typer.Argument(metavar="ID", help="An id from `resque workers list`.")]
WorkerIds = Annotated[
    list[str], typer.Argument(metavar="ID", help="Ids, as `resque workers list` shows them.")
]

COLUMNS = (
    Column("ID", whole=True),
    Column("STATE"),
    Column("LEASE", right=True),
    Column("DONE", right=True),
    Column("FAILED", right=True),
    Column("JOB"),
)


def add_to(app: typer.Typer) -> None:
    """Add this file's commands, and those of rescue.py, as the group `workers`."""
    group = typer.Typer(no_args_is_help=True, help="See who works on what; stop and clear up.")
    command(group, "list")(list_workers)
    command(group, "show")(show)
    command(group, "quiet")(quiet)
    command(group, "stop")(stop)
    command(group, "kill-job")(kill_job)
    command(group, "forget")(forget)
    command(group, "prune")(prune)
    app.add_typer(group, name="workers")


def list_workers(store: StoreOptions, output: OutputOptions) -> None:
    """List the workers, what they hold, and how long their leases last.

    \b
    Examples:
      resque workers list
      resque workers list --json
    """
    with opened(store) as resque:
        workers = resque.workers()
    if output.json:
        print_json([worker_shape(worker) for worker in workers])
        return
    print_table(COLUMNS, map(_row, workers))
    if not workers:
        note("No worker is registered. Start one: resque work --queues '*' --require MODULE")


def show(worker_id: WorkerId, store: StoreOptions, output: OutputOptions) -> None:
    """Show one worker.

    \b
    Examples:
      resque workers show 'host+1f2e3d4c:4711:mail'
      resque workers show 'host+1f2e3d4c:4711:mail' --json
    """
    with opened(store) as resque:
        found = [worker for worker in resque.workers() if worker.id == worker_id]
    if not found:
        fail(f"There is no worker {one_line(worker_id)}. `resque workers list` shows those that there are.")
    shape = worker_shape(found[0])
    if output.json:
        print_json(shape)
    else:
        print_record(shape | {"queues": ",".join(found[0].queues), "job": _job(found[0])})


def quiet(worker_ids: WorkerIds, store: StoreOptions) -> None:
    """Let workers finish their job and take no more. They stay, until they are stopped.

    \b
    Examples:
      resque workers quiet 'host+1f2e3d4c:4711:mail'
    """
    with opened(store) as resque:
        _send(resque, worker_ids, "quiet")


def stop(worker_ids: WorkerIds, store: StoreOptions) -> None:
    """End workers: the running job gets its grace and goes back to its queue if that is not enough.

    \b
    Examples:
      resque workers stop 'host+1f2e3d4c:4711:mail'
    """
    with opened(store) as resque:
        _send(resque, worker_ids, "stop")


def kill_job(worker_ids: WorkerIds, store: StoreOptions) -> None:
    """End the job that workers run now: it fails, and they go on with the next.

    \b
    Examples:
      resque workers kill-job 'host+1f2e3d4c:4711:mail'
    """
    with opened(store) as resque:
        _send(resque, worker_ids, "kill-job")


def _send(resque: Resque, worker_ids: list[str], verb: str) -> None:
    reached = [resque.storage.workers.command(worker_id, verb) for worker_id in worker_ids]
    for worker_id, known in zip(worker_ids, reached, strict=True):
        if known:
            print_text(f"{one_line(worker_id)}: hears `{verb}` at its next heartbeat")
        else:
            complain(f"There is no worker {worker_id}.")
    if not all(reached):
        raise typer.Exit(FAILED)


def _row(worker: WorkerInfo) -> tuple[object, ...]:
    return (
        worker.id,
        worker.state,
        seconds(worker.lease_left),
        worker.processed,
        worker.failed,
        _job(worker),
    )


def _job(worker: WorkerInfo) -> str:
    return str(decode_leniently(worker.reservation.entry)) if worker.reservation else ""
