"""`resque metrics`: the state of the store in numbers, for Prometheus or StatsD."""

import sys
from dataclasses import dataclass
from typing import Annotated

import typer

from resque_core.cli.command import command
from resque_core.cli.options import StoreOptions, option
from resque_core.cli.store import opened
from resque_core.client import Resque
from resque_core.errors import SettingsError
from resque_core.metrics import prometheus
from resque_core.metrics.collecting import Source
from resque_core.metrics.statsd import StatsD
from resque_core.process.logs import set_up_logs
from resque_core.process.repeating import endable

_SLOWEST = 86_400.0


@dataclass(frozen=True, kw_only=True)
class MetricsOptions:
    """To whom the numbers are told, and how often."""

    port: Annotated[
        int | None,
        option("--prometheus", metavar="PORT", help="Answer Prometheus on this port until ctrl-c."),
    ] = None
    host: Annotated[
        str, typer.Option("--host", metavar="HOST", help="With --prometheus: on which address.")
    ] = "127.0.0.1"
    statsd: Annotated[
        str | None, option("--statsd", metavar="HOST:PORT", help="Send to StatsD, again and again.")
    ] = None
    interval: Annotated[
        float, typer.Option("--interval", metavar="S", help="With --statsd: between two times.")
    ] = 10.0
    prefix: Annotated[
        str, typer.Option("--prefix", metavar="NAME", help="With --statsd: how names begin.")
    ] = "resque"

    def __post_init__(self) -> None:
        if self.port is not None and not 0 < self.port < 65_536:
            raise SettingsError(f"--prometheus: {self.port} is not a port. Give one from 1 to 65535.")
        if not 0 < self.interval <= _SLOWEST:
            raise SettingsError("--interval: give more than 0 seconds, and at most a day.")


def add_to(app: typer.Typer) -> None:
    """Add this file's command."""
    command(app, "metrics")(metrics)


def metrics(options: MetricsOptions, store: StoreOptions) -> None:
    """Tell Prometheus or StatsD what waits, runs and failed, how old it is and how long it takes.

    Without either: print what Prometheus would be told, once. All is read from the store, so any number
    of these may run.

    \b
    Examples:
      resque metrics --prometheus 9700
      resque metrics --statsd localhost:8125 --interval 15
      resque metrics
    """
    with opened(store) as resque:
        if options.port is None and options.statsd is None:
            _print(resque)
        else:
            _tell(resque, options)


def _tell(resque: Resque, options: MetricsOptions) -> None:
    statsd = StatsD(options.statsd, options.prefix) if options.statsd is not None else None
    source = Source(resque)
    set_up_logs("info", None, "text")
    with endable() as ended_within:
        if options.port is not None:
            prometheus.serve(resque, options.port, options.host)
            typer.echo(f"Metrics are at http://{_bracketed(options.host)}:{options.port}/metrics")
        if statsd is not None:
            typer.echo(f"Metrics are sent to {options.statsd} every {options.interval:g} s")
            statsd.send(source.families())
        while not ended_within(options.interval if statsd else None):
            if statsd is not None:
                statsd.send(source.families())


def _print(resque: Resque) -> None:
    text, _ = prometheus.page(resque)
    sys.stdout.write(text.decode())


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host
