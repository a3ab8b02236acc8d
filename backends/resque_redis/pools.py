"""Managers of pools: what they say of themselves, and what they are told."""

from collections.abc import Sequence

from resque_core.records import PoolCommand, PoolReport
from resque_redis.store import Store
from resque_redis.text import to_bytes, to_text

_MICRO = 1_000_000


class RedisPools:
    """`Pools` on Redis. Ruby's resque-pool leaves nothing there."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def report(self, pool: str, about: str, lease: float, heard: int = 0) -> Sequence[PoolCommand]:
        """Note what the pool says of itself, and hand over what it has not heard."""
        found = self._store.run("pool_report", to_bytes(pool), to_bytes(about), int(lease * _MICRO), heard)
        return [_command(to_text(each)) for each in found]

    def withdraw(self, pool: str) -> None:
        """Forget the pool, and what it was told."""
        self._store.run("pool_withdraw", to_bytes(pool))

    def all(self) -> Sequence[PoolReport]:
        """What each pool said last whose lease runs, by id."""
        found = self._store.run("pools_all")
        reports = [_report(*found[place : place + 3]) for place in range(0, len(found), 3)]
        return sorted(reports, key=lambda report: report.pool)

    def command(self, pool: str, text: str) -> bool:
        """Leave something for the pool's next report; False when there is none."""
        return bool(self._store.run("pool_command", to_bytes(pool), to_bytes(text)))


def _command(said: str) -> PoolCommand:
    number, _, text = said.partition(" ")
    return PoolCommand(int(number), text)


def _report(pool: bytes, about: bytes, left: bytes) -> PoolReport:
    return PoolReport(to_text(pool), to_text(about), int(left) / _MICRO)
