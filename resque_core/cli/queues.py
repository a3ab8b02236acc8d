"""`resque queues …`: look at queues, hold them back, empty them."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated, Any

import typer

from resque_core.cli.command import command
from resque_core.cli.emptying import clear, remove
from resque_core.cli.moving import move
from resque_core.cli.options import OutputOptions, StoreOptions
from resque_core.cli.pause import pause, resume
from resque_core.cli.render import age, json_text, note, print_json, print_text, seconds
from resque_core.cli.shapes import job_shape, queue_shapes
from resque_core.cli.store import opened
from resque_core.cli.tables import Column, print_table
from resque_core.job import Job

QueueName = Annotated[str, typer.Argument(metavar="QUEUE", help="The queue's name.")]

QUEUE_COLUMNS = (
    Column("QUEUE", whole=True),
    Column("SIZE", right=True),
    Column("OLDEST", right=True),
    Column("STATE"),
)
JOB_COLUMNS = (
    Column("ID", whole=True),
    Column("AGE", right=True),
    Column("JOB", dotted=True),
    Column("ARGUMENTS"),
)


@dataclass(frozen=True, kw_only=True)
class WindowOptions:
    """Which part of a queue."""

    start: Annotated[int, typer.Option("--start", min=0, metavar="N", help="Skip so many jobs.")] = 0
    count: Annotated[int, typer.Option("--count", "-n", min=1, metavar="N", help="Show so many.")] = 10


def add_to(app: typer.Typer) -> None:
    """Add this file's commands, and those of moving.py and emptying.py, as the group `queues`."""
    group = typer.Typer(no_args_is_help=True, help="Look at queues, hold them back, move jobs, empty them.")
    command(group, "list")(list_queues)
    command(group, "size")(size)
    command(group, "peek")(peek)
    command(group, "pause")(pause)
    command(group, "resume")(resume)
    command(group, "move")(move)
    command(group, "clear")(clear)
    command(group, "remove")(remove)
    app.add_typer(group, name="queues")


def list_queues(store: StoreOptions, output: OutputOptions) -> None:
    """List every queue: how many jobs wait, for how long, and whether it is paused.

    \b
    Examples:
      resque queues list
      resque queues list --json
    """
    with opened(store) as resque:
        shapes = queue_shapes(resque)
    if output.json:
        print_json(shapes)
        return
    print_table(QUEUE_COLUMNS, queue_rows(shapes))
    if not shapes:
        note("There are no queues yet.")


def size(queue: QueueName, store: StoreOptions, output: OutputOptions) -> None:
    """Print how many jobs wait on a queue.

    \b
    Examples:
      resque queues size mail
      resque queues size mail --json
    """
    with opened(store) as resque:
        jobs = resque.size(queue)
    if output.json:
        print_json({"name": queue, "size": jobs})
    else:
        print_text(str(jobs))


def peek(queue: QueueName, window: WindowOptions, store: StoreOptions, output: OutputOptions) -> None:
    """Show the jobs at the head of a queue, without taking them.

    \b
    Examples:
      resque queues peek mail
      resque queues peek mail --start 100 --count 20 --json
    """
    with opened(store) as resque:
        jobs = resque.peek(queue, window.start, window.count)
    if output.json:
        print_json([job_shape(job) for job in jobs])
    else:
        print_table(JOB_COLUMNS, map(_job_row, jobs))


def queue_rows(shapes: Iterable[dict[str, Any]]) -> list[tuple[object, ...]]:
    """The queues as rows of a table."""
    return [
        (
            one["name"],
            one["size"],
            seconds(one["latency"]) if one["size"] else "",
            "paused" if one["paused"] else "",
        )
        for one in shapes
    ]


def _job_row(job: Job) -> tuple[object, ...]:
    if job.problem:
        return job.id, age(job.enqueued_at), "not a job", job.problem
    arguments = [json_text(value, indent=None) for value in (list(job.args), dict(job.kwargs)) if value]
    return job.id, age(job.enqueued_at), job.shown_name, " ".join(arguments)
