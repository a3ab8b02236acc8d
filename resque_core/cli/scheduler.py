"""`resque scheduler`: carry out recurring entries."""

import os
from dataclasses import asdict, dataclass
from typing import Annotated

import typer

from resque_core.cli.command import command
from resque_core.cli.layers import layered
from resque_core.cli.options import StoreOptions, option
from resque_core.cli.store import chosen_store, config_of
from resque_core.process.run_scheduler import run_scheduler
from resque_core.work_settings import WorkSettings


@dataclass(frozen=True, kw_only=True)
class SchedulerOptions(StoreOptions):
    """The options of `resque scheduler`. None: not said here, so the environment or the file decides."""

    schedule: Annotated[
        str | None,
        option(
            "--schedule", metavar="FILE", help="Entries as YAML, as for resque-scheduler. Read again on HUP."
        ),
    ] = None
    require: Annotated[
        list[str] | None,
        option("--require", "-r", metavar="MODULE", help="Import this module, with jobs. Repeatable."),
    ] = None
    setup: Annotated[
        str | None,
        option("--setup", metavar="MODULE:FUNCTION", help="Call this once, after the modules."),
    ] = None
    environment: Annotated[
        str | None,
        option(
            "--environment",
            "-E",
            metavar="NAME",
            help="Leave entries for others alone. Else RESQUE_ENV, RAILS_ENV, RACK_ENV, or development.",
        ),
    ] = None
    scheduler_interval: Annotated[
        float | None,
        option(
            "--interval",
            "-i",
            metavar="S",
            help="Between looks for new entries; ticks are on time. Else RESQUE_SCHEDULER_INTERVAL, or 5.",
        ),
    ] = None
    pidfile: Annotated[
        str | None, option("--pidfile", "-P", metavar="FILE", help="Write the process id here. Else PIDFILE.")
    ] = None
    log_level: Annotated[
        str | None,
        option("--log-level", metavar="debug|info|warning|error", help="How much to log. Default info."),
    ] = None
    log_file: Annotated[
        str | None,
        option(
            "--log-file", "-l", metavar="FILE", help="Log to this file, opened anew on HUP. Default stderr."
        ),
    ] = None
    log_format: Annotated[
        str | None,
        option("--log-format", metavar="text|json|ruby|ruby-verbose", help="How to log. Default text."),
    ] = None
    background: Annotated[
        bool | None,
        option("--background/--no-background", help="Go on as a daemon. Else BACKGROUND, or no."),
    ] = None


def add_to(app: typer.Typer) -> None:
    """Add this file's command."""
    command(app, "scheduler")(scheduler)


def scheduler(options: SchedulerOptions) -> None:
    """Put the jobs of recurring entries on their queues when they are due, until stopped.

    Start as many as you like: each tick is carried out once. TERM or ctrl-c ends it, HUP reads the schedule
    again, USR1 logs it, USR2 and CONT pause and resume.

    \b
    Examples:
      resque scheduler --require shop.jobs
      resque scheduler --schedule config/schedule.yml --environment production
      resque work --queues '*' --require shop.jobs --scheduler
    """
    raise typer.Exit(run_scheduler(scheduler_settings(options)))


def scheduler_settings(options: SchedulerOptions) -> WorkSettings:
    """The settings that options, environment and file add up to.

    :raises SettingsError: they cannot be used.
    """
    config = config_of(options)
    said = layered(options, os.environ, config)
    # A scheduler takes jobs off no queue.
    return WorkSettings(**said | {"queues": ("*",)} | asdict(chosen_store(options, config)))
