"""`SqliteStorage`: the parts of a storage over one file, and how to open it."""

import sqlite3
from collections.abc import Mapping, Sequence

from resque_core.errors import StorageError
from resque_core.findings import Finding
from resque_core.overview import ask_parts
from resque_core.records import Overview, ServerInfo
from resque_core.storage import Storage
from resque_sqlite.batches import SqliteBatches
from resque_sqlite.connection import Connection
from resque_sqlite.examination import examine
from resque_sqlite.failures import SqliteFailures
from resque_sqlite.files import log_of
from resque_sqlite.jobs import SqliteJobs
from resque_sqlite.pools import SqlitePools
from resque_sqlite.queries import load
from resque_sqlite.queues import SqliteQueues
from resque_sqlite.records import SqliteRecords
from resque_sqlite.recurring import SqliteRecurring
from resque_sqlite.schedule import SqliteSchedule
from resque_sqlite.stats import SqliteStats
from resque_sqlite.url import LEVELS, Target, parse_url
from resque_sqlite.waker import SqliteWaker
from resque_sqlite.workers import SqliteWorkers

SQL = load("connection")


def open_storage(url: str, namespace: str) -> Storage:
    """The storage that `url` names. The file is not touched before the first call.

    :raises SettingsError: the URL says nothing that SQLite has.
    """
    return SqliteStorage(parse_url(url), namespace)


class SqliteStorage:
    """An opened store in a SQLite file, within one namespace."""

    def __init__(self, target: Target, namespace: str) -> None:
        self._target = target
        self._connection = Connection(target, namespace)
        self.jobs = SqliteJobs(self._connection)
        self.queues = SqliteQueues(self._connection)
        self.schedule = SqliteSchedule(self._connection)
        self.recurring = SqliteRecurring(self._connection)
        self.failures = SqliteFailures(self._connection)
        self.workers = SqliteWorkers(self._connection)
        self.pools = SqlitePools(self._connection)
        self.records = SqliteRecords(self._connection)
        self.batches = SqliteBatches(self._connection)
        self.stats = SqliteStats(self._connection)

    @property
    def location(self) -> str:
        """The file's URL, with its whole path and without options."""
        return self._target.location

    @property
    def shared(self) -> bool:
        """False for a store in memory, which no other process can see."""
        return self._target.path is not None

    @property
    def connection(self) -> sqlite3.Connection:
        """A new connection to the same file, which the caller closes. Each row has its `namespace`.

        :raises StorageError: the store is in memory, where nobody else can see it.
        """
        if self._target.path is None:
            raise StorageError(f"{self.location} has one connection only, its own. Give it a file.")
        return sqlite3.connect(self._target.path)

    def waker(self) -> SqliteWaker | None:
        """One that sees commits of others; a store in memory has no others."""
        return SqliteWaker(self._connection) if self.shared else None

    def prepare(self) -> None:
        """Create the file with its folders and tables, if they are missing."""
        self._connection.prepare()

    def close(self) -> None:
        """Close the file. The next call opens it anew; what was in memory is gone."""
        self._connection.close()

    def overview(self) -> Overview:
        """Everything at a glance, part by part."""
        return ask_parts(self)

    def server_info(self) -> ServerInfo:
        """SQLite's version, and how this file is set up."""
        with self._connection.reading() as session:
            ((mode, level, pages, page_size, layout),) = session.rows(SQL["about"])
        details: dict[str, str | int | float] = {
            "journal_mode": mode,
            "synchronous": LEVELS[level],
            "page_count": pages,
            "bytes": pages * page_size,
            "wal_bytes": self._wal_bytes(),
            "schema_version": layout,
        }
        return ServerInfo(f"sqlite {sqlite3.sqlite_version}", self.location, details)

    def inventory(self) -> Mapping[str, int]:
        """The rows of each table that are of this namespace."""
        with self._connection.reading() as session:
            return dict(session.rows(SQL["inventory"]))

    def examine(self) -> Sequence[Finding]:
        """What of the file, and of the disk under it, might endanger jobs."""
        with self._connection.reading() as session:
            ((mode, level, *_),) = session.rows(SQL["about"])
            ((sound,), *_) = session.rows(SQL["sound"])
        return list(examine(self._target.path, mode, level, sound))

    def _wal_bytes(self) -> int:
        if self._target.path is None:
            return 0
        log = log_of(self._target.path)
        return log.stat().st_size if log.exists() else 0
