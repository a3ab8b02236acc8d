"""`resque queues move`: let waiting jobs wait on another queue."""

from dataclasses import dataclass
from typing import Annotated

import typer

from resque_core.cli.complaint import FAILED
from resque_core.cli.ending import fail
from resque_core.cli.options import StoreOptions, option
from resque_core.cli.render import count, print_text
from resque_core.cli.store import opened
from resque_core.display import one_line
from resque_core.errors import SettingsError


@dataclass(frozen=True, kw_only=True)
class WhichJobs:
    """From one queue to another: jobs by their ids, or all."""

    queue: Annotated[str, typer.Argument(metavar="QUEUE", help="Where they wait.")]
    to: Annotated[str, typer.Argument(metavar="TO", help="Where they are to wait.")]
    jobs: Annotated[
        list[str] | None, typer.Argument(metavar="ID", show_default=False, help="Ids of jobs.")
    ] = None
    all: Annotated[bool, option("--all", help="Every job that waits there now.")] = False

    def ids(self) -> list[str] | None:
        """The ids; None when all are meant.

        :raises SettingsError: neither or both were said, or there is one queue only.
        """
        if bool(self.jobs) == self.all:
            raise SettingsError("Give the ids of the jobs that are meant, or write --all; not both.")
        if self.queue == self.to:
            raise SettingsError(f"They wait on {one_line(self.to)} already. Name another queue.")
        return self.jobs


def move(which: WhichJobs, store: StoreOptions) -> None:
    """Let waiting jobs of a queue wait at the tail of another one, in their order.

    Jobs that do not wait there any more are left alone, and counted; the exit code is 1 then.

    \b
    Examples:
      resque queues move mail bulk 0f3c9a6c54f24f6f8a4c1f5a0b1e2d3c
      resque queues move mail bulk --all
    """
    ids = which.ids()
    queue, to = one_line(which.queue), one_line(which.to)
    with opened(store) as resque:
        if which.queue not in resque.queues():
            fail(f"There is no queue named {queue}. Nothing was changed.")
        moved = resque.move(which.queue, which.to, ids)
    gone = len(set(ids or ())) - moved
    left = f", {gone} did not wait there" if ids and gone else ""
    print_text(f"{count(moved, 'job')} moved from {queue} to {to}{left}")
    if ids and gone:
        raise typer.Exit(FAILED)
