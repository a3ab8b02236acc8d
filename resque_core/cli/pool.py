"""`resque pool`: keep the workers of this machine alive, as resque-pool.yml says."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Annotated, Any

import typer

from resque_core.cli import pool_steering
from resque_core.cli.becoming import become_pool
from resque_core.cli.command import with_options
from resque_core.cli.each_worker import EachWorkerOptions
from resque_core.cli.ending import tidy_ending
from resque_core.cli.layers import layered
from resque_core.cli.options import StoreOptions, option, print_version
from resque_core.cli.program import whole_program
from resque_core.cli.store import chosen_store, open_store
from resque_core.errors import SettingsError
from resque_core.pool.settings import PoolSettings, pool_settings
from resque_core.process.pool.logs import PoolLogs
from resque_core.process.pool.run import run_pool
from resque_core.settings import ENVIRONMENT_VARIABLES
from resque_core.worker_options import WorkerOptions

DAEMON = "Daemon"
#: Where a daemon writes unless it is told otherwise, and the lock of hot-swapping pools (spec pool §6).
DAEMON_FILES = {
    "stdout": "log/resque-pool.stdout.log",
    "stderr": "log/resque-pool.stderr.log",
    "pidfile": "tmp/pids/resque-pool.pid",
}
HOT_SWAP_LOCK = "tmp/resque-pool.lock"
_PIDFILE = "resque_core.cli.pool.pidfile"
#: What variables such as INTERVAL and TERM_CHILD say of workers holds for those of a pool.
_OF_WORKERS = [field.name for field in fields(WorkerOptions)]
_OF_SCHEDULERS = ("schedule", "scheduler_interval")
_OF_LOGS = [field.name for field in fields(PoolLogs)]


def _pidfile(context: typer.Context, parameter: typer.CallbackParam, value: Any) -> Any:
    """Of --pidfile, --no-pidfile and --hot-swap the last one given decides; callbacks come in their order."""
    if value:
        context.meta[_PIDFILE] = value if parameter.name == "pidfile" else None
    return value


@dataclass(frozen=True, kw_only=True)
class PoolOptions(StoreOptions):
    """The options of `resque pool`, by resque-pool's names."""

    config: Annotated[
        str | None,
        option(
            "--config",
            "-c",
            metavar="PATH",
            help="The pool's file. Else RESQUE_POOL_CONFIG, resque-pool.yml or config/resque-pool.yml.",
        ),
    ] = None
    appname: Annotated[
        str | None,
        option(
            "--appname", "-a", metavar="NAME", help="Shown in titles and logs. Default: this folder's name."
        ),
    ] = None
    environment: Annotated[
        str | None,
        option(
            "--environment",
            "-E",
            metavar="ENV",
            help="Which section of the file counts; sets RESQUE_ENV, RAILS_ENV, RACK_ENV.",
        ),
    ] = None
    spawn_delay: Annotated[
        int, option("--spawn-delay", "-s", metavar="MS", min=0, help="Milliseconds between two forks.")
    ] = 0
    term_graceful_wait: Annotated[
        bool,
        option("--term-graceful-wait", help="TERM: wait for jobs, for as long as --grace (the default)."),
    ] = False
    term_graceful: Annotated[
        bool, option("--term-graceful", help="TERM: leave at once; workers finish their jobs.")
    ] = False
    term_immediate: Annotated[
        bool, option("--term-immediate", help="TERM: leave at once; workers hand their jobs back.")
    ] = False
    single_process_group: Annotated[
        bool,
        option("--single-process-group", help="Workers stay in our process group. Else RESQUE_SINGLE_PGRP."),
    ] = False
    kill_others: Annotated[
        bool,
        option(
            "--kill-others", "-k", help="Once our workers are there, end other pools of this application."
        ),
    ] = False
    hot_swap: Annotated[
        bool,
        option(
            "--hot-swap",
            "-H",
            callback=_pidfile,
            help=f"Take over from a running pool: --no-pidfile --kill-others --lock {HOT_SWAP_LOCK}.",
        ),
    ] = False
    lock: Annotated[
        str | None,
        option("--lock", "-l", metavar="FILE", help="Share a lock on FILE while anybody of us lives."),
    ] = None
    schedule: Annotated[
        str | None,
        option(
            "--schedule",
            metavar="FILE",
            help="Recurring entries as YAML, for groups with a scheduler. Else RESQUE_SCHEDULE.",
        ),
    ] = None
    daemon: Annotated[
        bool,
        option(
            "--daemon",
            "-d",
            help="Go on in the background, once the application is loaded.",
            rich_help_panel=DAEMON,
        ),
    ] = False
    stdout: Annotated[
        str | None,
        option(
            "--stdout", "-o", metavar="FILE", help="Append standard output to FILE.", rich_help_panel=DAEMON
        ),
    ] = None
    stderr: Annotated[
        str | None,
        option(
            "--stderr", "-e", metavar="FILE", help="Append standard errors to FILE.", rich_help_panel=DAEMON
        ),
    ] = None
    nosync: Annotated[
        bool, option("--nosync", help="Let output wait in buffers.", rich_help_panel=DAEMON)
    ] = False
    pidfile: Annotated[
        str | None,
        option(
            "--pidfile",
            "-p",
            metavar="FILE",
            callback=_pidfile,
            help="Write the process id here.",
            rich_help_panel=DAEMON,
        ),
    ] = None
    version: Annotated[
        bool,
        option("--version", "-v", callback=print_version, is_eager=True, help="Print the version."),
    ] = False
    no_pidfile: Annotated[
        bool,
        option("--no-pidfile", callback=_pidfile, help="Write none.", rich_help_panel=DAEMON),
    ] = False


def add_to(app: typer.Typer) -> None:
    """Add this file's command, and those of pool_steering.py below it."""
    group = typer.Typer(invoke_without_command=True)
    group.callback()(tidy_ending(with_options(pool)))
    pool_steering.add_to(group)
    app.add_typer(group, name="pool")


def pool(context: typer.Context, options: PoolOptions, workers: EachWorkerOptions) -> None:
    """Keep this machine's workers alive, as resque-pool.yml says: how many on which queues.

    The application is loaded once and shared by all workers. HUP reads the file anew and replaces the
    workers, QUIT and TERM let them finish first, INT leaves at once; the workers then finish alone.

    \b
    Examples:
      resque pool --require shop.jobs
      resque pool --environment production --daemon
      resque pool --require shop.jobs --hot-swap
      resque pool status
    """
    if context.invoked_subcommand is not None:
        _refuse_options(context)
        return
    _set_environment(options.environment)
    said = layered(workers, os.environ, {})
    if options.schedule is not None:
        said["schedule"] = options.schedule
    settings = settings_of(context, options, said)
    # What --config names here is the pool's file, which says nothing of stores.
    store = chosen_store(replace(options, config=None), {})
    logs = PoolLogs(**{name: said[name] for name in _OF_LOGS if name in said})
    if program := whole_program(context):
        become_pool(settings, options.config, store, logs, program.path)
    raise typer.Exit(run_pool(settings, options.config, open_store(store, create=True), logs))


def _refuse_options(context: typer.Context) -> None:
    """Options before a subcommand would be read by nobody."""
    given = [name for name in context.params if _is_given(context, name)]
    if given:
        raise SettingsError(
            f"--{given[0].replace('_', '-')} was given to the manager that `resque pool` starts. "
            f"Write options of `resque pool {context.invoked_subcommand}` behind that."
        )


def _is_given(context: typer.Context, name: str) -> bool:
    source = context.get_parameter_source(name)
    return source is not None and source.name == "COMMANDLINE"


def settings_of(context: typer.Context, options: PoolOptions, said: Mapping[str, Any]) -> PoolSettings:
    """What the options add up to; `said` are the workers' settings.

    :raises SettingsError: they cannot be used.
    """
    ours = {
        "app_name": options.appname,
        "single_process_group": options.single_process_group or None,
        "lock": options.lock or (HOT_SWAP_LOCK if options.hot_swap else None),
        **{name: said.get(name) for name in _OF_SCHEDULERS},
    }
    return pool_settings(
        os.environ,
        term_behavior=_term_behavior(options),
        spawn_delay=options.spawn_delay / 1000,
        daemon=options.daemon,
        kill_others=options.kill_others or options.hot_swap,
        sync=not options.nosync,
        worker={name: value for name, value in said.items() if name in _OF_WORKERS},
        **{name: value for name, value in ours.items() if value},
        **_files(context, options),
    )


def _files(context: typer.Context, options: PoolOptions) -> dict[str, Any]:
    usual: dict[str, str | None] = {**DAEMON_FILES} if options.daemon else dict.fromkeys(DAEMON_FILES)
    said = {"stdout": options.stdout, "stderr": options.stderr}
    files = usual | {name: path for name, path in said.items() if path}
    return files | ({"pidfile": context.meta[_PIDFILE]} if _PIDFILE in context.meta else {})


def _term_behavior(options: PoolOptions) -> str:
    """Of several the gentlest counts, as in resque-pool (spec pool §6)."""
    if options.term_graceful_wait or not (options.term_graceful or options.term_immediate):
        return "graceful-wait"
    return "graceful" if options.term_graceful else "immediate"


def _set_environment(name: str | None) -> None:
    if name:
        os.environ.update(dict.fromkeys(ENVIRONMENT_VARIABLES, name))
