"""The kinds of stores that tests run on. A new backend is one more entry in `KINDS`."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, ClassVar, Protocol

import mongomock
import pymongo
import redis
from servers.binaries import Binary, redis_binaries
from servers.fake_redis import FakeRedisProgram
from servers.fleet import Fleet, mongo_program, redis_program
from servers.server import Program, Server

import resque_mongo.indexes
from resque_core.discovery import open_storage
from resque_core.storage import Storage

#: Each test has a database of its own.
numbers = count()
#: How many a redis-server has.
DATABASES = 16


class Store(Protocol):
    """A new and empty store of one test."""

    @property
    def url(self) -> str:
        """What a `Resque` takes."""
        ...

    def break_down(self) -> None:
        """Let it answer nobody any more, without any warning. It keeps what it has."""
        ...

    def come_back(self) -> None:
        """Let it answer again; nothing happens if it does."""
        ...

    def discard(self) -> None:
        """Remove what it has, and leave servers running."""
        ...


@dataclass(frozen=True)
class Kind:
    """How to have a store of one kind."""

    name: str
    #: A new and empty one, given the servers and a folder of the test's own.
    new: Callable[[Fleet, Path], Store]
    #: A URL behind which no store can be.
    unreachable: str
    #: What to add to the URL of a store that need not survive a power failure.
    quick: str = ""
    #: How many jobs eight processes fight for in `make soak`; in `make test` a tenth.
    contention_jobs: int = 5000
    #: How many times each race of two processes is run in `make test`; in `make soak` 40 times.
    race_rounds: int = 40
    #: How many lives of it the state machine lives; in `make soak` fifteen times as many.
    lives: int = 90
    #: Steps of the state machine from one look at the whole store, which may be dear, to the next.
    steps_between_looks: int = 1
    #: How to have one quickly that others may have prepared, used and emptied; by default a new one.
    used: Callable[[Fleet, Path], Store] | None = None
    #: How to open it, in a namespace.
    open: Callable[[str, str], Storage] = open_storage

    def empty(self, fleet: Fleet, folder: Path) -> Store:
        """One that is empty, as quickly as there may be one: perhaps prepared."""
        return (self.used or self.new)(fleet, folder)


class FileStore:
    """An SQLite file in a folder."""

    def __init__(self, _fleet: Fleet, folder: Path) -> None:
        self.folder = folder / "store"
        self.folder.mkdir()
        self.url = f"sqlite:///{self.folder}/resque.sqlite3"
        self._away = folder / "away"

    def break_down(self) -> None:
        """As a disk that is not mounted."""
        self.folder.rename(self._away)

    def come_back(self) -> None:
        """Mount it again."""
        if self._away.exists():
            self._away.rename(self.folder)

    def discard(self) -> None:
        """Its folder is the test's."""


class CopiedFileStore(FileStore):
    """A copy of an SQLite file that was prepared once: making its tables takes longer than most tests."""

    def __init__(self, fleet: Fleet, folder: Path) -> None:
        super().__init__(fleet, folder)
        prepared(self.folder / "resque.sqlite3")


def prepared(path: Path) -> str:
    """The URL of an SQLite file at this path, with its tables: a test of nearly anything begins with one."""
    path.write_bytes(_prepared_file())
    return f"sqlite:///{path}"


@cache
def _prepared_file() -> bytes:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "resque.sqlite3"
        storage = open_storage(f"sqlite:///{path}", "resque")
        storage.prepare()
        storage.close()
        return path.read_bytes()


class RedisStore:
    """A database of a Redis server."""

    def __init__(self, program: Callable[[], Program], fleet: Fleet, _folder: Path) -> None:
        self._server = fleet.keep(program())
        self.url = self._server.url.replace("/0", f"/{next(numbers) % DATABASES}")

    def break_down(self) -> None:
        """Kill the server."""
        self._server.kill()

    def come_back(self) -> None:
        """Start it on the same data."""
        revive(self._server)

    def discard(self) -> None:
        """Empty the database: the number comes round again."""
        with redis.Redis.from_url(self.url) as client:
            client.flushdb()


