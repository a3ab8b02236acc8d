"""Makes links: of the target that a URL names, or of a client that a program has open."""

from typing import Any, cast

import redis
from redis.asyncio import Redis as AsyncRedis
from redis.backoff import NoBackoff
from redis.cluster import ClusterNode, RedisCluster
from redis.retry import Retry
from redis.sentinel import Sentinel, SentinelConnectionPool

from resque_core.errors import SettingsError
from resque_redis.link import Link
from resque_redis.links import ClusterLink, PoolLink
from resque_redis.url import Target, check_namespace

# The driver's own types cover these in part only.
_BlockingPool: Any = redis.BlockingConnectionPool
_Sentinel: Any = Sentinel
_SentinelPool: Any = SentinelConnectionPool
_Node: Any = ClusterNode
#: Seconds: longer than any wait of ours, shorter than a worker's lease.
_TIMEOUT, _CONNECT_TIMEOUT = 10.0, 5.0


def open_link(target: Target, namespace: str) -> Link:
    """A link to the target; nothing is touched yet.

    :raises SettingsError: a cluster cannot carry the namespace.
    """
    if target.scheme == "redis+cluster":
        check_namespace(namespace)
        return ClusterLink(target.location, lambda: _cluster(target))
    makers = {"redis+sentinel": _sentinel_pool, "unix": _socket_pool}
    make = makers.get(target.scheme, _server_pool)
    return PoolLink(target.location, lambda: make(target))


def link_of(client: object, namespace: str) -> Link:
    """A link through an open client, which stays its owner's.

    :raises SettingsError: it is no client that can be used.
    """
    if isinstance(client, RedisCluster):
        return _link_of_cluster(client, namespace)
    if isinstance(client, AsyncRedis) or not isinstance(client, redis.Redis):
        raise SettingsError(
            f"{type(client).__name__} is no client to use: give a redis.Redis or a RedisCluster."
        )
    pool = client.connection_pool
    return PoolLink(_pool_location(pool), lambda: pool, owned=False)


def _server_pool(target: Target) -> redis.ConnectionPool:
    ((host, port),) = target.hosts
    kind = redis.SSLConnection if target.scheme == "rediss" else redis.Connection
    return _pool(target, kind, host=host, port=port)


def _socket_pool(target: Target) -> redis.ConnectionPool:
    return _pool(target, redis.UnixDomainSocketConnection, path=target.path)


def _pool(target: Target, kind: type[Any], **place: Any) -> redis.ConnectionPool:
    options = _options(target)
    if "max_connections" in options:
        return cast(
            redis.ConnectionPool,
            _BlockingPool(connection_class=kind, timeout=options["socket_timeout"], **place, **options),
        )
    return redis.ConnectionPool(connection_class=kind, **place, **options)


def _sentinel_pool(target: Target) -> redis.ConnectionPool:
    options = _options(target)
    for_sentinels = {
        name: value
        for name, value in options.items()
        if name.startswith("ssl") or name in ("socket_timeout", "socket_connect_timeout", "retry", "protocol")
    }
    for name in ("username", "password"):
        value = options.pop(f"sentinel_{name}", None)
        if value:
            for_sentinels[name] = value
    sentinel = _Sentinel(target.hosts, sentinel_kwargs=for_sentinels)
    return cast(redis.ConnectionPool, _SentinelPool(target.service, sentinel, **options))


def _cluster(target: Target) -> RedisCluster:
    options = _options(target)
    options.pop("db")
    if int(redis.__version__.partition(".")[0]) < 6:
        # Before, `retry` was for the connections to nodes only.
        options["cluster_error_retry_attempts"] = 0
    return RedisCluster(startup_nodes=[_Node(host, port) for host, port in target.hosts], **options)


def _options(target: Target) -> dict[str, Any]:
    """What each connection gets. The driver repeats nothing: a repeated call may pop a second job."""
    return {
        "db": target.database,
        "socket_timeout": _TIMEOUT,
        "socket_connect_timeout": _CONNECT_TIMEOUT,
        "retry": Retry(NoBackoff(), 0),
        "protocol": 2,
        **target.options,
    }


def _pool_location(pool: redis.ConnectionPool) -> str:
    said = pool.connection_kwargs
    database = int(said.get("db") or 0)
    if said.get("path"):
        return Target("unix", path=str(said["path"]), database=database).location
    scheme = "rediss" if issubclass(pool.connection_class, redis.SSLConnection) else "redis"
    host = (str(said.get("host", "localhost")), int(said.get("port") or 6379))
    if isinstance(pool, SentinelConnectionPool):
        hosts = tuple(
            (
                str(each.connection_pool.connection_kwargs["host"]),
                int(each.connection_pool.connection_kwargs["port"]),
            )
            for each in pool.sentinel_manager.sentinels
        )
        return Target("redis+sentinel", hosts, service=pool.service_name, database=database).location
    return Target(scheme, (host,), database=database).location


def _link_of_cluster(client: Any, namespace: str) -> Link:
    check_namespace(namespace)
    if client.get_encoder().decode_responses:
        raise SettingsError("The cluster's client decodes responses. Make one without decode_responses=True.")
    return ClusterLink(_cluster_location(client), lambda: client, owned=False)


def _cluster_location(client: Any) -> str:
    nodes = sorted((node.host, int(node.port)) for node in client.get_primaries())
    return Target("redis+cluster", tuple(nodes)).location
