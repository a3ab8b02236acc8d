"""Opens a store: connects, checks that the file is ours, switches to WAL, brings the layout up to date."""

import sqlite3
from collections.abc import Iterator
from functools import partial

from resque_core.errors import IncompatibleStoreError, StorageError
from resque_sqlite.patience import patiently
from resque_sqlite.queries import load, load_schema
from resque_sqlite.url import Target, quoted

SQL = load("connection")
SCRIPTS = load_schema()
#: The layout that this version reads and writes: `PRAGMA user_version`.
LAYOUT = len(SCRIPTS)
#: `PRAGMA application_id` of our files, 'Rsqr'. Another program's database is left alone.
OURS = int.from_bytes(b"Rsqr")
#: RETURNING, with which a job is claimed in one statement.
OLDEST_SQLITE = (3, 35, 0)


def open_store(target: Target) -> sqlite3.Connection:
    """A connection to the existing file (or new memory) at `target`, ready for use.

    As a whole, because of several processes that open a new file only one can switch it to WAL.
    """
    _check_library()
    return patiently(partial(_try_to_open, target), target.timeout)


def create_file(target: Target) -> None:
    """Make an empty file, with its folders, where there is none."""
    if target.path is None or target.path.exists():
        return
    target.path.parent.mkdir(parents=True, exist_ok=True)
    # By SQLite and not by open(): closing any descriptor of a file drops all locks that this
    # process holds on it, those of another thread's connection too.
    _connect(target, "rwc").close()


def _check_library() -> None:
    if sqlite3.sqlite_version_info < OLDEST_SQLITE:
        raise IncompatibleStoreError(
            f"Python uses SQLite {sqlite3.sqlite_version} here; "
            f"{'.'.join(map(str, OLDEST_SQLITE))} or newer is needed."
        )


def _try_to_open(target: Target) -> sqlite3.Connection:
    connection = _connect(target, "rw")
    try:
        # Looked at first: another program's file must not even be switched to WAL.
        _layout(connection, target)
        connection.execute(SQL[f"synchronous_{target.synchronous}"])
        _use_wal(connection, target)
        _update_layout(connection, target)
    except BaseException:
        connection.close()
        raise
    return connection


def _connect(target: Target, mode: str) -> sqlite3.Connection:
    name = f"file:{quoted(target.path)}?mode={mode}" if target.path else "file::memory:"
    return sqlite3.connect(
        name,
        uri=True,
        timeout=0,  # see patience.py
        isolation_level=None,
        check_same_thread=False,
        cached_statements=256,
    )


def _layout(connection: sqlite3.Connection, target: Target) -> int:
    application, layout, has_tables = connection.execute(SQL["layout"]).fetchone()
    if layout > LAYOUT:
        raise IncompatibleStoreError(
            f"{target.location} has layout {layout}, and this version knows {LAYOUT} at most. "
            f"Upgrade resque-core."
        )
    if application == OURS:
        return int(layout)
    if has_tables:
        raise IncompatibleStoreError(
            f"{target.location} is the database of another program. Give Resque a file of its own."
        )
    return 0


def _use_wal(connection: sqlite3.Connection, target: Target) -> None:
    (mode,) = connection.execute(SQL["use_wal"]).fetchone()
    if mode != "wal" and target.path:
        raise StorageError(
            f"{target.location} cannot be used by several processes: SQLite stays in journal mode {mode!r}. "
            f"Put it on a local disk; network file systems cannot carry a store."
        )


def _update_layout(connection: sqlite3.Connection, target: Target) -> None:
    if _layout(connection, target) == LAYOUT:
        return
    connection.execute(SQL["write"])
    # Again, now that nobody else can change it.
    reached = _layout(connection, target)
    for layout, script in enumerate(SCRIPTS[reached:], reached + 1):
        for statement in _statements(script):
            connection.execute(statement)
        connection.execute(SQL["set_layout"].format(layout))
    connection.execute(SQL["commit"])


def _statements(script: str) -> Iterator[str]:
    # Not executescript: that commits first, and half a layout could be left behind.
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""
