"""Reads columns as they should be, whatever somebody with the sqlite3 shell has put there."""

import json
from datetime import datetime

from resque_core.clock import from_epoch

#: What is shown for a time that is none.
UNKNOWN = from_epoch(0)


def read_texts(column: object) -> tuple[str, ...]:
    """The texts of a JSON list; none of anything else."""
    try:
        found = json.loads(column) if isinstance(column, str | bytes) else None
    except (ValueError, RecursionError):
        return ()
    return tuple(map(str, found)) if isinstance(found, list) else ()


def read_moment(column: object) -> datetime:
    """The moment of a number of seconds since 1970."""
    return from_epoch(column) if isinstance(column, int | float) else UNKNOWN


def read_number(column: object) -> int:
    """A whole number; 0 for anything else."""
    return column if isinstance(column, int) else 0


def read_seconds(column: object) -> float:
    """A number of seconds; 0.0 for anything else."""
    return float(column) if isinstance(column, int | float) else 0.0


def read_text(column: object) -> str:
    """A text; bytes that are none are shown as escapes."""
    return column.decode(errors="backslashreplace") if isinstance(column, bytes) else str(column)
