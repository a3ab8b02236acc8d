"""`resque`: the command, put together."""

from typing import Annotated

import typer

from resque_core.cli import (
    batches,
    check,
    delayed,
    doctor,
    enqueue,
    failures,
    info,
    metrics,
    pause,
    pool,
    queues,
    ruby,
    schedule,
    scheduler,
    tracking,
    web,
    work,
    workers,
)
from resque_core.cli.options import print_version
from resque_core.cli.program import Program

app = typer.Typer(
    name="resque",
    epilog="Exit codes: 0 done, 1 it did not work, 2 it was not called properly. Every command has --help.",
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

for group in (
    *(work, scheduler, pool, enqueue, info, queues, delayed, schedule, tracking, batches, failures),
    *(workers, pause, metrics, check, doctor, web, ruby),
):
    group.add_to(app)


@app.callback(invoke_without_command=True)
def resque(
    context: typer.Context,
    version: Annotated[  # noqa: ARG001 - its callback has printed it
        bool, typer.Option("--version", callback=print_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Jobs on queues: put them there, run them, see what became of them.

    \b
    Examples:
      resque enqueue shop.jobs.send_receipt 42 --queue mail
      resque work --queues mail --require shop.jobs
      resque info --watch
      resque failures list
    """
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())


def main() -> None:
    """What the console script runs: it has a process to itself, which a command may replace."""
    app(prog_name="resque", obj=Program())


if __name__ == "__main__":
    main()
