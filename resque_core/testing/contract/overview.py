"""The overview of a storage: what its parts say, all at once."""

from dataclasses import replace
from datetime import timedelta

from resque_core.records import ALL_QUEUES, Overview, WorkerInfo
from resque_core.storage import Storage
from resque_core.testing.contract.factories import ODD_TEXTS, an_entry, numbered
from resque_core.testing.contract.scenes import LONG, bury, hold, join

LATER = timedelta(seconds=LONG)


def test_an_overview_of_nothing_is_empty(storage: Storage) -> None:
    """Nothing was ever there."""
    assert storage.overview() == Overview(
        queues=(), workers=(), counters={}, failed=0, delayed=0, retrying=0, paused=False
    )


def test_an_overview_says_what_the_parts_say(storage: Storage) -> None:
    """Waiting, delayed, held and failed jobs, workers, counters and pauses; queues of any name."""
    storage.jobs.enqueue([*numbered(3), *(an_entry(queue) for queue in ODD_TEXTS)])
    storage.jobs.enqueue([an_entry(), an_entry()], run_at=LATER)
    bury(storage)
    again = hold(storage)
    storage.jobs.reschedule(again, again.entry, LATER)
    hold(storage)
    join(storage)
    storage.queues.pause("mail")
    storage.stats.increment("mails", by=7)
    seen = storage.overview()
    assert seen.queues == tuple(storage.queues.all())
    assert [_still(worker) for worker in seen.workers] == [_still(it) for it in storage.workers.all()]
    assert dict(seen.counters) == dict(storage.stats.all())
    assert (seen.failed, seen.delayed, seen.more_delayed, seen.retrying) == (1, 3, False, 1)
    assert not seen.paused


def test_an_overview_knows_a_pause_of_every_queue(storage: Storage) -> None:
    """Which no single queue says."""
    storage.queues.pause(ALL_QUEUES)
    assert storage.overview().paused
    storage.queues.resume(ALL_QUEUES)
    assert not storage.overview().paused


def _still(worker: WorkerInfo) -> WorkerInfo:
    return replace(worker, lease_left=0, heartbeat_at=None)
