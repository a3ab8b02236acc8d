"""What commands print: tables and records for people, JSON for programs; notes go to stderr.

Everything that came out of a store passes `one_line`, and reaches rich only as `Text`, never as
markup: a queue named `[red]` or with an escape sequence in it is printed as what it is (B15).
Rich is imported where a terminal is written to, so that other commands start without it.
"""

import json
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

import typer

from resque_core.clock import to_iso, utc_now
from resque_core.display import one_line

T = TypeVar("T")

#: In plain output, where nothing has to fit a width.
LONGEST_LINE = 10_000


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table."""

    title: str
    #: Numbers stand at the right.
    right: bool = False
    #: Wrapped when it is too narrow, because it must be readable in full; others are cut short.
    whole: bool = False
    #: Dotted names, of which a terminal shows the last part: all would begin alike, and be cut short there.
    dotted: bool = False


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


def print_table(columns: Sequence[Column], rows: Iterable[Sequence[object]]) -> None:
    """Print rows under their titles: fitted to a terminal, or in full and plain."""
    if sys.stdout.isatty():
        _console().print(_rich_table(columns, rows))
    else:
        print_text("\n".join(table_lines(columns, rows)))


def print_record(record: Mapping[str, object]) -> None:
    """Print names and values, one a line."""
    print_text("\n".join(record_lines(record)))


def record_lines(record: Mapping[str, object]) -> list[str]:
    """Names and values, one a line, the values under each other."""
    width = max(map(len, record), default=0)
    return [f"{name:<{width}}  {_cell(value)}".rstrip() for name, value in record.items()]


def table_lines(columns: Sequence[Column], rows: Iterable[Sequence[object]]) -> list[str]:
    """A table in plain lines, nothing cut short."""
    cells = [[column.title for column in columns], *([_cell(cell) for cell in row] for row in rows)]
    widths = [max(map(len, of_column)) for of_column in zip(*cells, strict=True)]
    return [
        "  ".join(
            cell.rjust(width) if column.right else cell.ljust(width)
            for cell, width, column in zip(row, widths, columns, strict=True)
        ).rstrip()
        for row in cells
    ]


def redraw(frames: Iterable[str]) -> None:
    """Show each text in the place of the one before; without a terminal, below it."""
    if not sys.stdout.isatty():
        for frame in frames:
            print_text(f"{frame}\n")
            sys.stdout.flush()
        return
    from rich.live import Live
    from rich.text import Text

    with Live(console=_console(), auto_refresh=False) as live:
        for frame in frames:
            live.update(Text(frame, no_wrap=True, overflow="ellipsis"), refresh=True)


def _cell(value: object) -> str:
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


def _rich_table(columns: Sequence[Column], rows: Iterable[Sequence[object]]) -> Any:
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, header_style="bold", pad_edge=False, padding=(0, 2, 0, 0))
    for column in columns:
        # Rich narrows columns that may wrap before those that may not; their cells do not wrap all the same.
        table.add_column(
            Text(column.title), justify="right" if column.right else "left", no_wrap=column.whole
        )
    for row in rows:
        table.add_row(*(_rich_cell(column, value) for column, value in zip(columns, row, strict=True)))
    return table


def _rich_cell(column: Column, value: object) -> Any:
    from rich.text import Text

    text = _cell(value)
    shown = text.rpartition(".")[2] or text if column.dotted else text
    return Text(shown, no_wrap=not column.whole, overflow="fold" if column.whole else "ellipsis")


def progress(items: Iterable[T], total: int, doing: str) -> Iterator[T]:
    """The items, one by one, with a bar on stderr while they last if that is a terminal."""
    if not sys.stderr.isatty():
        yield from items
        return
    from rich.progress import track

    yield from track(items, description=doing, total=total, console=_console(stderr=True), transient=True)


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


def _console(*, stderr: bool = False) -> Any:
    from rich.console import Console

    return Console(stderr=stderr, markup=False, emoji=False, highlight=False)


def _as_json(value: object) -> object:
    return to_iso(value) if isinstance(value, datetime) else str(value)
