"""`resque doctor`: what endangers jobs here, and what to do about it."""

from dataclasses import asdict

import typer

from resque_core.cli.command import command
from resque_core.cli.options import OutputOptions, StoreOptions
from resque_core.cli.render import json_text, print_text
from resque_core.cli.store import opened
from resque_core.doctor import examine
from resque_core.findings import Finding

SIGNS = {"ok": "ok     ", "warning": "warning", "danger": "DANGER "}


def add_to(app: typer.Typer) -> None:
    """Add this file's command."""
    command(app, "doctor")(doctor)


def doctor(store: StoreOptions, output: OutputOptions) -> None:
    """Examine the store, leases and queues, and say what to do. Exit code 1: jobs are in danger.

    \b
    Examples:
      resque doctor
      resque doctor --json
    """
    with opened(store) as resque:
        findings = examine(resque)
        where = {"location": resque.location, "namespace": resque.namespace}
    healthy = all(found.level != "danger" for found in findings)
    if output.json:
        print_text(json_text({"healthy": healthy, **where, "findings": list(map(asdict, findings))}))
    else:
        print_text("\n".join(line for found in findings for line in _lines(found)))
    raise typer.Exit(0 if healthy else 1)


def _lines(found: Finding) -> list[str]:
    says = f"{SIGNS[found.level]}  {found.subject}: {found.says}"
    return [says, f"         {found.advice}"] if found.advice else [says]
