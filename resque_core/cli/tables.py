"""Tables: fitted to the width of a terminal, and in full where there is none."""

import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from resque_core.cli.render import cell, console, print_text


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


def print_table(columns: Sequence[Column], rows: Iterable[Sequence[object]]) -> None:
    """Print rows under their titles: fitted to a terminal, or in full and plain."""
    if sys.stdout.isatty():
        console().print(_rich_table(columns, rows))
    else:
        print_text("\n".join(table_lines(columns, rows)))


def table_lines(columns: Sequence[Column], rows: Iterable[Sequence[object]]) -> list[str]:
    """A table in plain lines, nothing cut short."""
    cells = [[column.title for column in columns], *([cell(value) for value in row] for row in rows)]
    widths = [max(map(len, of_column)) for of_column in zip(*cells, strict=True)]
    return [
        "  ".join(
            text.rjust(width) if column.right else text.ljust(width)
            for text, width, column in zip(row, widths, columns, strict=True)
        ).rstrip()
        for row in cells
    ]


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

    text = cell(value)
    shown = text.rpartition(".")[2] or text if column.dotted else text
    return Text(shown, no_wrap=not column.whole, overflow="fold" if column.whole else "ellipsis")
