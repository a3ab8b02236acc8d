"""For each test of a backend a store of its own: a SQLite file in a folder, or a namespace of a MongoDB."""

import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pytest
from mongo_spy import Spied
from redis_space import Space, new_space
from servers.server import Server
from stores import prepared

from resque_core.records import WorkerInfo
from resque_core.storage import Storage
from resque_mongo import open_storage as open_mongo
from resque_mongo import storage_of
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
    assert target.path
    prepared(target.path)
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


@pytest.fixture(params=["mongo_server", "mongo_replica_set"])
def mongo_url(request: pytest.FixtureRequest) -> str:
    """A mongod without and with a replica set. They are shared: each test has a namespace of its own."""
    server: Server = request.getfixturevalue(request.param)
    return server.url


@pytest.fixture
def namespace() -> str:
    """A namespace that nobody used before."""
    return f"test-{uuid4().hex}"


@pytest.fixture
def mongo(mongo_url: str, namespace: str) -> Iterator[Storage]:
    """A prepared MongoDB store with one registered worker, `w`."""
    storage = open_mongo(mongo_url, namespace)
    storage.prepare()
    storage.workers.register(
        WorkerInfo(id="w", host="here", pid=1, queues=("*",), started_at=datetime.now(UTC)), lease=600.0
    )
    yield storage
    storage.close()


@pytest.fixture
def spied(mongo: Storage, mongo_url: str) -> Iterator[Spied]:
    """The database of the same server and its commands, beside the storage `mongo`."""
    spied = Spied(mongo_url)
    yield spied
    spied.client.close()


@pytest.fixture
def watched(spied: Spied, namespace: str) -> Storage:
    """A second storage on the same namespace, whose commands are seen; it has been opened."""
    storage = storage_of(spied.database, namespace)
    storage.queues.paused()
    spied.spy.begin()
    return storage


@pytest.fixture
def space(redis_server: Server) -> Iterator[Space]:
    """A namespace of a shared Redis, of each version."""
    space = new_space(redis_server.url)
    yield space
    space.storage.close()
    space.client.close()


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A certificate for 127.0.0.1, its own authority, with its key beside it."""
    name = "-subj /CN=127.0.0.1 -addext subjectAltName=IP:127.0.0.1"
    command = f"openssl req -x509 -newkey rsa:2048 -nodes -days 2 {name}"
    files = ["-keyout", str(tmp_path / "key.pem"), "-out", str(tmp_path / "cert.pem")]
    try:
        subprocess.run([*command.split(), *files], check=True, capture_output=True)
    except FileNotFoundError:
        pytest.skip("openssl makes the certificate, and is not installed")
    return tmp_path / "cert.pem"