class MongoStore:
    """A new database of a mongod."""

    def __init__(self, replica_set: bool, fleet: Fleet, _folder: Path, options: str = "") -> None:
        self._server = fleet.keep(mongo_program(replica_set=replica_set))
        self._name = self._choose_name()
        url = self._server.url.replace("/resque", f"/{self._name}")
        self.url = f"{url}{'&' if '?' in url else '?'}{options}" if options else url

    def break_down(self) -> None:
        """Kill the server."""
        self._server.kill()

    def come_back(self) -> None:
        """Start it on the same data."""
        revive(self._server)

    def discard(self) -> None:
        """Drop the database: a mongod with thousands of collections is slow."""
        with pymongo.MongoClient[dict[str, Any]](self._server.url) as client:
            client.drop_database(self._name)

    def _choose_name(self) -> str:
        return f"test{next(numbers)}"


class UsedMongoStore(MongoStore):
    """A database that other tests had before: making its indexes takes longer than most tests."""

    #: By server, the databases that nobody has at the moment.
    free: ClassVar[dict[str, list[str]]] = {}

    def discard(self) -> None:
        """Empty the database for the next test, and let it keep its indexes."""
        database = _client(self._server.url)[self._name]
        for layout in resque_mongo.indexes.ALL:
            database[layout.name].delete_many({})
        self.free.setdefault(self._server.url, []).append(self._name)

    def _choose_name(self) -> str:
        free = self.free.get(self._server.url)
        return free.pop() if free else super()._choose_name()


@cache
def _client(url: str) -> pymongo.MongoClient[dict[str, Any]]:
    """One for all tests of this process: to connect takes as long as to empty."""
    return pymongo.MongoClient(url)


class MockStore:
    """A mongomock: in this process alone, and so behind no URL."""

    databases: ClassVar[dict[str, Any]] = {}

    def __init__(self, _fleet: Fleet, _folder: Path) -> None:
        self.url = f"mongomock://{next(numbers)}"
        self.databases[self.url] = mongomock.MongoClient().jobs

    @classmethod
    def open(cls, url: str, namespace: str) -> Storage:
        """As a program does that has opened its database itself."""
        return resque_mongo.storage_of(cls.databases[url], namespace)

    def break_down(self) -> None:
        """It cannot."""

    def come_back(self) -> None:
        """It was never away."""

    def discard(self) -> None:
        """Let it go."""
        del self.databases[self.url]


def revive(server: Server) -> None:
    """Start it, if it does not run."""
    if not server.running:
        server.start()


def _redis(name: str, program: Callable[[], Program], contention_jobs: int = 5000, lives: int = 30) -> Kind:
    new = partial(RedisStore, program)
    return Kind(name, new, "redis://127.0.0.1:1/0", contention_jobs=contention_jobs, lives=lives)


def _real_redis(binary: Binary | None) -> Kind:
    name = f"redis{binary.short_version}" if binary else "redis"
    return _redis(name, lambda: redis_program(binary))


def _mongo(name: str, *, replica_set: bool, options: str = "") -> Kind:
    return Kind(
        name,
        partial(MongoStore, replica_set, options=options),
        NO_MONGO,
        contention_jobs=1000,
        race_rounds=15,
        # Alone it does the same as in a replica set, except when replies are lost, which none of them is.
        lives=18 if replica_set else 9,
        steps_between_looks=4,
        used=partial(UsedMongoStore, replica_set, options=options),
    )


NO_MONGO = "mongodb://127.0.0.1:1/resque?serverSelectionTimeoutMS=200"
SQLITE = Kind(
    "sqlite",
    FileStore,
    "sqlite:////dev/null/store.sqlite3",
    quick="?synchronous=off",
    used=CopiedFileStore,
)
REDIS = [_real_redis(binary) for binary in redis_binaries() or [None]]
MONGO = [_mongo("mongo", replica_set=False), _mongo("mongo-rs", replica_set=True)]
#: Where jobs are claimed in about their order.
MONGO_WINDOW = _mongo("mongo-window", replica_set=True, options="claim=window")
FAKE_REDIS = _redis("fakeredis", FakeRedisProgram, contention_jobs=1000, lives=9)
MONGOMOCK = Kind("mongomock", MockStore, NO_MONGO, open=MockStore.open)
KINDS = [SQLITE, *REDIS, *MONGO, MONGO_WINDOW, FAKE_REDIS, MONGOMOCK]
#: Those that can be killed and started again.
SERVERS = [*REDIS, *MONGO]
#: One of each backend.
TYPICAL = [SQLITE, REDIS[-1], MONGO[-1]]
