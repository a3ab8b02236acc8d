"""`resque list`, `remove` and `kill`: the commands of Ruby's `resque`, with its words."""

from typing import Annotated

import typer

from resque_core.cli.command import command
from resque_core.cli.ending import fail
from resque_core.cli.options import StoreOptions
from resque_core.cli.render import print_text
from resque_core.cli.store import opened
from resque_core.display import one_line
from resque_core.process.killing import kill_worker

WorkerId = Annotated[str | None, typer.Argument(metavar="ID", help="An id from `resque list`.")]
Requeue = Annotated[
    bool, typer.Option("--requeue", help="Put its job back on the queue instead of failing it.")
]


def add_to(app: typer.Typer) -> None:
    """Add this file's commands."""
    command(app, "list")(list_workers)
    command(app, "remove")(remove)
    command(app, "kill")(kill)


def list_workers(store: StoreOptions) -> None:
    """List the workers as Ruby's `resque list` does: `ID (idle)`, `ID (working)`. See also `workers list`.

    \b
    Examples:
      resque list
    """
    with opened(store) as resque:
        workers = resque.workers()
    for worker in workers:
        print_text(f"{one_line(worker.id)} ({'working' if worker.reservation else 'idle'})")
    if not workers:
        print_text("None")


def remove(store: StoreOptions, worker_id: WorkerId = None, requeue: Requeue = False) -> None:
    """Forget a worker, alive or not, Ruby's too. Its job fails as DirtyExit. See also `workers forget`.

    \b
    Examples:
      resque remove 'host+1f2e3d4c:4711:mail'
      resque remove 'host+1f2e3d4c:4711:mail' --requeue
    """
    _remove(store, _given(worker_id, "remove"), requeue=requeue)


def kill(store: StoreOptions, worker_id: WorkerId = None, requeue: Requeue = False) -> None:
    """Kill a worker of this machine (SIGKILL) and forget it. Its job fails as DirtyExit.

    \b
    Examples:
      resque kill 'host+1f2e3d4c:4711:mail'
      resque kill 'host+1f2e3d4c:4711:mail' --requeue
    """
    worker_id = _given(worker_id, "kill")
    said = f"** killed {one_line(worker_id)}"
    print_text(said if kill_worker(worker_id) else f"** worker {one_line(worker_id)} not running")
    _remove(store, worker_id, requeue=requeue)


def _remove(store: StoreOptions, worker_id: str, *, requeue: bool) -> None:
    with opened(store) as resque:
        if not resque.remove_worker(worker_id, requeue=requeue):
            fail(f"There is no worker {one_line(worker_id)}. `resque list` shows those that there are.")
    print_text(f"** removed {one_line(worker_id)}")


def _given(worker_id: str | None, verb: str) -> str:
    if worker_id is None:
        fail(f"Which worker? ** resque {verb} WORKER_ID")
    return worker_id
