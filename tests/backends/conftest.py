"""A SQLite store in a folder of its own for each test of the backend."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from resque_core.records import WorkerInfo
from resque_sqlite.connection import Connection
from resque_sqlite.storage import SqliteStorage
from resque_sqlite.url import Target


@pytest.fixture
def target(tmp_path: Path) -> Target:
    """A file that is not there yet. Whoever keeps it locked is not waited for long."""
    return Target(tmp_path / "jobs.db", timeout=5.0)


@pytest.fixture
def storage(target: Target) -> Iterator[SqliteStorage]:
    """A prepared store with one registered worker, `w`."""
    storage = SqliteStorage(target, "test")
    storage.prepare()
    storage.workers.register(
        WorkerInfo(id="w", host="here", pid=1, queues=("*",), started_at=datetime.now(UTC)), lease=600.0
    )
    yield storage
    storage.close()


@pytest.fixture
def connection(storage: SqliteStorage, target: Target) -> Iterator[Connection]:
    """A second connection to the same store, for what no storage would do."""
    connection = Connection(target, "test")
    yield connection
    connection.close()
