"""`resque batches list`: jobs that were enqueued together, and how many of them have ended."""

from dataclasses import dataclass
from typing import Annotated

import typer

from resque_core.batch import Batch
from resque_core.cli.command import command
from resque_core.cli.options import OutputOptions, StoreOptions
from resque_core.cli.render import note, print_json
from resque_core.cli.store import opened
from resque_core.cli.tables import Column, print_table
from resque_core.cli.tracking import status_shape

COLUMNS = (
    Column("ID", whole=True),
    Column("JOBS", right=True),
    Column("ENDED", right=True),
    Column("FAILED", right=True),
    Column("CALLBACK", whole=True),
)


@dataclass(frozen=True, kw_only=True)
class BatchesOptions:
    """Which part of the list."""

    start: Annotated[int, typer.Option("--start", min=0, metavar="N", help="Skip so many.")] = 0
    count: Annotated[int, typer.Option("--count", "-n", min=1, metavar="N", help="Show so many.")] = 50


def add_to(app: typer.Typer) -> None:
    """Add this file's commands as the group `batches`."""
    group = typer.Typer(no_args_is_help=True, help="See how many jobs of which batches have ended.")
    command(group, "list")(list_batches)
    app.add_typer(group, name="batches")


def list_batches(which: BatchesOptions, store: StoreOptions, output: OutputOptions) -> None:
    """List batches, the one begun last first. One is known until a day after its last job has ended.

    \b
    Examples:
      resque batches list
      resque batches list --count 5 --json
    """
    with opened(store) as resque:
        found, total = resque.batches(which.start, which.count), resque.count_batches()
    if output.json:
        print_json(list(map(status_shape, found)))
        return
    print_table(COLUMNS, map(_row, found))
    if not total:
        note("No batch was begun, or all have ended more than a day ago.")
    elif len(found) < total:
        note(f"{len(found)} of {total}; --start and --count show others.")


def _row(batch: Batch) -> tuple[object, ...]:
    return batch.id, batch.total, batch.total - batch.pending, batch.failed, batch.callback or "none"
