"""`resque work`: run workers on queues."""

import os
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated

import typer

from resque_core.cli.becoming import become_workers
from resque_core.cli.command import command
from resque_core.cli.each_worker import PATIENCE, EachWorkerOptions
from resque_core.cli.layers import layered
from resque_core.cli.options import StoreOptions, option
from resque_core.cli.program import Program, whole_program
from resque_core.cli.store import chosen_store, config_of
from resque_core.process.reloading import python_files, run_reloading
from resque_core.process.run import run_workers
from resque_core.work_settings import WorkSettings

FORKS = "Forks"
RECURRING = "Recurring entries"


@dataclass(frozen=True, kw_only=True)
class WorkOptions(StoreOptions, EachWorkerOptions):
    """The options of `resque work`. None: not said here, so the environment or the file decides."""

    queues: Annotated[
        str | None,
        option(
            "--queues",
            "-q",
            metavar="LIST",
            help="By priority; globs and !negations: 'critical,*,!slow'. Else QUEUES, QUEUE.",
        ),
    ] = None
    count: Annotated[
        int | None,
        option("--count", "-n", metavar="N", help="How many workers to keep running. Else COUNT, or 1."),
    ] = None
    burst: Annotated[bool | None, option("--burst/--no-burst", help="End when the queues are empty.")] = None
    fork: Annotated[
        bool | None, option("--fork/--no-fork", help="Run each job in a process of its own (the default).")
    ] = None
    promote: Annotated[
        bool | None,
        option("--promote/--no-promote", help="Put delayed jobs on their queues once due (the default)."),
    ] = None
    min_interval: Annotated[
        float | None,
        option(
            "--min-interval",
            metavar="S",
            help="Between the first looks after a job. Else MIN_INTERVAL, or --interval.",
            rich_help_panel=PATIENCE,
        ),
    ] = None
    max_interval: Annotated[
        float | None,
        option(
            "--max-interval",
            metavar="S",
            help="Between looks when nothing came for long. Else MAX_INTERVAL, or --interval.",
            rich_help_panel=PATIENCE,
        ),
    ] = None
    backoff_interval: Annotated[
        float | None,
        option(
            "--backoff-interval",
            metavar="S",
            help="By how much that grows at each look. Else BACKOFF_INTERVAL, or 0.1.",
            rich_help_panel=PATIENCE,
        ),
    ] = None
    run_at_exit_hooks: Annotated[
        bool | None,
        option(
            "--run-at-exit-hooks/--no-run-at-exit-hooks",
            help="Run atexit functions in a job's process. Else RUN_AT_EXIT_HOOKS, or no.",
        ),
    ] = None
    term_child: Annotated[
        bool | None,
        option(
            "--term-child/--no-term-child",
            help="Raise TermException in a job that is to end, before it is killed. Else TERM_CHILD, or no.",
            rich_help_panel=PATIENCE,
        ),
    ] = None
    term_timeout: Annotated[
        float | None,
        option(
            "--term-timeout",
            metavar="S",
            help="What a job gets after that, or after JobTimeout. Else RESQUE_TERM_TIMEOUT, or 4.",
            rich_help_panel=PATIENCE,
        ),
    ] = None
    pre_shutdown_timeout: Annotated[
        float | None,
        option(
            "--pre-shutdown-timeout",
            metavar="S",
            help="What it gets before that. Else RESQUE_PRE_SHUTDOWN_TIMEOUT, or what --grace leaves.",
            rich_help_panel=PATIENCE,
        ),
    ] = None
    graceful_term: Annotated[
        bool | None,
        option(
            "--graceful-term/--no-graceful-term",
            help="Let TERM wait for the running job, as QUIT does. Else GRACEFUL_TERM, or no.",
            rich_help_panel=PATIENCE,
        ),
    ] = None
    timeout: Annotated[
        list[str] | None,
        option(
            "--timeout",
            metavar="[QUEUE=]S",
            help="How long a job may run that does not say itself; of all queues, or of one. Repeatable.",
            rich_help_panel=PATIENCE,
        ),
    ] = None
    jobs_per_fork: Annotated[
        int | None,
        option(
            "--jobs-per-fork",
            metavar="N",
            help="How many jobs one child performs. Else JOBS_PER_FORK, or 1.",
            rich_help_panel=FORKS,
        ),
    ] = None
    bundle: Annotated[
        int | None,
        option(
            "--bundle",
            metavar="N",
            help="How many short jobs are taken from the store at once, at most. Else 32.",
            rich_help_panel=FORKS,
        ),
    ] = None
    seconds_per_fork: Annotated[
        float | None,
        option(
            "--seconds-per-fork",
            metavar="S",
            help="How long one child performs jobs; alone, any number. Else SECONDS_PER_FORK.",
            rich_help_panel=FORKS,
        ),
    ] = None
    max_rescues: Annotated[
        int | None,
        option("--max-rescues", metavar="N", help="How often a job is taken back. Default 3."),
    ] = None
    on_worker_death: Annotated[
        str | None,
        option(
            "--on-worker-death",
            metavar="requeue|fail",
            help="What becomes of a dead worker's job. Default requeue.",
        ),
    ] = None
    ruby: Annotated[
        bool | None,
        option("--ruby/--no-ruby", help="Do all as Ruby Resque does: payloads, ids, jobs that die fail."),
    ] = None
    pidfile: Annotated[
        str | None, option("--pidfile", metavar="FILE", help="Write the process id here. Else PIDFILE.")
    ] = None
    background: Annotated[
        bool | None,
        option("--background/--no-background", help="Go on as a daemon. Else BACKGROUND, or no."),
    ] = None
    scheduler: Annotated[
        bool | None,
        option(
            "--scheduler/--no-scheduler",
            help="Run a scheduler beside the workers, for recurring entries.",
            rich_help_panel=RECURRING,
        ),
    ] = None
    schedule: Annotated[
        str | None,
        option(
            "--schedule",
            metavar="FILE",
            help="Entries as YAML, for that scheduler. Else RESQUE_SCHEDULE.",
            rich_help_panel=RECURRING,
        ),
    ] = None


