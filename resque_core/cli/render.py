"""What commands print: tables and records for people, JSON for programs; notes go to stderr.

Everything that came out of a store passes `one_line`, and reaches rich only as `Text`, never as
markup: a queue named `[red]` or with an escape sequence in it is printed as what it is (B15).
Rich is imported where a terminal is written to, so that other commands start without it.
"""

import json
import sys
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any, TypeVar

import typer

from resque_core.clock import to_iso, utc_now
from resque_core.display import one_line

T = TypeVar("T")

#: In plain output, where nothing has to fit a width.
LONGEST_LINE = 10_000


def json_text(value: object, indent: int | None = 2) -> str:
    """`value` as JSON, in ASCII: nothing in it can steer a terminal."""
    return json.dumps(value, indent=indent, default=_as_json)


def print_json(value: object) -> None:
    """Print `value` as JSON."""
    print_text(json_text(value))


def print_json_list(values: Iterable[object]) -> None:
    """Print a JSON list as its values come, so that a long one needs no memory."""
    before = "["
    for value in values:
        print_text(f"{before}\n{json_text(value)}", end="")
        before = ","
    typer.echo("[]" if before == "[" else "\n]")


def print_text(text: str, end: str = "\n") -> None:
    """Print a result, line by line.

    A pipe takes a line whole or not at all. Of a long text it may take a part before its reader
    goes away, and then an unbuffered stdout (PYTHONUNBUFFERED) would drop the rest without an error.
    """
    lines = text.split("\n")
    for line in lines[:-1]:
        typer.echo(line)
    typer.echo(lines[-1] + end, nl=False)


def note(text: str) -> None:
    """Tell the user something that is not the result."""
    typer.echo(text, err=True)


def print_record(record: Mapping[str, object]) -> None:
    """Print names and values, one a line."""
    print_text("\n".join(record_lines(record)))


def record_lines(record: Mapping[str, object]) -> list[str]:
    """Names and values, one a line, the values under each other."""
    width = max(map(len, record), default=0)
    return [f"{name:<{width}}  {cell(value)}".rstrip() for name, value in record.items()]


def redraw(frames: Iterable[str]) -> None:
    """Show each text in the place of the one before; without a terminal, below it."""
    if not sys.stdout.isatty():
        for frame in frames:
            print_text(f"{frame}\n")
        return
    from rich.live import Live
    from rich.text import Text

    with Live(console=console(), auto_refresh=False) as live:
        for frame in frames:
            live.update(Text(frame, no_wrap=True, overflow="ellipsis"), refresh=True)


def cell(value: object) -> str:
    """A value as people read it, on one line, safe to print."""
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case list() | dict():
            return json_text(value, indent=None)
        case datetime():
            return to_iso(value)
        case _:
            return one_line(value, LONGEST_LINE)


def progress(items: Iterable[T], total: int, doing: str) -> Iterator[T]:
    """The items, one by one, with a bar on stderr while they last if that is a terminal."""
    if not sys.stderr.isatty():
        yield from items
        return
    from rich.progress import track

    yield from track(items, description=doing, total=total, console=console(stderr=True), transient=True)


def seconds(value: float) -> str:
    """`45 s`, `3 min`, `5 h`, `2 d`: as much as one needs at a glance."""
    for size, unit in ((86_400, "d"), (3600, "h"), (60, "min")):
        if abs(value) >= 2 * size:
            return f"{value / size:.0f} {unit}"
    return f"{value:.0f} s"


def age(moment: datetime | None) -> str:
    """How long ago that was, for tables."""
    return "" if moment is None else seconds((utc_now() - moment).total_seconds())


def count(number: int, noun: str) -> str:
    """`1 job`, `2 jobs`."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


def console(*, stderr: bool = False) -> Any:
    """A rich console that takes everything literally."""
    from rich.console import Console

    return Console(stderr=stderr, markup=False, emoji=False, highlight=False)


def _as_json(value: object) -> object:
    return to_iso(value) if isinstance(value, datetime) else str(value)
