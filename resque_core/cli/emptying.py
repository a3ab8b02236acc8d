"""`resque queues clear` and `remove`: delete what waits, after asking."""

import sys
from typing import Annotated

import typer

from resque_core.cli.complaint import FAILED
from resque_core.cli.ending import fail
from resque_core.cli.options import ConsentOptions, StoreOptions
from resque_core.cli.render import count, note, print_text
from resque_core.cli.store import opened
from resque_core.client import Resque
from resque_core.display import one_line
from resque_core.errors import SettingsError

QueueNames = Annotated[list[str], typer.Argument(metavar="QUEUE", help="Queues by name.")]


def clear(queues: QueueNames, store: StoreOptions, consent: ConsentOptions) -> None:
    """Delete every job that waits on these queues. The queues stay known, and paused if they are.

    \b
    Examples:
      resque queues clear mail
      resque queues clear mail reports --yes
    """
    with opened(store) as resque:
        _confirm(resque, "Delete", queues, consent)
        for name in queues:
            print_text(f"{one_line(name)}: {count(resque.clear_queue(name), 'job')} deleted")


def remove(queues: QueueNames, store: StoreOptions, consent: ConsentOptions) -> None:
    """Delete queues with every job that waits on them. Running jobs go on.

    \b
    Examples:
      resque queues remove mail
      resque queues remove mail reports --yes
    """
    with opened(store) as resque:
        _confirm(resque, "Remove", queues, consent)
        for name in queues:
            print_text(f"{one_line(name)}: removed with {count(resque.remove_queue(name), 'job')}")


def _confirm(resque: Resque, verb: str, queues: list[str], consent: ConsentOptions) -> None:
    sizes = resque.queue_sizes()
    unknown = [one_line(name) for name in queues if name not in sizes]
    if unknown:
        fail(f"There is no queue named {' or '.join(unknown)}. Nothing was changed.")
    if not consent.yes:
        jobs = count(sum(sizes[name] for name in queues), "job")
        ask(f"{verb} {jobs} on {', '.join(map(one_line, queues))}?")


def ask(question: str) -> None:
    """Go on only if somebody says yes."""
    if not sys.stdin.isatty():
        raise SettingsError(f"{question} There is no terminal to ask on: write --yes if you are sure.")
    if not typer.confirm(question, err=True):
        note("Nothing was changed.")
        raise typer.Exit(FAILED)
