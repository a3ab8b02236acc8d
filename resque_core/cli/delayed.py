"""`resque delayed …`: jobs that wait for their time."""

from typing import Annotated, Any

import typer

from resque_core.cli.command import command
from resque_core.cli.emptying import ask
from resque_core.cli.ending import fail
from resque_core.cli.options import ConsentOptions, OutputOptions, StoreOptions
from resque_core.cli.queues import WindowOptions
from resque_core.cli.render import count, json_text, note, print_json, print_record, print_text, seconds
from resque_core.cli.shapes import job_shape
from resque_core.cli.store import opened
from resque_core.cli.tables import Column, print_table
from resque_core.client import Resque
from resque_core.clock import utc_now
from resque_core.delayed_jobs import DelayedJob
from resque_core.display import one_line

JobId = Annotated[str, typer.Argument(metavar="ID", help="The job's id.")]
JobIds = Annotated[list[str], typer.Argument(metavar="ID", help="Ids of jobs.")]

COLUMNS = (
    Column("ID", whole=True),
    Column("DUE", right=True),
    Column("QUEUE"),
    Column("JOB", dotted=True),
    Column("ARGUMENTS"),
)


def add_to(app: typer.Typer) -> None:
    """Add this file's commands as the group `delayed`."""
    group = typer.Typer(no_args_is_help=True, help="See jobs that wait for their time, run or remove them.")
    command(group, "list")(list_delayed)
    command(group, "show")(show)
    command(group, "run")(run)
    command(group, "remove")(remove)
    command(group, "clear")(clear)
    app.add_typer(group, name="delayed")


def list_delayed(window: WindowOptions, store: StoreOptions, output: OutputOptions) -> None:
    """List delayed jobs, earliest first.

    \b
    Examples:
      resque delayed list
      resque delayed list --start 100 --count 20 --json
    """
    with opened(store) as resque:
        found = resque.schedule.peek(window.start, window.count)
        total = resque.schedule.count()
    if output.json:
        print_json([delayed_shape(one) for one in found])
        return
    print_table(COLUMNS, map(_row, found))
    note(f"{len(found)} of {count(total, 'delayed job')}.")


def show(job: JobId, store: StoreOptions, output: OutputOptions) -> None:
    """Show one delayed job.

    \b
    Examples:
      resque delayed show 0f3c9a6c54f24f6f8a4c1f5a0b1e2d3c
      resque delayed show 0f3c9a6c54f24f6f8a4c1f5a0b1e2d3c --json
    """
    with opened(store) as resque:
        shape = delayed_shape(_the(resque, job))
    if output.json:
        print_json(shape)
    else:
        print_record(shape)


def run(jobs: JobIds, store: StoreOptions) -> None:
    """Put delayed jobs on their queues now.

    \b
    Examples:
      resque delayed run 0f3c9a6c54f24f6f8a4c1f5a0b1e2d3c
    """
    with opened(store) as resque:
        found = [_the(resque, job) for job in jobs]
        moved = sum(resque.schedule.run_now(one.job) for one in found)
    print_text(f"{count(moved, 'job')} put on their queues")


def remove(jobs: JobIds, store: StoreOptions) -> None:
    """Delete delayed jobs.

    \b
    Examples:
      resque delayed remove 0f3c9a6c54f24f6f8a4c1f5a0b1e2d3c
    """
    with opened(store) as resque:
        found = [_the(resque, job) for job in jobs]
        deleted = sum(resque.schedule.remove(one.job) for one in found)
        print_text(f"{count(deleted, 'job')} deleted")


def clear(store: StoreOptions, consent: ConsentOptions) -> None:
    """Delete every delayed job, after asking.

    \b
    Examples:
      resque delayed clear
      resque delayed clear --yes
    """
    with opened(store) as resque:
        if not consent.yes:
            ask(f"Delete {count(resque.schedule.count(), 'delayed job')}?")
        print_text(f"{count(resque.schedule.reset_delayed(), 'job')} deleted")


def delayed_shape(delayed: DelayedJob) -> dict[str, Any]:
    """A delayed job as JSON."""
    return job_shape(delayed.job) | {"run_at": delayed.run_at}


def _the(resque: Resque, job: str) -> DelayedJob:
    found = resque.schedule.get(job)
    if found is None:
        fail(f"No delayed job has the id {one_line(job)}. Nothing was changed.")
    return found


def _row(delayed: DelayedJob) -> tuple[object, ...]:
    job = delayed.job
    due = "in " + seconds(max(0.0, (delayed.run_at - utc_now()).total_seconds()))
    arguments = [json_text(value, indent=None) for value in (list(job.args), dict(job.kwargs)) if value]
    return job.id, due, job.queue, job.shown_name if not job.problem else "not a job", " ".join(arguments)
