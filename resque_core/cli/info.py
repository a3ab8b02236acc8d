"""`resque info`: the whole store at a glance, once or again and again."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any

import typer

from resque_core.cli.command import command
from resque_core.cli.options import OutputOptions, StoreOptions, option
from resque_core.cli.queues import QUEUE_COLUMNS, queue_rows
from resque_core.cli.render import json_text, print_text, record_lines, redraw
from resque_core.cli.shapes import queue_shapes, server_shape
from resque_core.cli.store import opened
from resque_core.cli.tables import table_lines
from resque_core.client import Resque
from resque_core.errors import SettingsError

DEFAULT_PACE = 2.0
SLOWEST_PACE = 86_400.0
EVICTS = "this server deletes keys when its memory is full, and so jobs: set maxmemory-policy noeviction"
#: What people want to be sure of before they read the numbers.
PLACE = ("servers", "source", "namespace", "environment")


@dataclass(frozen=True, kw_only=True)
class WatchOptions:
    """Whether to look once or again and again."""

    watch: Annotated[bool, option("--watch", "-w", help="Look again every SECONDS (2) until ctrl-c.")] = False
    every: Annotated[
        float | None, typer.Argument(metavar="SECONDS", show_default=False, help="The pace of --watch.")
    ] = None

    def pace(self) -> float | None:
        """Seconds between two looks; None to look once.

        :raises SettingsError: a pace that cannot be kept, or without --watch.
        """
        if self.every is None:
            return DEFAULT_PACE if self.watch else None
        if not self.watch:
            raise SettingsError("SECONDS is the pace of --watch: write `resque info --watch 5`.")
        if not 0 < self.every <= SLOWEST_PACE:
            raise SettingsError("--watch: give a pace of more than 0 seconds, and at most a day.")
        return self.every


def add_to(app: typer.Typer) -> None:
    """Add this file's command."""
    command(app, "info")(info)


def info(watch: WatchOptions, store: StoreOptions, output: OutputOptions) -> None:
    """Show the store, which setting named it, and how much waits, runs and failed.

    \b
    Examples:
      resque info
      resque info --watch 5
      resque info --json
    """
    pace = watch.pace()
    with opened(store) as resque:
        if pace is None:
            print_text(_shown(resque, output))
        elif output.json:
            for _ in _ticks(pace):
                print_text(json_text(_facts(resque), indent=None))
        else:
            redraw(_shown(resque, output) for _ in _ticks(pace))


def _shown(resque: Resque, output: OutputOptions) -> str:
    facts = _facts(resque)
    if output.json:
        return json_text(facts)
    server = facts.pop("server")
    about: dict[str, Any] = {
        "server": server["name"],
        "details": [f"{name} {value}" for name, value in server["details"].items()],
    }
    if server["details"].get("evicts"):
        about["warning"] = EVICTS
    ordered = {name: facts[name] for name in PLACE} | about | facts
    shown = {name: ", ".join(value) if isinstance(value, list) else value for name, value in ordered.items()}
    queues = table_lines(QUEUE_COLUMNS, queue_rows(queue_shapes(resque)))
    return "\n".join([*record_lines(shown), "", *queues])


def _facts(resque: Resque) -> dict[str, Any]:
    return resque.info() | {"server": server_shape(resque.storage.server_info())}


def _ticks(pace: float) -> Iterator[None]:
    while True:
        yield
        time.sleep(pace)
