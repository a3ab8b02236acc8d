"""`resque status` and `resque cancel`: how far a job or a batch is, and that nobody wants a job any more."""

import time
from collections.abc import Iterator
from dataclasses import fields
from typing import Annotated, Any

import typer

from resque_core.batch import Batch
from resque_core.cli.command import command
from resque_core.cli.ending import fail
from resque_core.cli.options import OutputOptions, StoreOptions, option
from resque_core.cli.render import json_text, print_json, print_text, record_lines, redraw
from resque_core.cli.store import opened
from resque_core.client import Resque
from resque_core.display import one_line
from resque_core.job_status import JobStatus

JobId = Annotated[
    str, typer.Argument(metavar="ID", help="The id of a job, as `resque enqueue` prints it, or of a batch.")
]
Watch = Annotated[bool, option("--watch", "-w", help="Show it again and again until it has ended.")]
Hard = Annotated[bool, option("--hard", help="Interrupt it if it runs, and kill it if it goes on.")]

#: Seconds between two looks of --watch, and letters of its bar.
PACE = 0.5
BAR = 40

#: What is known of a job together with its name, or not at all.
_OF_THE_CALL = ("name", "queue", "args", "kwargs", "attempt")


def add_to(app: typer.Typer) -> None:
    """Add this file's commands."""
    command(app, "status")(status)
    command(app, "cancel")(cancel)


def status(job: JobId, store: StoreOptions, output: OutputOptions, watch: Watch = False) -> None:
    """Show where a job is, how far it is, and how it ended; or how many jobs of a batch have ended.

    More than its place is known of jobs that are tracked: @job(track=True).

    \b
    Examples:
      resque status 0f3c9a6c54f24f6f8a4c1f5a0b1e2d3c
      resque status 0f3c9a6c54f24f6f8a4c1f5a0b1e2d3c --watch
      resque status 0f3c9a6c54f24f6f8a4c1f5a0b1e2d3c --json
    """
    with opened(store) as resque:
        looks = _looks(resque, job) if watch else iter([_the(resque, job)])
        if not output.json:
            redraw("\n".join(_lines(found)) for found in looks)
        elif watch:
            for found in looks:
                print_text(json_text(status_shape(found), indent=None))
        else:
            print_json(status_shape(next(looks)))


def cancel(job: JobId, store: StoreOptions, hard: Hard = False) -> None:
    """Delete a job that waits, or have a running one end.

    A running job hears of it within a third of its worker's lease: 10 seconds, unless that was set otherwise.

    \b
    Examples:
      resque cancel 0f3c9a6c54f24f6f8a4c1f5a0b1e2d3c
      resque cancel 0f3c9a6c54f24f6f8a4c1f5a0b1e2d3c --hard
    """
    with opened(store) as resque:
        done = resque.cancel(job, hard=hard)
    if done is None:
        fail(f"No job with the id {one_line(job)} waits or runs. Nothing was changed.")
    print_text("cancelled" if done == "cancelled" else "its worker was told")


def status_shape(found: JobStatus | Batch) -> dict[str, Any]:
    """A job's status, or a batch, as JSON. What nobody knows of a job is null."""
    shape = {part.name: getattr(found, part.name) for part in fields(found)}
    if isinstance(found, JobStatus):
        shape["args"] = [*found.args]
        if not found.name:
            shape |= dict.fromkeys(_OF_THE_CALL)
    return shape


def _looks(resque: Resque, wanted: str) -> Iterator[JobStatus | Batch]:
    while True:
        found = _the(resque, wanted)
        yield found
        if found.ended:
            return
        time.sleep(PACE)


def _the(resque: Resque, wanted: str) -> JobStatus | Batch:
    found = resque.job(wanted) or resque.find_batch(wanted)
    if found is None:
        fail(f"Nobody knows of job {one_line(wanted)}: it never was, or has ended and was not tracked.")
    return found


def _lines(found: JobStatus | Batch) -> list[str]:
    shown = {name: value for name, value in status_shape(found).items() if value not in (None, "", {})}
    if isinstance(found, Batch):
        ended = found.total - found.pending
        share = ended / found.total if found.total else 1.0
        return record_lines({**shown, "progress": _bar(share, ended, found.total)})
    for part in ("n", "total"):
        shown.pop(part, None)
    if found.n is not None:
        shown["progress"] = _bar(found.fraction, found.n, found.total)
    return record_lines(shown)


def _bar(share: float | None, n: float, total: float | None) -> str:
    if share is None:
        return f"{n:g}"
    full = round(share * BAR)
    of = f" ({n:g} of {total:g})" if total else ""
    return f"{'━' * full}{'─' * (BAR - full)} {share:.0%}{of}"
