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
    "failed_queues": "failed_queues",
    # The lists that those are, `QUEUE_failed`: their names follow the namespace at once.
    "failed_": "",
    "stat_": "stat:",
    "pause_all": "pause-all-workers",
    # resque-scheduler's. Of its lock, it puts the namespace in front of a key that begins with it already.
    "schedule": "delayed_queue_schedule",
    "delayed_": "delayed:",
    "timestamps_": "timestamps:",
    "lock": "{namespace}:resque_scheduler_master_lock",
    "lock_old": "resque_scheduler_master_lock",
}
#: Ours, which Ruby ignores.
OURS = {
    # The beginning of all of them.
    "x_": "x:",
    "leases": "x:leases",
    "members": "x:workers",
    "beats": "x:beats",
    "settled": "x:settled",
    "commands_": "x:commands:",
    "ids": "x:ids",
    "aliases": "x:aliases",
    "order_": "x:order:",
    "bundles": "x:bundles",
    "rescues": "x:rescues",
    "claims_": "x:claims:",
    "failures": "x:failures",
    "pauses": "x:pauses",
    "wake_": "x:wake:",
    "pools": "x:pools",
    "pool_": "x:pool:",
    "pool_commands_": "x:pool:commands:",
    "stats": "x:stats",
    "minutes_": "x:minutes:",
    "days_": "x:days:",
    "timings_": "x:timings:",
    "depths": "x:depths",
    "delayed": "x:delayed",
    "retrying": "x:retrying",
    "names_": "x:names:",
    "records_": "x:records:",
    "slots_": "x:slots:",
    "line_": "x:line:",
    "batches": "x:batches",
    "batch_": "x:batch:",
    "begun": "x:batches:begun",
    "ended": "x:batches:ended",
    "recurring": "x:recurring",
    "ticks": "x:ticks",
}


def keys_of(namespace: str) -> Mapping[str, bytes]:
    """The keys of a namespace, by the names that scripts give them."""
    return MappingProxyType({name: _key(namespace, key) for name, key in (RUBY | OURS).items()})


def _key(namespace: str, key: str) -> bytes:
    return f"{namespace}:{key.replace('{namespace}', namespace)}".encode()
