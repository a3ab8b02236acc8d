"""Says of the driver's exceptions which server they are about and what to do."""

import redis

from resque_core.errors import StorageError

_PERMISSIONS = "Let its user do +@read +@write +@scripting +time +ping +info on the namespace's keys."
#: What a message of the server begins with, or holds where a script ran into it, and the way out.
_ADVICE = {
    "OOM ": "Its memory is full; nothing of this call was stored. Let workers drain it, or raise maxmemory.",
    "NOAUTH": "It wants a password: write redis://USER:PASSWORD@HOST.",
    "WRONGPASS": "Check the user and the password in the URL.",
    "invalid password": "Check the user and the password in the URL.",
    "invalid username-password": "Check the user and the password in the URL.",
    "NOPERM": _PERMISSIONS,
    "No permissions": _PERMISSIONS,
    "READONLY": "It is a replica, which takes no writes: name its primary, or use redis+sentinel://.",
    "MISCONF": "It cannot write to its disk: free some space there, or look into its log.",
    "LOADING": "It is still reading its data; try again in a moment.",
    "MASTERDOWN": "It is a replica without a primary; try again in a moment.",
    "CLUSTERDOWN": "Some of its shards are down; try again in a moment.",
    "MOVED": "It is part of a cluster: write redis+cluster:// instead.",
    "CROSSSLOT": "It is part of a cluster: write redis+cluster:// instead.",
    "BUSY": "A script of somebody's has run for long; try again in a moment.",
    "NOSCRIPT": "It forgot a script twice in one call: does something flush its scripts?",
    "WRONGTYPE": "Another program uses a key of this namespace otherwise: rename or delete that key.",
    "unknown command": "It lacks a command; Redis 5 or newer is needed.",
    "max number of clients": "Raise maxclients, or let fewer programs connect.",
    "CERTIFICATE_VERIFY_FAILED": "Name its authority with ?ssl_ca_certs=FILE.",
}
_UNREACHABLE = "Is it running, and reachable from here? Otherwise give another URL."


def explain(error: Exception, location: str) -> StorageError:
    """What to raise, from `error`, for a call on the server at `location`."""
    said = str(error).strip().rstrip(".") or type(error).__name__
    for sign, advice in _ADVICE.items():
        if sign.lower() in said.lower():
            return StorageError(f"{location}: {said}. {advice}")
    reason = _UNREACHABLE if _is_about_connections(error) else "Look into the server's log."
    return StorageError(f"{location}: {said}. {reason}")


def _is_about_connections(error: Exception) -> bool:
    return isinstance(error, redis.ConnectionError | redis.TimeoutError | OSError)
