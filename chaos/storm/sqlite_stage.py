"""SQLite: a file that somebody else keeps locked, and whose log is cut."""

import shutil
import sqlite3
import time
from contextlib import closing
from pathlib import Path

from resque_core.discovery import open_storage
from resque_core.ids import new_id
from resque_core.job import Entry
from storm.crew import NAMESPACE
from storm.stage import Contents


class SqliteStage:
    """One file in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._path = folder / "storm.sqlite3"
        storage = open_storage(self.url, NAMESPACE)
        storage.prepare()
        storage.close()

    @property
    def url(self) -> str:
        """The file's."""
        return f"sqlite:///{self._path}"

    @property
    def server(self) -> str:
        """The version."""
        return f"sqlite {sqlite3.sqlite_version}, WAL, synchronous=FULL"

    def befall(self, turn: int) -> str:
        """In turn: locked by another program; its log written back and cut."""
        with closing(self._connect()) as connection:
            if turn % 2:
                connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
                return "store: log cut"
            connection.execute("BEGIN IMMEDIATE")
            time.sleep(1.0)
            connection.execute("ROLLBACK")
            return "store: locked for a second"

    def poison(self, queue: str, payload: bytes) -> None:
        """By the storage: no stranger writes into this file."""
        storage = open_storage(self.url, NAMESPACE)
        storage.jobs.enqueue([Entry(new_id(), queue, payload)])
        storage.close()

    def look(self) -> Contents:
        """Table by table."""
        with closing(self._connect()) as connection:
            states = dict(connection.execute("SELECT state, COUNT(*) FROM jobs GROUP BY state"))
            counters = connection.execute("SELECT name, value FROM stats WHERE grain = 'total'")
            rows = {
                table: connection.execute(f"SELECT COUNT(*) FROM {table}").fetchone()[0]
                for table in ("jobs", "workers", "commands")
            }
            ((sound,),) = connection.execute("PRAGMA integrity_check")
            return Contents(
                waiting=states.get("queued", 0),
                running=states.get("running", 0),
                failed=[payload for (payload,) in connection.execute("SELECT payload FROM failures")],
                counters=dict(counters),
                leftovers=[f"{count} rows of {table}" for table, count in rows.items() if count]
                + ([] if sound == "ok" else [str(sound)]),
            )

    def close(self) -> None:
        """Remove the file."""
        shutil.rmtree(self._folder, ignore_errors=True)

    def _connect(self) -> sqlite3.Connection:
        return sqlite3.connect(self._path, timeout=60, isolation_level=None)
