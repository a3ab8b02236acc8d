"""`resque failures …`: see what failed and why; run it again or delete it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Annotated

import typer

from resque_core.cli.command import command
from resque_core.cli.ending import fail
from resque_core.cli.options import OutputOptions, StoreOptions, option
from resque_core.cli.render import (
    LONGEST_LINE,
    age,
    note,
    print_json,
    print_json_list,
    print_record,
    print_text,
)
from resque_core.cli.retrying import clear, remove, retry, sort
from resque_core.cli.shapes import failure_shape
from resque_core.cli.store import opened
from resque_core.cli.tables import Column, print_table
from resque_core.cli.which import WhichOptions
from resque_core.client import Resque
from resque_core.codec import decode_leniently
from resque_core.display import one_line
from resque_core.failure import Failure, FailureFilter
from resque_core.job import ACTIVE_JOB, Entry

FailureId = Annotated[str, typer.Argument(metavar="ID", help="Its id, as `resque failures list` shows it.")]

COLUMNS = (
    Column("ID", whole=True),
    Column("AGE", right=True),
    Column("QUEUE"),
    Column("JOB", dotted=True),
    Column("ERROR"),
)
#: As many as a table shows unless told otherwise; JSON has them all.
TABLE_LIMIT = 50
#: As many as are asked of the store at once.
WINDOW = 200


@dataclass(frozen=True, kw_only=True)
class PageOptions:
    """Which part of the list."""

    start: Annotated[int, typer.Option("--start", min=0, metavar="N", help="Skip so many.")] = 0
    limit: Annotated[
        int | None,
        option("--limit", "-n", min=1, metavar="N", help=f"Show so many ({TABLE_LIMIT}; as JSON all)."),
    ] = None


def add_to(app: typer.Typer) -> None:
    """Add this file's commands, and those of retrying.py, as the group `failures`."""
    group = typer.Typer(no_args_is_help=True, help="See what failed and why; run it again or delete it.")
    command(group, "list")(list_failures)
    command(group, "show")(show)
    command(group, "retry")(retry)
    command(group, "remove")(remove)
    command(group, "clear")(clear)
    command(group, "sort")(sort)
    app.add_typer(group, name="failures")


def list_failures(which: WhichOptions, page: PageOptions, store: StoreOptions, output: OutputOptions) -> None:
    """List failed jobs, newest first.

    \b
    Examples:
      resque failures list
      resque failures list --exception Timeout --since 2h
      resque failures list --class Mailer --queue mail --json
    """
    chosen = which.chosen()
    with opened(store) as resque:
        if output.json:
            print_json_list(map(failure_shape, _page(resque, chosen, page.start, page.limit)))
            return
        limit = page.limit or TABLE_LIMIT
        shown = list(_page(resque, chosen, page.start, limit))
        print_table(COLUMNS, map(_row, shown))
        _say_how_many(resque.failures.count(chosen), page.start, len(shown))


def show(failure_id: FailureId, store: StoreOptions, output: OutputOptions) -> None:
    """Show one failed job with its arguments, its attempts, and the backtrace of the last.

    \b
    Examples:
      resque failures show 1f2e3d4c5b6a79881f2e3d4c5b6a7988
      resque failures show 1f2e3d4c5b6a79881f2e3d4c5b6a7988 --json
    """
    with opened(store) as resque:
        failure = resque.failures.get(failure_id)
    if failure is None:
        fail(f"There is no failure {one_line(failure_id)}. It may have been retried or removed.")
    shape = failure_shape(failure)
    if output.json:
        print_json(shape)
        return
    backtrace, attempts = shape.pop("backtrace"), shape.pop("attempts")
    print_record({name: value for name, value in shape.items() if value is not None} | _attempts(attempts))
    for line in backtrace:
        print_text(f"    {one_line(line, LONGEST_LINE)}")


def _attempts(attempts: Sequence[Mapping[str, object]]) -> dict[str, str]:
    """A line for each attempt, if there were several."""
    if len(attempts) < 2:
        return {}
    return {
        f"attempt {it.get('attempt')}": f"{it.get('at')}  {it.get('exception')}: {it.get('error')}"
        for it in attempts
    }


def _page(resque: Resque, which: FailureFilter, start: int, limit: int | None) -> Iterator[Failure]:
    return islice(_all_from(resque, which, start), limit)


def _all_from(resque: Resque, which: FailureFilter, start: int) -> Iterator[Failure]:
    while window := resque.failures.peek(start, WINDOW, which):
        yield from window
        start += len(window)


def _say_how_many(total: int, start: int, shown: int) -> None:
    if not total:
        note("Nothing has failed, or nothing that matches.")
    elif shown < total:
        note(f"{start + 1} to {start + shown} of {total}; --start and --limit show others.")


def _row(failure: Failure) -> tuple[object, ...]:
    retried = " (retried)" if failure.retried_at else ""
    error = f"{failure.exception}: {failure.error}{retried}"
    return failure.id, age(failure.failed_at), failure.queue, _name(failure), error


def _name(failure: Failure) -> str:
    if failure.name == ACTIVE_JOB:
        return decode_leniently(Entry(failure.job_id, failure.queue, failure.payload)).shown_name
    return failure.name or "not a job"
