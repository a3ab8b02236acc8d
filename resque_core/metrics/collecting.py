"""`Source`: the metrics of a `Resque`, also while its store is away."""

import logging

from resque_core.display import one_line
from resque_core.errors import StorageError
from resque_core.metrics.families import Family, families_of, families_of_none
from resque_core.metrics.reading import read_metrics
from resque_core.store_client import StoreClient

log = logging.getLogger("resque")


class Source:
    """Reads anew each time, and logs when the store goes and comes back. Threads may share it."""

    def __init__(self, resque: StoreClient) -> None:
        self._resque = resque
        self._is_up = True

    def families(self) -> list[Family]:
        """All metrics; of a store that does not answer, that."""
        try:
            found = families_of(read_metrics(self._resque.storage))
        except StorageError as error:
            reason = one_line(error, 500)
            self._note(f"No metrics, for the store does not answer: {reason}", is_up=False)
            return families_of_none()
        self._note("The store answers again.", is_up=True)
        return found

    def _note(self, said: str, *, is_up: bool) -> None:
        if is_up != self._is_up:
            self._is_up = is_up
            log.log(logging.INFO if is_up else logging.WARNING, said)
