"""Redis: a server for this run, with an append-only file that is synced every second."""

from collections.abc import Callable, Mapping
from typing import Any

from redis import Redis
from servers.server import Server

from bench.rate import rate
from bench.store import ROUND_TRIPS


class RedisStore:
    """Its floor is a PING."""

    name = "redis"

    def __init__(self, server: Server) -> None:
        self.title = f"redis-server {server.version}, appendfsync everysec"
        self.url = server.url
        self._client = Redis.from_url(server.url)

    @property
    def floors(self) -> Mapping[str, Callable[[int], float]]:
        """Round trips."""
        return {"PING": lambda count: rate(count, self._client.ping)}

    def commands(self) -> Mapping[str, float]:
        """From INFO. Calls that a script makes are counted as commands, and are no round trips."""
        stats: dict[str, Any] = self._client.info("commandstats")
        calls = {name.removeprefix("cmdstat_"): float(stat["calls"]) for name, stat in stats.items()}
        calls.pop("info", None)
        return calls | {ROUND_TRIPS: float(self._client.info("stats")["total_reads_processed"])}

    def close(self) -> None:
        """Let the measuring client go."""
        self._client.close()
