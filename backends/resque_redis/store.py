"""`Store`: a link within one namespace. Runs scripts by name, and checks the server before first use."""

import logging
from collections.abc import Iterator, Mapping
from copy import copy
from typing import Any

from resque_core.errors import IncompatibleStoreError
from resque_core.findings import Finding
from resque_core.records import ServerInfo
from resque_redis.examination import beside_resque_scheduler, examine
from resque_redis.keys import keys_of
from resque_redis.link import Line, Link
from resque_redis.namespaced import Namespaced
from resque_redis.packing import Argument, ScriptCall
from resque_redis.scripts import SCRIPTS
from resque_redis.text import to_text

#: Scripts may write after they asked for the time since this version.
OLDEST_REDIS = 5
_SHOWN = (
    "uptime_in_days",
    "redis_mode",
    "role",
    "maxmemory",
    "maxmemory_policy",
    "used_memory",
    "aof_enabled",
    "connected_clients",
)

#: What ends the name of a key that is set aside: see `_calling.lua`.
_ASIDE = b":set-aside"
_SET_ASIDE = (
    "What stands in the way of a set of names is set aside when one is added. Look at it, and delete it; "
    "until jobs are enqueued on them, workers of `*` do not know the queues that were named there."
)

_log = logging.getLogger(__name__)


class Store:
    """What the parts of the storage share."""

    def __init__(self, link: Link, namespace: str) -> None:
        self._link = link
        self._namespace = namespace
        self._keys = keys_of(namespace)
        self._scripts: dict[str, ScriptCall] = {}

    @property
    def location(self) -> str:
        """Where the server is, safe to print."""
        return self._link.location

    def run(self, script: str, *arguments: Argument) -> Any:
        """The answer of `scripts/SCRIPT.lua`: one round trip, one atomic step.

        :raises StorageError: the server cannot be reached, or refused.
        """
        return self._link.run(self._scripts.get(script) or self._with_keys(script), arguments)

    def with_list(self, name: bytes) -> "Store":
        """The same, for which this is the list of failures: one queue's, in place of `failed`."""
        other = copy(self)
        beginning, ours = self._keys["failed"].removesuffix(b"failed"), self._keys["failures"]
        other._keys = {**self._keys, "failed": beginning + name, "failures": ours + b":" + name}
        other._scripts = {}
        return other

    def call(self, command: str, key: str, *arguments: Argument, name: bytes = b"") -> Any:
        """The answer to one command on a key; `name` completes the key's beginning."""
        return self._link.call(command, self._keys[key] + name, *arguments)

    def line(self, longest: float) -> Line | None:
        """A further connection, for commands that wait in the server for so many seconds at most."""
        return self._link.line(longest)

    def wake_key(self, queue: bytes) -> bytes:
        """Where the token of a queue is."""
        return self._keys["wake_"] + queue

    def connection(self) -> Namespaced:
        """The driver's client within the namespace."""
        return Namespaced(self._link.client(), self._namespace, self.location)

    def close(self) -> None:
        """Let go of every connection."""
        self._link.close()

    def prepare(self) -> None:
        """Check that the server is one that can keep jobs. There is nothing to create.

        :raises IncompatibleStoreError: it is too old, or a node of a cluster, taken for a single server.
        """
        said = self._link.info()
        version = said.get("redis_version", "")
        if version and int(version.partition(".")[0]) < OLDEST_REDIS:
            raise IncompatibleStoreError(
                f"{self.location} is Redis {version}; {OLDEST_REDIS}.0 or newer is needed."
            )
        if said.get("cluster_enabled") == "1" and not self.location.startswith("redis+cluster:"):
            raise IncompatibleStoreError(
                f"{self.location} is a node of a Redis Cluster: write redis+cluster:// instead."
            )
        if _evicts(said):
            _log.warning(
                "%s deletes keys when its memory is full (maxmemory-policy %s): jobs would be lost. "
                "Set maxmemory-policy to noeviction.",
                self.location,
                said["maxmemory_policy"],
            )
        for misused in self._misused():
            _log.warning("%s: %s %s", self.location, misused, _SET_ASIDE)

    def server_info(self) -> ServerInfo:
        """The server's version, and what matters for jobs of how it is set up."""
        said = self._link.info()
        details: dict[str, str | int | float] = {name: _plain(said[name]) for name in _SHOWN if name in said}
        details["evicts"] = int(_evicts(said))
        return ServerInfo(f"redis {said.get('redis_version', 'of unknown version')}", self.location, details)

    def inventory(self) -> dict[str, int]:
        """How many elements each key has that there is one of."""
        said = self.run("inventory")
        return {to_text(key): count for key, count in zip(said[::2], said[1::2], strict=True)}

    def examine(self) -> list[Finding]:
        """What of the server might endanger jobs. It takes a script to ask for the time."""
        now, *_ = self.run("workers_all")
        found = list(examine(self._link.info(), int(now) / 1_000_000))
        misused = [Finding("keys", "warning", said, _SET_ASIDE) for said in self._misused()]
        return [*found, *map(beside_resque_scheduler, filter(None, [self._promoter()])), *misused]

    def _promoter(self) -> str | None:
        """The resque-scheduler that promotes delayed jobs here, as it calls itself."""
        for name in ("lock", "lock_old"):
            if self.call("TYPE", name) == b"string" and (holder := self.call("GET", name)):
                return to_text(holder)
        return None

    def _with_keys(self, script: str) -> ScriptCall:
        loaded = SCRIPTS[script]
        return self._scripts.setdefault(script, ScriptCall(loaded, [self._keys[key] for key in loaded.keys]))

    def _misused(self) -> Iterator[str]:
        """What another program wrote, or had written, in place of Ruby's two sets of names."""
        for name in ("queues", "workers"):
            kind, aside = (self.call("TYPE", name, name=end) for end in (b"", _ASIDE))
            key = self._keys[name].decode(errors="backslashreplace")
            if kind not in (b"set", b"none"):
                yield f"The key {key} holds a {kind.decode()}, which is no set of names."
            if aside != b"none":
                yield f"The key {key}{_ASIDE.decode()} holds what another program had written under {key}."


def list_of(queue: bytes) -> bytes:
    """The name of the list of this queue's failures: Ruby's redis_multi_queue."""
    return queue + b"_failed"


def _evicts(said: Mapping[str, str]) -> bool:
    return said.get("maxmemory", "0") != "0" and said.get("maxmemory_policy", "noeviction") != "noeviction"


def _plain(text: str) -> str | int:
    return int(text) if text.isdigit() else text
