"""A SQLite store in a folder of its own for each test of the backend."""

import sqlite3
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from resque_core.records import WorkerInfo
from resque_sqlite.connection import Connection
from resque_sqlite.storage import SqliteStorage
from resque_sqlite.url import Target


@pytest.fixture
def target(tmp_path: Path) -> Target:
    """A file that is not there yet."""
    return Target(tmp_path / "jobs.db")


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


@pytest.fixture
def shell(target: Target) -> Callable[..., list[tuple[object, ...]]]:
    """Does to the file what somebody with the sqlite3 shell may do: runs these statements."""

    def run(*statements: str) -> list[tuple[object, ...]]:
        assert target.path
        shell = sqlite3.connect(target.path)
        rows: list[tuple[object, ...]] = [row for sql in statements for row in shell.execute(sql)]
        shell.commit()
        shell.close()
        return rows

    return run