@dataclass(frozen=True, kw_only=True)
class ReloadOptions:
    """What is for the time in which the jobs are written."""

    reload: Annotated[
        bool,
        option("--reload/--no-reload", help="Start anew when a Python file below this folder changes."),
    ] = False


def add_to(app: typer.Typer) -> None:
    """Add this file's command."""
    command(app, "work")(work)


def work(context: typer.Context, options: WorkOptions, development: ReloadOptions) -> None:
    """Run jobs from queues, each in a process of its own, until stopped.

    TERM or ctrl-c stops taking jobs and gives the running one its grace. A second ctrl-c ends it.

    \b
    Examples:
      resque work --queues critical,default --require shop.jobs
      resque work --queues '*' --require shop.jobs --count 4
      QUEUE=mail resque work --require shop.jobs --burst
      resque work --config resque.yml
    """
    settings, program = work_settings(options), whole_program(context)
    if development.reload:
        raise typer.Exit(_reload(program))
    if program:
        become_workers(settings, program.path)
    raise typer.Exit(run_workers(settings))


def _reload(program: Program | None) -> int:
    """Run this very command without a reload, and again after each change; its exit code."""
    again = [word for word in sys.orig_argv[1:] if word != "--reload"]
    looks = program.looks() if program and program.looks else python_files(Path.cwd())
    return run_reloading([sys.executable, *again, "--no-reload"], looks)


def work_settings(options: WorkOptions) -> WorkSettings:
    """The settings that options, environment and file add up to.

    :raises SettingsError: they cannot be used.
    """
    config = config_of(options)
    said = layered(options, os.environ, config)
    store = chosen_store(options, config)
    return WorkSettings(**{"queues": ()} | said | asdict(store))
