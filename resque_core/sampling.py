"""`DepthSampler`: has the store note once a minute how many jobs wait on its queues, for the charts."""

import logging

from resque_core.depths import MINUTE
from resque_core.errors import StorageError
from resque_core.storage import Storage
from resque_core.timers import Every

log = logging.getLogger("resque")


class DepthSampler:
    """Asks once in each minute of the store's clock. Any number may ask: the first in a minute notes."""

    def __init__(self) -> None:
        self._timer = Every(MINUTE)

    def sample(self, storage: Storage) -> None:
        """Have the depths noted, if it is time. Nothing else is to suffer when that cannot be done."""
        if not self._timer.due():
            return
        self._timer.restart()
        try:
            self._timer.restart(storage.queues.sample())
        except StorageError as error:
            log.warning("The depths of the queues could not be noted, and will be again: %s", error)

    def left(self) -> float:
        """Seconds until it is time."""
        return self._timer.left()
