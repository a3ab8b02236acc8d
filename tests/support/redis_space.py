"""`Space`: a namespace of a Redis, seen through a storage of ours and, beside it, with the eyes of Ruby."""

from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import redis

from resque_core.storage import Storage
from resque_redis import open_storage


@dataclass(frozen=True)
class Space:
    """One namespace of one server."""

    url: str
    storage: Storage
    client: Any
    namespace: str

    def key(self, name: str) -> str:
        """The whole key."""
        return f"{self.namespace}:{name}"

    def keys(self) -> dict[str, Any]:
        """What Ruby sees: each key that is not ours, with its value."""
        names = sorted(self.client.scan_iter(match=f"{self.namespace}:*"))
        short = [name.decode().removeprefix(f"{self.namespace}:") for name in names]
        return {name: self._value(name) for name in short if not name.startswith("x:")}

    def ours(self) -> list[str]:
        """The names of our own keys, but for tokens: these are hints, and expire."""
        names = self.client.scan_iter(match=f"{self.namespace}:x:*")
        short = [name.decode().removeprefix(f"{self.namespace}:") for name in names]
        return sorted(name for name in short if not name.startswith("x:wake:"))

    def push(self, queue: str, payload: bytes) -> None:
        """Enqueue as Ruby does."""
        self.client.sadd(self.key("queues"), queue)
        self.client.rpush(self.key(f"queue:{queue}"), payload)

    def pop(self, queue: str) -> bytes | None:
        """Reserve as Ruby does."""
        taken: bytes | None = self.client.lpop(self.key(f"queue:{queue}"))
        return taken

    def _value(self, name: str) -> Any:
        kind = self.client.type(self.key(name))
        read = {
            b"string": self.client.get,
            b"set": self.client.smembers,
            b"hash": self.client.hgetall,
            b"list": lambda key: self.client.lrange(key, 0, -1),
        }
        return read[kind](self.key(name))


def new_space(url: str, namespace: str | None = None) -> Space:
    """A namespace that nobody used before."""
    namespace = namespace or f"space-{uuid4().hex}"
    storage = open_storage(url, namespace)
    storage.prepare()
    return Space(url, storage, redis.Redis.from_url(url), namespace)
