"""`PoolClient`: which pools there are, and what they can be told from here."""

from resque_core.pool_info import PoolInfo, command_text, read_pool
from resque_core.queue_client import QueueClient
from resque_core.worker_count import check_count


class PoolClient(QueueClient):
    """Knows the managers of pools. They hear of what they are told within some seconds."""

    def pools(self) -> list[PoolInfo]:
        """Every pool whose manager was heard of lately, by id."""
        return [read_pool(report) for report in self.storage.pools.all()]

    def scale_pool(self, pool_id: str, queues: str, workers: int) -> bool:
        """Have its group of these queues, as they are written, be so many workers until it is sent HUP.

        False when there is no such pool. A pool that has no such group changes nothing.

        :raises SettingsError: that is no number of workers.
        """
        return self._tell_pool(pool_id, "scale", queues=queues, workers=check_count(workers, "workers"))

    def pause_pool(self, pool_id: str) -> bool:
        """Have its workers finish their jobs and take no more until it is resumed. False: no such pool."""
        return self._tell_pool(pool_id, "pause")

    def resume_pool(self, pool_id: str) -> bool:
        """Undo a pause. False when there is no such pool."""
        return self._tell_pool(pool_id, "resume")

    def restart_pool(self, pool_id: str) -> bool:
        """Have each of its workers replaced once its job is done. False when there is no such pool."""
        return self._tell_pool(pool_id, "restart")

    def _tell_pool(self, pool_id: str, verb: str, **about: str | int) -> bool:
        return self.storage.pools.command(pool_id, command_text(verb, **about))
