"""Redis: a server that is killed, under both ways to sync its file, and squeezed of its memory."""

import base64
import json
import time
from pathlib import Path
from typing import Any

import redis
from servers.fleet import Fleet, redis_program

from storm.crew import NAMESPACE
from storm.stage import Contents

#: Keys that stay: what failed, what is known, what was counted, and the hint that there was a new queue.
KEPT = (
    "queues",
    "failed",
    "stat:",
    "x:stats",
    "x:minutes:",
    "x:days:",
    "x:failures",
    "x:timings:",
    "x:depths",
    "x:wake:*",
)


class RedisStage:
    """One redis-server of its own."""

    def __init__(self, folder: Path) -> None:
        self._fleet = Fleet(folder)
        self._server = self._fleet.start(redis_program())
        self._client = redis.Redis(port=self._server.port, socket_timeout=30)

    @property
    def url(self) -> str:
        """Its first database."""
        return self._server.url

    @property
    def server(self) -> str:
        """The version."""
        return f"redis {self._server.version}, append-only file, synced each second and always in turn"

    def befall(self, turn: int) -> str:
        """In turn: killed under `everysec`, above its memory, killed under `always`, above its memory."""
        if turn % 2:
            self._client.config_set("maxmemory", 1)
            time.sleep(1.5)
            self._client.config_set("maxmemory", 0)
            return "store: above maxmemory"
        fsync = ("everysec", "always")[turn // 2 % 2]
        self._client.config_set("appendfsync", fsync)
        self._server.kill()
        time.sleep(0.3)
        self._server.start()
        return f"store: kill -9, appendfsync {fsync}"

    def poison(self, queue: str, payload: bytes) -> None:
        """RPUSH, as anybody may."""
        self._client.sadd(f"{NAMESPACE}:queues", queue)
        self._client.rpush(f"{NAMESPACE}:queue:{queue}", payload)

    def look(self) -> Contents:
        """Key by key."""
        names = sorted(key.decode() for key in self._client.scan_iter(f"{NAMESPACE}:*", 1000))
        short = [name.removeprefix(f"{NAMESPACE}:") for name in names]
        failed = [json.loads(entry) for entry in self._client.lrange(f"{NAMESPACE}:failed", 0, -1)]
        return Contents(
            waiting=sum(self._client.llen(f"{NAMESPACE}:{it}") for it in short if it.startswith("queue:")),
            running=len([it for it in short if it.startswith("worker:") and not it.endswith(":started")]),
            failed=[_payload(entry) for entry in failed],
            counters={
                it: int(self._client.get(f"{NAMESPACE}:stat:{it}") or 0) for it in ("processed", "failed")
            },
            leftovers=[it for it in short if not it.startswith(KEPT) or it.count(":") > 2],
        )

    def close(self) -> None:
        """End the server."""
        self._client.close()
        self._fleet.close()


def _payload(entry: dict[str, Any]) -> bytes:
    raw = entry["x"].get("raw")
    return base64.b64decode(raw) if raw else json.dumps(entry["payload"]).encode()
