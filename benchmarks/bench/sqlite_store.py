"""SQLite: a file in a temporary folder, with the settings that resque_sqlite has by default."""

import sqlite3
from collections.abc import Callable, Mapping
from pathlib import Path

from bench.rate import rate


class SqliteStore:
    """Its floor is one INSERT in a transaction of its own, in WAL mode, synced at each commit."""

    name = "sqlite"

    def __init__(self, folder: Path) -> None:
        self.title = f"SQLite {sqlite3.sqlite_version}, WAL, synchronous=full"
        self.url = f"sqlite:///{folder}/bench.sqlite3"
        self._floor = folder / "floor.sqlite3"

    @property
    def floors(self) -> Mapping[str, Callable[[int], float]]:
        """Single-row transactions."""
        return {"commit": self._commits}

    def _commits(self, count: int) -> float:
        connection = sqlite3.connect(self._floor, isolation_level=None)
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=full")
        connection.execute("CREATE TABLE IF NOT EXISTS rows (value)")
        try:
            return rate(count, lambda: connection.execute("INSERT INTO rows VALUES (1)"))
        finally:
            connection.close()

    def commands(self) -> Mapping[str, float]:
        """There is no server."""
        return {}

    def close(self) -> None:
        """Nothing is open."""
