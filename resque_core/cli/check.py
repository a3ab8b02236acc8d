"""`resque check`: for probes: whether the store answers and workers are alive."""

from dataclasses import asdict, dataclass
from typing import Annotated

import typer

from resque_core.cli.command import command
from resque_core.cli.ending import fail
from resque_core.cli.options import OutputOptions, StoreOptions, option
from resque_core.cli.render import print_json, print_text
from resque_core.cli.store import opened
from resque_core.identity import host_name
from resque_core.records import WorkerInfo


@dataclass(frozen=True, kw_only=True)
class CheckOptions(StoreOptions):
    """What must be so."""

    workers: Annotated[
        int,
        option("--workers", "-w", metavar="N", min=0, help="So many workers must be alive here. Default 1."),
    ] = 1
    host: Annotated[
        str | None,
        option("--host", metavar="NAME", help="Ask for the workers of this host. Default: this one."),
    ] = None
    any_host: Annotated[bool, option("--any-host", help="Count the workers of every host.")] = False


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check saw."""

    ok: bool
    workers: int
    wanted: int
    host: str | None


def add_to(app: typer.Typer) -> None:
    """Add this file's command."""
    command(app, "check")(check)


def check(options: CheckOptions, output: OutputOptions) -> None:
    """Exit 0 if the store answers and workers of this host hold their leases, else 1: for probes.

    \b
    Examples:
      resque check
      resque check --workers 4 --json
      resque check --workers 0            the store alone
      resque check --any-host
    """
    host = None if options.any_host else options.host or host_name()
    with opened(options) as resque:
        finding = look(resque.workers(), options.workers, host)
    if output.json:
        print_json(asdict(finding))
    where = f"on {finding.host}" if finding.host else "on all hosts"
    said = f"{finding.workers} of at least {finding.wanted} workers are alive {where}"
    if not finding.ok:
        fail(f"{said}.")
    if not output.json:
        print_text(f"{said}.")


def look(workers: list[WorkerInfo], wanted: int, host: str | None) -> Finding:
    """Count the workers of a host (None: of all) whose lease runs."""
    alive = [worker for worker in workers if host in (None, worker.host) and worker.lease_left >= 0]
    return Finding(len(alive) >= wanted, len(alive), wanted, host)
