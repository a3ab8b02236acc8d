"""Prints a report: as a table for people, or as JSON."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from itertools import groupby
from textwrap import wrap

from bench.report import Row
from bench.summary import Line

#: Characters that still fit beside the figures.
LONG = 30
BELOW = " " * 13


def print_json(about: Mapping[str, object], rows: Sequence[Row], lines: Sequence[Line]) -> None:
    """One object: what was measured with what, the rows, and what they say in short."""
    short = [{"store": store, "what": what, "value": value} for store, what, value in lines]
    print(json.dumps({"about": about, "rows": [asdict(row) for row in rows], "in_short": short}, indent=2))


def print_table(about: Mapping[str, object], rows: Sequence[Row], lines: Sequence[Line]) -> None:
    """A line for each row, grouped by store; a note that is long stands below it."""
    for name, value in about.items():
        print(f"{name + ':':<14}{value}")
    for store, group in groupby(rows, lambda row: row.store):
        print(f"\n{store}")
        for row in group:
            print("\n".join(_lines(row)))
    print_in_short(lines)


def print_in_short(lines: Sequence[Line]) -> None:
    """One line for each ratio, below the table."""
    if lines:
        print("\nin short, by the figures above")
    for store, what, ratio in lines:
        print(f"  {store:<10}{what:<75}{ratio:>10.2f}")


def _lines(row: Row) -> Iterator[str]:
    about = f"  {row.who:<10}{row.what:<41}"
    if row.value is None:
        yield f"{about}{'-':>10}           {row.note}"
        return
    value = f"{row.value:>10,.0f}" if row.unit == "/s" else f"{row.value:>10,.2f}"
    ratios = [f"{ratio:.2f} x {name}" for name, ratio in row.ratios.items()]
    is_long = len(row.note) > LONG
    beside = [*ratios, f"({row.note})"] if row.note and not is_long else ratios
    yield f"{about}{value} {row.unit:<9}{'  '.join(beside)}".rstrip()
    if is_long:
        yield from wrap(row.note, 108, initial_indent=BELOW, subsequent_indent=BELOW)
