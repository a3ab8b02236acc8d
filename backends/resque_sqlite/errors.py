"""Says of sqlite3's exceptions which file they are about and what to do."""

import sqlite3

from resque_core.errors import StorageError
from resque_sqlite.url import Target

_BUSY = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_PROTOCOL)
_ADVICE = {
    sqlite3.SQLITE_FULL: "Free some space on its disk; nothing of this call was stored.",
    sqlite3.SQLITE_READONLY: "Let this user write the file and its folder, or give another URL.",
    sqlite3.SQLITE_PERM: "Let this user write the file and its folder, or give another URL.",
    sqlite3.SQLITE_CANTOPEN: "Check that it exists, and that this user may read and write it and its folder.",
    sqlite3.SQLITE_IOERR: "Check its disk; network file systems cannot carry a store.",
    sqlite3.SQLITE_CORRUPT: "It is damaged: stop the workers and restore a copy, or try sqlite3's .recover.",
    sqlite3.SQLITE_NOTADB: "The file is not a SQLite database: move it away, or give another URL.",
}


def explain(error: sqlite3.Error, target: Target) -> StorageError:
    """What to raise, from `error`, for a call on the store at `target`."""
    if is_busy(error):
        advice = (
            f"Another process has kept it locked for longer than {target.timeout:g} s: look for one that "
            f"hangs in a transaction, or allow more with ?timeout=SECONDS."
        )
    else:
        advice = _ADVICE.get(_code(error), "Look into the file with the sqlite3 shell, or give another URL.")
    return StorageError(f"{target.location}: {str(error).rstrip('.')}. {advice}")


def is_busy(error: sqlite3.Error) -> bool:
    """Whether the same call may succeed a moment later."""
    return _code(error) in _BUSY


def _code(error: sqlite3.Error) -> int:
    # Extended codes carry the primary one in their low byte; errors of the Python module carry none.
    return getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF
