"""The Redis backend: byte-compatible with Ruby Resque. Entry points of `resque.backends`: see `setup.cfg`."""

from typing import TYPE_CHECKING

from resque_core.errors import UnknownBackendError
from resque_core.storage import Storage

if TYPE_CHECKING:
    from redis import Redis
    from redis.cluster import RedisCluster

__all__ = ["open_storage", "storage_of"]


def open_storage(url: str, namespace: str) -> Storage:
    """The storage that `url` names. The server is not touched before the first call.

    :raises SettingsError: the URL says nothing that Redis has.
    :raises UnknownBackendError: redis-py is not installed.
    """
    try:
        # Here, so that the entry point can be loaded without the driver and say what is missing.
        from resque_redis import storage
    except ModuleNotFoundError as error:
        raise _without_driver(error) from error
    return storage.open_storage(url, namespace)


def storage_of(client: "Redis | RedisCluster", namespace: str = "resque") -> Storage:
    """The storage on the server of an open client, which is never closed here.

    What the client is told about repeating calls does not apply, except to a cluster's: make that one
    with `retry=Retry(NoBackoff(), 0)`, since only the caller knows what may be repeated.

    :raises SettingsError: it is no such client, or a cluster cannot carry the namespace.
    :raises UnknownBackendError: redis-py is not installed.
    """
    try:
        from resque_redis import storage
    except ModuleNotFoundError as error:
        raise _without_driver(error) from error
    return storage.storage_of(client, namespace)


def _without_driver(error: ModuleNotFoundError) -> Exception:
    if error.name is None or error.name.partition(".")[0] != "redis":
        return error
    return UnknownBackendError(
        'redis:// URLs need the package redis: pip install "resque-core[redis]", or give another URL.'
    )
