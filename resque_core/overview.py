"""`ask_parts`: an overview, for stores that cannot give one in one step."""

from resque_core.records import ALL_QUEUES, Overview
from resque_core.storage import Storage


def ask_parts(storage: Storage) -> Overview:
    """Everything at a glance, one part after the other.

    :raises StorageError: the store cannot be reached.
    """
    return Overview(
        queues=tuple(storage.queues.all()),
        workers=tuple(storage.workers.all()),
        counters=storage.stats.all(),
        failed=storage.failures.count(),
        delayed=storage.schedule.size(),
        retrying=storage.schedule.retrying(),
        paused=ALL_QUEUES in storage.queues.paused(),
    )
