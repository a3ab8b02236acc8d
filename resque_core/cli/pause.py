"""`resque pause` and `resque resume`: hold queues back, and let them go on."""

from dataclasses import dataclass
from typing import Annotated

import typer

from resque_core.cli.command import command
from resque_core.cli.options import StoreOptions, option
from resque_core.cli.render import print_text
from resque_core.cli.store import opened
from resque_core.display import one_line
from resque_core.errors import SettingsError


@dataclass(frozen=True, kw_only=True)
class WhichQueues:
    """Queues by name, or all of them."""

    queues: Annotated[
        list[str] | None, typer.Argument(metavar="QUEUE", show_default=False, help="Queues by name.")
    ] = None
    all: Annotated[bool, option("--all", help="Every queue, also those that come later.")] = False

    def names(self) -> list[str]:
        """The names; none when all are meant.

        :raises SettingsError: neither or both were said.
        """
        if bool(self.queues) == self.all:
            raise SettingsError("Name the queues that are meant, or write --all; not both.")
        return self.queues or []


def add_to(app: typer.Typer) -> None:
    """Add this file's commands; `resque queues` has them too."""
    command(app, "pause")(pause)
    command(app, "resume")(resume)


def pause(which: WhichQueues, store: StoreOptions) -> None:
    """Let workers take no more jobs from these queues. Running jobs go on.

    \b
    Examples:
      resque pause mail
      resque pause --all
    """
    names = which.names()
    with opened(store) as resque:
        for name in names:
            resque.pause(name)
        if which.all:
            resque.pause_all()
    _say("paused", names)


def resume(which: WhichQueues, store: StoreOptions) -> None:
    """Undo a pause. A queue paused by name stays so when --all is resumed.

    \b
    Examples:
      resque resume mail
      resque resume --all
    """
    names = which.names()
    with opened(store) as resque:
        for name in names:
            resque.resume(name)
        if which.all:
            resque.resume_all()
    _say("resumed", names)


def _say(done: str, names: list[str]) -> None:
    for name in names or ["every queue"]:
        print_text(f"{done} {one_line(name)}")
