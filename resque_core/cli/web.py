"""`resque web`: the monitor in a browser. It is another package's, found by its entry point."""

import os
import sys
from dataclasses import dataclass
from importlib.metadata import entry_points
from typing import Annotated, Any

import typer

from resque_core.cli.command import command
from resque_core.cli.ending import fail
from resque_core.cli.options import StoreOptions, option
from resque_core.cli.store import ChosenStore, chosen_store, config_of

GROUP = "resque.web"


@dataclass(frozen=True, kw_only=True)
class WebServerOptions:
    """Where the monitor listens, and for whom. The short names are Ruby's."""

    config_file: Annotated[
        str | None, typer.Argument(metavar="FILE", show_default=False, help="As --config.")
    ] = None
    port: Annotated[int, typer.Option("--port", "-p", metavar="N", help="Where to listen.")] = 5678
    host: Annotated[str, typer.Option("--host", "-o", metavar="HOST", help="On which address.")] = "127.0.0.1"
    redis: Annotated[str | None, option("--redis", "-r", metavar="URL", help="The store: as --url.")] = None
    space: Annotated[str | None, option("-N", metavar="NAME", help="The namespace: as --namespace.")] = None
    append: Annotated[
        str, option("--append", "-a", metavar="PREFIX", help="The beginning of every address.")
    ] = ""
    auth: Annotated[
        str | None,
        option("--auth", metavar="NAME:PASSWORD", help="Who comes in. Else RESQUE_WEB_HTTP_BASIC_AUTH."),
    ] = None
    allow_host: Annotated[
        list[str] | None, option("--allow-host", metavar="NAME", help="A name it is reached by. Repeatable.")
    ] = None
    read_only: Annotated[bool, option("--read-only", help="Nothing can be changed.")] = False
    insecure: Annotated[bool, option("--insecure", help="Let everybody in, from everywhere.")] = False
    foreground: Annotated[
        bool, option("--foreground", "-F", help="Stay in the foreground: it always does, Ruby's does not.")
    ] = True
    no_launch: Annotated[bool, option("--no-launch", "-L", help="Do not open a browser.")] = False


def add_to(app: typer.Typer) -> None:
    """Add this file's command."""
    command(app, "web")(web)


def web(server: WebServerOptions, store: StoreOptions) -> None:
    """Show the monitor in a browser, without a Django project.

    \b
    Examples:
      resque web
      resque web --read-only --port 8080 --url redis://localhost:6379/0
      RESQUE_WEB_HTTP_BASIC_AUTH=me:secret resque web --host 0.0.0.0
    """
    points = entry_points(group=GROUP)
    try:
        run = next(iter(points)).load()
    except (StopIteration, ModuleNotFoundError):
        fail('The monitor needs Django. Install it: pip install "resque-core[web]"')
    chosen = _chosen(server, store)
    launch = not server.no_launch and sys.stdout.isatty() and bool(os.environ.get("DISPLAY"))
    run(_said(server, chosen), launch=launch)


def _chosen(server: WebServerOptions, store: StoreOptions) -> ChosenStore:
    options = StoreOptions(
        url=store.url or server.redis,
        namespace=store.namespace or server.space,
        config=store.config or server.config_file,
    )
    return chosen_store(options, config_of(options))


def _said(server: WebServerOptions, chosen: ChosenStore) -> dict[str, Any]:
    return {
        "url": chosen.url,
        "namespace": chosen.namespace,
        "backend": chosen.backend,
        "host": server.host,
        "port": server.port,
        "prefix": server.append,
        "auth": server.auth,
        "read_only": server.read_only,
        "insecure": server.insecure,
        "hosts": tuple(server.allow_host or ()),
    }
