"""Managers of pools."""

import time
from collections.abc import Sequence

from resque_core.records import PoolCommand, PoolReport
from resque_toy.space import Space
from resque_toy.state import Manager, State


class ToyPools:
    """A dict of managers. Those whose lease is over go with the next report, whoever makes it."""

    def __init__(self, space: Space) -> None:
        self._space = space

    def report(self, pool: str, about: str, lease: float, heard: int = 0) -> Sequence[PoolCommand]:
        """Note what it says, and hand over what it has not heard."""
        with self._space.step() as state:
            state.pools = _leased(state)
            manager = state.pools.setdefault(pool, Manager())
            manager.about, manager.lease_until = about, time.time() + lease
            manager.told = max(manager.told, heard)
            manager.commands = [command for command in manager.commands if command.number > heard]
            return list(manager.commands)

    def withdraw(self, pool: str) -> None:
        """Forget it."""
        with self._space.step() as state:
            state.pools.pop(pool, None)

    def all(self) -> Sequence[PoolReport]:
        """Those whose lease runs, by id."""
        now, managers = time.time(), sorted(_leased(self._space.look()).items())
        return [PoolReport(pool, manager.about, manager.lease_until - now) for pool, manager in managers]

    def command(self, pool: str, text: str) -> bool:
        """Leave it for the next report."""
        with self._space.step() as state:
            manager = _leased(state).get(pool)
            if manager is None:
                return False
            manager.told += 1
            manager.commands.append(PoolCommand(manager.told, text))
            return True


def _leased(state: State) -> dict[str, Manager]:
    return {pool: manager for pool, manager in state.pools.items() if manager.lease_until > time.time()}
