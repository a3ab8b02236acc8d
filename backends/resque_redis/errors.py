"""Says of the driver's exceptions which server they are about and what to do."""

import redis
from redis.exceptions import RedisClusterException

from resque_core.errors import StorageError

#: All that the driver raises about servers; the exception of clusters is of no family.
DRIVER_ERRORS = (redis.RedisError, RedisClusterException, OSError)
_CREDENTIALS = "Check the user and the password: redis://USER:PASSWORD@HOST."
_CLUSTER = "It is part of a cluster: write redis+cluster:// instead."
#: What an error's class or text holds, and the way out. For some, the driver drops the server's code.
_ADVICE = {
    ("OutOfMemoryError", "used memory >"): "Its memory is full; nothing of this call was stored. "
    "Let workers drain it, or raise maxmemory.",
    ("AuthenticationError", "WRONGPASS", "NOAUTH", "invalid password"): _CREDENTIALS,
    ("NoPermissionError", "NOPERM", "No permissions", "no permissions"): "Let its user do +@read +@write "
    "+@scripting +@connection +time +info on the keys of the namespace.",
    ("ReadOnlyError", "READONLY", "read only replica"): "It is a replica, which takes no writes: name its "
    "primary, or use redis+sentinel://.",
    ("MISCONF",): "It cannot write to its disk: free some space there, or look into its log.",
    ("BusyLoadingError", "LOADING"): "It is still reading its data; try again in a moment.",
    ("MasterDownError", "MASTERDOWN"): "It is a replica without a primary; try again in a moment.",
    ("ClusterDownError", "CLUSTERDOWN"): "Some of its shards are down; try again in a moment.",
    ("MasterNotFoundError",): "No sentinel answers, or none knows this service: check both in the URL.",
    ("MovedError", "MOVED", "CrossSlot", "CROSSSLOT"): _CLUSTER,
    ("BUSY ",): "A script of somebody's has run for long; try again in a moment.",
    ("WRONGTYPE",): "Another program uses a key of this namespace otherwise: rename or delete that key.",
    ("unknown command 'SENTINEL", "unknown command `SENTINEL"): "No sentinel answers there, but a server: "
    "give the sentinels' hosts and ports (26379 unless said), or write redis:// for one server.",
    ("unknown command",): "It lacks a command, or hides it; Redis 5.0 or newer is needed.",
    ("MaxConnectionsError", "No connection available"): "All connections are in use: raise max_connections.",
    ("max number of clients",): "Raise maxclients, or let fewer programs connect.",
    ("CERTIFICATE_VERIFY_FAILED",): "Name its authority with ?ssl_ca_certs=FILE.",
}
_UNREACHABLE = "Is it running, and reachable from here? Otherwise give another URL."


def explain(error: Exception, location: str) -> StorageError:
    """What to raise, from `error`, for a call on the server at `location`."""
    said = str(error).strip().rstrip(".") or type(error).__name__
    clues = f"{type(error).__name__} {said}"
    for signs, advice in _ADVICE.items():
        if any(sign in clues for sign in signs):
            return StorageError(f"{location}: {said}. {advice}")
    reason = _UNREACHABLE if _is_about_connections(error) else "Look into the server's log."
    return StorageError(f"{location}: {said}. {reason}")


def _is_about_connections(error: Exception) -> bool:
    return isinstance(error, redis.ConnectionError | redis.TimeoutError | RedisClusterException | OSError)
