"""The options that several commands share, as frozen values."""

from dataclasses import dataclass
from typing import Annotated, Any

import typer

from resque_core._version import __version__

STORE_PANEL = "Store"


def option(*names: str, **settings: Any) -> Any:
    """`typer.Option` that shows no default: ours come from the environment and the file, not from here."""
    return typer.Option(*names, show_default=False, **settings)


def print_version(wanted: bool) -> None:
    """Print the version and leave, if it was asked for."""
    if wanted:
        typer.echo(f"resque {__version__}")
        raise typer.Exit


@dataclass(frozen=True, kw_only=True)
class StoreOptions:
    """Which store is meant, and within it which namespace."""

    url: Annotated[
        str | None,
        option(
            "--url",
            metavar="URL",
            help="The store, e.g. sqlite:///jobs.sqlite3. Else RESQUE_URL, REDIS_URL, MONGODB_URI, "
            "the configuration file, or the embedded store of this user.",
            rich_help_panel=STORE_PANEL,
        ),
    ] = None
    namespace: Annotated[
        str | None,
        option(
            "--namespace",
            metavar="NAME",
            help="Keeps applications apart in one store. Else RESQUE_NAMESPACE, or 'resque'.",
            rich_help_panel=STORE_PANEL,
        ),
    ] = None
    config: Annotated[
        str | None,
        option(
            "--config",
            metavar="FILE",
            help="Settings as YAML, with sections for environments.",
            rich_help_panel=STORE_PANEL,
        ),
    ] = None


@dataclass(frozen=True, kw_only=True)
class OutputOptions:
    """How to print."""

    json: Annotated[bool, option("--json", help="Print JSON.")] = False


@dataclass(frozen=True, kw_only=True)
class ConsentOptions:
    """Whether the user was sure before being asked."""

    yes: Annotated[bool, option("--yes", "-y", help="Do not ask.")] = False
