"""`queues.sample`: how many jobs wait, noted once in each minute of the store's clock."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

from resque_core.depths import MINUTE, NAMED, Depths
from resque_core.storage import Storage
from resque_core.testing.contract.factories import ODD_TEXTS, an_entry, numbered
from resque_core.testing.contract.scenes import hold, join


def noted(storage: Storage) -> Depths:
    """What was noted last; it may have been in the minute that is over by now."""
    found = storage.queues.samples(2)
    assert found
    return found[-1]


def test_a_store_that_nobody_sampled_has_no_depths(storage: Storage) -> None:
    """Jobs that wait are not noted by themselves."""
    storage.jobs.enqueue(numbered(2))
    assert list(storage.queues.samples(60)) == []


def test_the_depths_of_all_queues_are_noted(storage: Storage) -> None:
    """What waits, by queue; not what is delayed, or runs, nor a queue that is empty."""
    storage.jobs.enqueue([*numbered(3), an_entry("images")])
    storage.jobs.enqueue([an_entry()], run_at=timedelta(hours=1))
    hold(storage, an_entry("empty"))
    left = storage.queues.sample()
    assert 0 < left <= MINUTE
    seen = noted(storage)
    assert (seen.total, dict(seen.queues)) == (4, {"mail": 3, "images": 1})
    assert (seen.of("mail"), seen.of("nothing")) == (3, 0)
    now = datetime.fromtimestamp(storage.workers.beat(join(storage), 60).now, UTC)
    assert seen.start.timestamp() % MINUTE == 0
    assert timedelta(0) <= now - seen.start < timedelta(minutes=2)


def test_queues_of_any_name_are_noted(storage: Storage) -> None:
    """Whatever other programs call theirs."""
    storage.jobs.enqueue([an_entry(name) for name in ODD_TEXTS[:NAMED]])
    storage.queues.sample()
    assert set(noted(storage).queues) == set(ODD_TEXTS[:NAMED])


def test_the_first_in_a_minute_is_the_one_that_notes(storage: Storage) -> None:
    """However many ask, and whatever happened since."""
    storage.jobs.enqueue(numbered(1))
    storage.queues.sample()
    first = noted(storage)
    storage.jobs.enqueue(numbered(5))
    storage.queues.sample()
    same = [seen for seen in storage.queues.samples(5) if seen.start == first.start]
    assert same == [first]


def test_any_number_may_ask_at_once(storage: Storage) -> None:
    """Each minute is there once."""
    storage.jobs.enqueue(numbered(2))
    with ThreadPoolExecutor(4) as threads:
        left = list(threads.map(lambda _: storage.queues.sample(), range(12)))
    assert all(0 < seconds <= MINUTE for seconds in left)
    starts = [seen.start for seen in storage.queues.samples(5)]
    assert sorted(set(starts)) == starts
    assert all(seen.total == 2 for seen in storage.queues.samples(5))


def test_of_many_queues_the_deepest_are_noted_by_name(storage: Storage) -> None:
    """All of them count in the total."""
    storage.jobs.enqueue([an_entry(f"queue{n:02}") for n in range(NAMED + 5) for _ in range(1 + (n > 20))])
    storage.queues.sample()
    seen = noted(storage)
    assert seen.total == NAMED + 5 + 4
    assert list(seen.queues)[:5] == ["queue21", "queue22", "queue23", "queue24", "queue00"]
    assert len(seen.queues) == NAMED
    assert (seen.of("queue21"), seen.of("queue20")) == (2, None)


def test_no_minutes_are_asked_for_and_none_come(storage: Storage) -> None:
    """A count below one."""
    storage.queues.sample()
    assert list(storage.queues.samples(0)) == []
