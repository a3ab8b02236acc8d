"""The names of all keys, in one place. What is in them is said by the headers of `scripts/*.lua`."""

from collections.abc import Mapping
from types import MappingProxyType

#: Ruby Resque's own keys. A name that ends with an underscore is the beginning of many keys.
RUBY = {
    "queues": "queues",
    "queue_": "queue:",
    "workers": "workers",
    "worker_": "worker:",
    "heartbeats": "workers:heartbeat",
    "failed": "failed",
    "stat_": "stat:",
    "pause_all": "pause-all-workers",
}
#: Ours, which Ruby ignores.
OURS = {
    "leases": "x:leases",
    "members": "x:workers",
    "beats": "x:beats",
    "settled": "x:settled",
    "commands_": "x:commands:",
    "ids": "x:ids",
    "aliases": "x:aliases",
    "order_": "x:order:",
    "rescues": "x:rescues",
    "claims_": "x:claims:",
    "failures": "x:failures",
    "pauses": "x:pauses",
    "stats": "x:stats",
    "minutes_": "x:minutes:",
    "days_": "x:days:",
}


def keys_of(namespace: str) -> Mapping[str, bytes]:
    """The keys of a namespace, by the names that scripts give them."""
    return MappingProxyType({name: f"{namespace}:{key}".encode() for name, key in (RUBY | OURS).items()})
