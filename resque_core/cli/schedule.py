"""`resque schedule …`: recurring entries."""

from dataclasses import dataclass
from typing import Annotated, Any

import typer

from resque_core.cli.command import command
from resque_core.cli.emptying import ask
from resque_core.cli.ending import fail
from resque_core.cli.enqueue import json_keywords, json_value
from resque_core.cli.options import ConsentOptions, OutputOptions, StoreOptions, option
from resque_core.cli.render import note, print_json, print_record, print_text, seconds
from resque_core.cli.shapes import job_shape
from resque_core.cli.store import opened
from resque_core.cli.tables import Column, print_table
from resque_core.client import Resque
from resque_core.clock import utc_now
from resque_core.display import one_line
from resque_core.loading import load_modules
from resque_core.recurring_job import RecurringJob

Name = Annotated[str, typer.Argument(metavar="NAME", help="The entry's name.")]
Names = Annotated[list[str], typer.Argument(metavar="NAME", help="Names of entries.")]

COLUMNS = (
    Column("NAME", whole=True),
    Column("WHEN"),
    Column("JOB", dotted=True),
    Column("QUEUE"),
    Column("LAST", right=True),
    Column("NEXT", right=True),
    Column("SOURCE", dotted=True),
)


@dataclass(frozen=True, kw_only=True)
class RunOptions:
    """With what to run it."""

    args: Annotated[
        list[str] | None,
        typer.Argument(metavar="JSON", show_default=False, help="Other arguments than the entry's, as JSON."),
    ] = None
    kwargs: Annotated[
        str, option("--kwargs", metavar="JSON", help="Other keyword arguments, as a JSON object.")
    ] = "{}"
    require: Annotated[
        list[str] | None,
        option(
            "--require", "-r", metavar="MODULE", help="Import this module first, for its hooks and queues."
        ),
    ] = None


def add_to(app: typer.Typer) -> None:
    """Add this file's commands as the group `schedule`."""
    group = typer.Typer(no_args_is_help=True, help="See recurring entries, set, run, pause or remove them.")
    command(group, "list")(list_schedules)
    command(group, "show")(show)
    command(group, "set")(set_schedule)
    command(group, "run", context_settings={"ignore_unknown_options": True})(run)
    command(group, "pause")(pause)
    command(group, "resume")(resume)
    command(group, "remove")(remove)
    app.add_typer(group, name="schedule")


def list_schedules(store: StoreOptions, output: OutputOptions) -> None:
    """List recurring entries by name, with their last and their next run.

    \b
    Examples:
      resque schedule list
      resque schedule list --json
    """
    with opened(store) as resque:
        found = resque.all_schedules()
    if output.json:
        print_json(list(map(schedule_shape, found)))
        return
    print_table(COLUMNS, map(_row, found))
    note(f"{len(found)} recurring {'entry' if len(found) == 1 else 'entries'}.")


def show(name: Name, store: StoreOptions, output: OutputOptions) -> None:
    """Show one recurring entry.

    \b
    Examples:
      resque schedule show nightly
      resque schedule show nightly --json
    """
    with opened(store) as resque:
        shape = schedule_shape(_the(resque, name))
    if output.json:
        print_json(shape)
    else:
        print_record(shape)


def set_schedule(
    name: Name,
    says: Annotated[str, typer.Argument(metavar="JSON", help="What it says: the keys of a schedule file.")],
    store: StoreOptions,
    output: OutputOptions,
) -> None:
    """Put an entry in place of the one of that name.

    \b
    Examples:
      resque schedule set nightly '{"cron": "0 3 * * *", "class": "Report", "queue": "reports"}'
      resque schedule set poll '{"every": "5m", "class": "shop.jobs.poll", "queue": "polls", "args": [1]}'
    """
    said = json_keywords(says, "JSON")
    with opened(store, create=True) as resque:
        shape = schedule_shape(resque.set_schedule(name, said))
    if output.json:
        print_json(shape)
    else:
        print_text(f"{one_line(name)}: next run {shape['next_run'] or 'never'}")


def run(name: Name, options: RunOptions, store: StoreOptions, output: OutputOptions) -> None:
    """Put the entry's job on its queue now, and print its id. The next run stays.

    \b
    Examples:
      resque schedule run nightly
      resque schedule run nightly 7 '"again"' --require shop.jobs
    """
    args = [json_value(text, f"argument {number}") for number, text in enumerate(options.args or (), 1)]
    kwargs = json_keywords(options.kwargs, "--kwargs")
    load_modules(options.require or ())
    with opened(store) as resque:
        _the(resque, name)
        job = resque.run_schedule(name, *args, **kwargs)
    if job is None:
        fail(f"The job of {one_line(name)} was not enqueued: a hook refused it, or it is there already.")
    if output.json:
        print_json(job_shape(job))
    else:
        print_text(job.id)


def pause(names: Names, store: StoreOptions) -> None:
    """Let entries have no runs until they are resumed.

    \b
    Examples:
      resque schedule pause nightly
    """
    with opened(store) as resque:
        for name in [_the(resque, name).name for name in names]:
            resque.pause_schedule(name)
            print_text(f"{one_line(name)}: paused")


def resume(names: Names, store: StoreOptions) -> None:
    """Undo pause. What was due in the meantime is not made up for.

    \b
    Examples:
      resque schedule resume nightly
    """
    with opened(store) as resque:
        for name in [_the(resque, name).name for name in names]:
            resque.resume_schedule(name)
            print_text(f"{one_line(name)}: resumed")


def remove(names: Names, store: StoreOptions, consent: ConsentOptions) -> None:
    """Delete entries, after asking. One from a file or from code comes back unless it is removed there, too.

    \b
    Examples:
      resque schedule remove nightly
      resque schedule remove nightly poll --yes
    """
    with opened(store) as resque:
        found = [_the(resque, name).name for name in names]
        if not consent.yes:
            ask(f"Remove {', '.join(map(one_line, found))}?")
        for name in found:
            resque.remove_schedule(name)
            print_text(f"{one_line(name)}: removed")


def schedule_shape(job: RecurringJob) -> dict[str, Any]:
    """A recurring entry as JSON."""
    entry = job.entry
    return {
        "name": job.name,
        "when": entry.when,
        "class": entry.job,
        "queue": entry.queue,
        "args": list(entry.args),
        "kwargs": dict(entry.kwargs),
        "description": entry.description,
        "environments": list(entry.environments),
        "catch_up": entry.catch_up,
        "overlap": entry.overlap,
        "source": job.source,
        "paused": job.paused,
        "last_run": job.last_run,
        "last_job": job.last_job,
        "next_run": job.next_run,
        "note": job.note,
        "config": dict(entry.config),
    }


def _the(resque: Resque, name: str) -> RecurringJob:
    found = resque.fetch_schedule(name)
    if found is None:
        fail(f"There is no recurring entry {one_line(name)}. Nothing was changed.")
    return found


def _row(job: RecurringJob) -> tuple[object, ...]:
    now, entry = utc_now(), job.entry
    last = "never" if job.last_run is None else f"{seconds((now - job.last_run).total_seconds())} ago"
    coming = "" if job.next_run is None else f"in {seconds(max(0.0, (job.next_run - now).total_seconds()))}"
    if job.paused:
        coming = "paused"
    return job.name, entry.when, entry.job, entry.queue or "", last, coming, job.source
