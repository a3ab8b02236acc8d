"""Starts the stores of a run, and opens the libraries on each."""

import importlib
from collections.abc import Collection, Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from servers.fleet import Fleet, mongo_program, redis_program

from bench.library import Library
from bench.mongo_store import MongoStore
from bench.redis_store import RedisStore
from bench.resque_library import NAME, ResqueLibrary
from bench.sqlite_store import SqliteStore
from bench.store import Store

#: Which peer can use which store, and where its class is: only that module imports the peer.
PEERS = {
    "RQ": ({"redis"}, "rq", "bench.rq_library", "RqLibrary"),
    "Huey": ({"redis", "sqlite"}, "huey", "bench.huey_library", "HueyLibrary"),
    "Dramatiq": ({"redis"}, "dramatiq", "bench.dramatiq_library", "DramatiqLibrary"),
    "Celery": ({"redis"}, "celery", "bench.celery_library", "CeleryLibrary"),
    "django-q2": ({"mongo", "mongo-rs"}, "django-q2", "bench.django_q_library", "DjangoQLibrary"),
}


def open_store(name: str, fleet: Fleet, folder: Path) -> Store:
    """The store of this name, its server started.

    :raises MissingServerError: this machine has no such server.
    """
    if name == "sqlite":
        return SqliteStore(folder)
    if name == "redis":
        return RedisStore(fleet.start(redis_program()))
    return MongoStore(name, fleet.start(mongo_program(replica_set=name != "mongo")))


def open_libraries(store: Store, interval: float | None, wanted: Collection[str]) -> list[Library]:
    """Ours first, and the peers that are installed; those of them that are wanted."""
    libraries: list[Library] = [ResqueLibrary(store.url, interval)] if NAME in wanted else []
    peers = [name for name in _peers(store, wanted) if peer_version(name)]
    return libraries + [_open_peer(name, store.url, interval) for name in peers]


def missing_peers(store: Store, wanted: Collection[str]) -> list[str]:
    """Those that could use this store, were they installed."""
    return [name for name in _peers(store, wanted) if not peer_version(name)]


def peer_version(name: str) -> str | None:
    """What is installed of a peer."""
    try:
        return version(PEERS[name][1])
    except PackageNotFoundError:
        return None


def _peers(store: Store, wanted: Collection[str]) -> Iterator[str]:
    return (name for name, (stores, *_) in PEERS.items() if store.name in stores and name in wanted)


def _open_peer(name: str, url: str, interval: float | None) -> Library:
    _, _, module, kind = PEERS[name]
    library: Library = getattr(importlib.import_module(module), kind)(url, interval)
    return library
