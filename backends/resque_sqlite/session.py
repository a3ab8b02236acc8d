"""`Session`: runs statements within one namespace, on a connection that is held for the caller."""

import sqlite3
from collections.abc import Sequence
from functools import partial
from typing import Any

from resque_sqlite.patience import patiently

Row = tuple[Any, ...]


class Session:
    """What `reading` and `writing` hand out. Every statement gets the namespace as `:namespace`."""

    __slots__ = ("_connection", "_namespace", "_patience")

    def __init__(self, connection: sqlite3.Connection, namespace: str, patience: float) -> None:
        self._connection = connection
        self._namespace = namespace
        self._patience = patience

    def rows(self, sql: str, /, **values: object) -> list[Row]:
        """All rows of the answer: a statement with RETURNING is done only when all are read."""
        return self._execute(sql, values).fetchall()

    def change(self, sql: str, /, **values: object) -> int:
        """How many rows the statement changed."""
        return self._execute(sql, values).rowcount

    def change_each(self, sql: str, rows: Sequence[dict[str, object]]) -> int:
        """How many rows the statement changed, carried out with each of these values in turn."""
        texts = [value for row in rows for value in row.values() if isinstance(value, str)]
        values = rows if _is_utf8("".join(texts)) else [_all_utf8(row) for row in rows]
        for row in values:
            row["namespace"] = self._namespace
        return patiently(lambda: self._connection.executemany(sql, values).rowcount, self._patience)

    def _execute(self, sql: str, values: dict[str, object]) -> sqlite3.Cursor:
        values["namespace"] = self._namespace
        try:
            return self._try(sql, values)
        except UnicodeEncodeError:
            # Lone surrogates (an odd file name in an exception's text) must not keep a job from failing.
            return self._try(sql, _all_utf8(values))

    def _try(self, sql: str, values: dict[str, object]) -> sqlite3.Cursor:
        return patiently(partial(self._connection.execute, sql, values), self._patience)


def _is_utf8(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _all_utf8(values: dict[str, object]) -> dict[str, object]:
    return {name: _utf8(value) for name, value in values.items()}


def _utf8(value: object) -> object:
    return value.encode("utf-8", "backslashreplace").decode() if isinstance(value, str) else value
