"""`failures`: the failed store, newest first, each failure under its id. Requeueing is in `requeue.py`."""

from resque_core.failure import FailureFilter
from resque_core.storage import Storage
from resque_core.testing.contract.factories import an_entry, minutes_later
from resque_core.testing.contract.scenes import bury, counted, every_failure, snapshot


def test_a_new_store_has_no_failures(storage: Storage) -> None:
    """And says so without an error."""
    assert storage.failures.count() == 0
    assert list(storage.failures.peek()) == []


def test_failures_are_listed_newest_first(storage: Storage) -> None:
    """In the order in which they came."""
    failures = [bury(storage) for _ in range(12)]
    assert every_failure(storage) == failures[::-1]


def test_failures_are_read_in_windows(storage: Storage) -> None:
    """By default the newest alone; past the end, nothing."""
    failures = [bury(storage) for _ in range(5)][::-1]
    assert list(storage.failures.peek()) == failures[:1]
    assert list(storage.failures.peek(1, 3)) == failures[1:4]
    assert list(storage.failures.peek(3, 10)) == failures[3:]
    assert list(storage.failures.peek(5, 10)) == []


def test_failures_are_counted(storage: Storage) -> None:
    """Those that are there, not those that ever were."""
    first, _ = bury(storage), bury(storage)
    assert storage.failures.count() == 2
    storage.failures.remove([first.id])
    assert storage.failures.count() == 1


def test_a_failure_is_found_by_its_id(storage: Storage) -> None:
    """Not by that of its job, and not by its place."""
    _, failure, _ = bury(storage), bury(storage), bury(storage)
    assert storage.failures.get(failure.id) == failure
    assert storage.failures.get(failure.job_id) is None


def test_an_unknown_failure_is_no_error(storage: Storage) -> None:
    """Somebody else may have removed it a moment ago."""
    assert storage.failures.get("nothing") is None
    assert storage.failures.remove(["nothing"]) == []
    assert storage.failures.requeue({"nothing": None}) == []


def test_one_job_may_fail_often(storage: Storage) -> None:
    """Each time is a failure of its own."""
    entry = an_entry()
    first, second = bury(storage, entry), bury(storage, entry)
    assert every_failure(storage) == [second, first]


def test_a_removed_failure_is_gone_and_the_others_stay(storage: Storage) -> None:
    """Ids do not shift as places do."""
    first, second, third = bury(storage), bury(storage), bury(storage)
    assert storage.failures.remove([second.id])
    assert every_failure(storage) == [third, first]
    assert storage.failures.get(second.id) is None


def test_several_are_removed_at_once(storage: Storage) -> None:
    """The answer names those that were there."""
    failures = [bury(storage) for _ in range(4)]
    wanted = [failures[3].id, "nothing", failures[0].id]
    assert sorted(storage.failures.remove(wanted)) == sorted([failures[3].id, failures[0].id])
    assert every_failure(storage) == [failures[2], failures[1]]


def test_all_are_gone_through_while_they_are_removed(storage: Storage) -> None:
    """Newest first, each once, however many there are; with a filter those that match."""
    failures = [bury(storage, error=str(number), queue="ab"[number % 2]) for number in range(230)]
    of_a = storage.failures.each(FailureFilter(queue="a"))
    seen = []
    for failure in of_a:
        seen.append(int(failure.error))
        if len(seen) % 3 == 0:
            storage.failures.remove([failure.id])
    assert seen == list(range(228, -1, -2))
    left = [one.error for one in storage.failures.each()]
    assert left == [one.error for one in failures[::-1] if storage.failures.get(one.id)]


def test_removing_failures_brings_no_job_back_and_uncounts_nothing(storage: Storage) -> None:
    """Counters tell what happened, not what is there."""
    failure = bury(storage)
    bury(storage)
    storage.failures.remove([failure.id])
    storage.failures.clear()
    assert storage.queues.size("mail") == 0
    assert counted(storage) == (2, 2)


def test_clear_empties_the_failed_store(storage: Storage) -> None:
    """And says how many went."""
    for _ in range(3):
        bury(storage)
    assert storage.failures.clear() == 3
    assert every_failure(storage) == []
    assert storage.failures.clear() == 0


def test_reading_failures_changes_nothing(storage: Storage) -> None:
    """A monitor may look as often as it likes."""
    failure = bury(storage)
    before = snapshot(storage)
    storage.failures.peek(0, 10)
    storage.failures.get(failure.id)
    storage.failures.count()
    assert snapshot(storage) == before


def test_sorting_failures_changes_nothing_that_is_shown(storage: Storage) -> None:
    """Whether or not the store has lists to sort them into; there is nothing left to sort afterwards."""
    failures = [
        bury(storage, an_entry(queue), failed_at=minutes_later(minutes))
        for minutes, queue in enumerate(("mail", "slow", "mail"))
    ]
    moved = storage.failures.sort()
    assert moved in (0, 3)
    assert [failure.id for failure in every_failure(storage)] == [failure.id for failure in failures[::-1]]
    assert storage.failures.count() == 3
    assert storage.failures.sort() == 0
    assert all(storage.failures.get(failure.id) for failure in failures)
    assert storage.failures.remove([failures[0].id])
    assert storage.failures.requeue({failures[1].id: None})
    assert [failure.id for failure in every_failure(storage)] == [failures[2].id]
