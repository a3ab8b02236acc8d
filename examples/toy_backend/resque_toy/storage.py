"""`ToyStorage`: the opened store. `open_storage` is what the entry point names."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from urllib.parse import unquote, urlsplit

from resque_core.errors import SettingsError
from resque_core.findings import Finding
from resque_core.overview import ask_parts
from resque_core.records import Overview, ServerInfo
from resque_core.storage import (
    Batches,
    Failures,
    Jobs,
    Pools,
    Queues,
    Records,
    Recurring,
    Schedule,
    Stats,
    Workers,
)
from resque_toy.batches import ToyBatches
from resque_toy.failures import ToyFailures
from resque_toy.jobs import ToyJobs
from resque_toy.pools import ToyPools
from resque_toy.queues import ToyQueues
from resque_toy.records import ToyRecords
from resque_toy.recurring import ToyRecurring
from resque_toy.schedule import ToySchedule
from resque_toy.space import Space
from resque_toy.stats import ToyStats
from resque_toy.workers import ToyWorkers


def open_storage(url: str, namespace: str) -> "ToyStorage":
    """The store in the folder that `toy:///some/folder` names. Touches nothing yet."""
    folder = unquote(urlsplit(url).path)
    if not folder:
        raise SettingsError(f"{url!r} names no folder. Write toy:///some/folder.")
    return ToyStorage(Space(Path(folder), namespace))


class ToyStorage:
    """The parts, side by side. Their annotations make mypy compare each with its Protocol."""

    def __init__(self, space: Space) -> None:
        self._space = space
        self.jobs: Jobs = ToyJobs(space)
        self.queues: Queues = ToyQueues(space)
        self.schedule: Schedule = ToySchedule(space)
        self.recurring: Recurring = ToyRecurring(space)
        self.failures: Failures = ToyFailures(space)
        self.workers: Workers = ToyWorkers(space)
        self.pools: Pools = ToyPools(space)
        self.records: Records = ToyRecords(space)
        self.batches: Batches = ToyBatches(space)
        self.stats: Stats = ToyStats(space)

    @property
    def location(self) -> str:
        """The folder."""
        return f"toy://{self._space.folder}"

    @property
    def shared(self) -> bool:
        """Every process of this machine may open the folder."""
        return True

    @property
    def connection(self) -> Space:
        """What the parts work with: `with connection.step() as state`."""
        return self._space

    def waker(self) -> None:
        """It has none: workers poll."""

    def prepare(self) -> None:
        """Make the folder."""
        self._space.prepare()

    def close(self) -> None:
        """Nothing is held open between two calls."""

    def overview(self) -> Overview:
        """Everything at a glance, part by part."""
        return ask_parts(self)

    def server_info(self) -> ServerInfo:
        """There is no server, only this package."""
        return ServerInfo(server="toy", location=self.location)

    def inventory(self) -> Mapping[str, int]:
        """The parts of the state."""
        with self._space.step() as state:
            waiting = sum(map(len, state.queues.values()))
            return {"waiting": waiting, "failures": len(state.failures), "workers": len(state.workers)}

    def examine(self) -> Sequence[Finding]:
        """It is a toy."""
        return [Finding("store", "warning", "This store is a toy.", "Use one that is not.")]
