"""`queues`: who waits where, and how they can be taken away without being run."""

from resque_core.storage import Storage
from resque_core.testing.contract.factories import an_entry, numbered
from resque_core.testing.contract.scenes import bury, counted, hold, ids, join, snapshot, take


def test_a_new_store_has_no_queues(storage: Storage) -> None:
    """Nothing is known before the first job."""
    assert list(storage.queues.all()) == []


def test_queues_are_listed_by_name_with_their_sizes(storage: Storage) -> None:
    """In the order of their names, whatever came first."""
    storage.jobs.enqueue([an_entry("mail"), an_entry("images"), an_entry("mail"), an_entry("Zoo")])
    assert [(info.name, info.size) for info in storage.queues.all()] == [
        ("Zoo", 1),
        ("images", 1),
        ("mail", 2),
    ]


def test_a_queue_stays_known_when_its_last_job_is_taken(storage: Storage) -> None:
    """Whichever way the job goes."""
    storage.jobs.complete(hold(storage, an_entry("done")))
    storage.jobs.enqueue([an_entry("popped"), an_entry("weeded")])
    storage.queues.pop("popped")
    storage.queues.dequeue("weeded", lambda _payload: True)
    assert [(info.name, info.size) for info in storage.queues.all()] == [
        ("done", 0),
        ("popped", 0),
        ("weeded", 0),
    ]


def test_the_size_counts_only_what_waits(storage: Storage) -> None:
    """Neither what runs, nor what failed, nor what waits elsewhere."""
    bury(storage)
    storage.jobs.enqueue([*numbered(3), an_entry("images")])
    take(storage, join(storage))
    assert storage.queues.size("mail") == 2


def test_an_unknown_queue_is_empty_and_no_error(storage: Storage) -> None:
    """Missing is not an error, and asking does not make it known."""
    queues = storage.queues
    assert (queues.size("x"), list(queues.peek("x")), queues.pop("x")) == (0, [], None)
    assert (queues.clear("x"), queues.remove("x"), queues.dequeue("x", lambda _: True)) == (0, 0, 0)
    assert queues.latencies(["x"])["x"] == 0.0
    queues.resume("x")
    assert list(queues.all()) == []


def test_peek_shows_a_window_head_first(storage: Storage) -> None:
    """By default the head alone; past the end, nothing."""
    storage.jobs.enqueue(numbered(5))
    assert storage.queues.peek("mail") == numbered(1)
    assert storage.queues.peek("mail", 1, 3) == numbered(3, start=1)
    assert storage.queues.peek("mail", 3, 10) == numbered(2, start=3)
    assert list(storage.queues.peek("mail", 5, 10)) == []


def test_peek_shows_the_order_of_reserving(storage: Storage) -> None:
    """Also of jobs that came to the front or back to the head."""
    storage.jobs.enqueue(numbered(2))
    storage.jobs.enqueue(numbered(1, start=2), at_front=True)
    storage.jobs.release(take(storage, join(storage)))
    assert ids(storage) == ["2", "0", "1"]


def test_reading_changes_nothing(storage: Storage) -> None:
    """A monitor may look as often as it likes."""
    storage.jobs.enqueue(numbered(3))
    before = snapshot(storage)
    storage.queues.peek("mail", 0, 3)
    storage.queues.size("mail")
    storage.queues.latencies(["mail"])["mail"]
    assert snapshot(storage) == before


def test_pop_removes_the_head_for_good(storage: Storage) -> None:
    """It is in nobody's hands, and counted by nobody."""
    storage.jobs.enqueue(numbered(2))
    assert storage.queues.pop("mail") == numbered(1)[0]
    assert ids(storage) == ["1"]
    assert counted(storage) == (0, 0)
    assert storage.jobs.enqueue(numbered(1)) == 1


def test_pop_of_an_emptied_queue_is_none(storage: Storage) -> None:
    """Known or not."""
    storage.jobs.enqueue([an_entry()])
    storage.queues.pop("mail")
    assert storage.queues.pop("mail") is None


def test_pop_does_not_heed_pauses(storage: Storage) -> None:
    """Pauses are for workers."""
    storage.jobs.enqueue(numbered(2))
    storage.queues.pause("mail")
    storage.queues.pause("*")
    assert storage.queues.pop("mail") == numbered(1)[0]


def test_dequeue_deletes_what_matches_and_keeps_the_rest_in_order(storage: Storage) -> None:
    """The function is given the bytes of the waiting jobs."""
    storage.jobs.enqueue(numbered(5))
    assert storage.queues.dequeue("mail", lambda payload: payload in (b"job 1", b"job 3")) == 2
    assert ids(storage) == ["0", "2", "4"]


def test_dequeue_spares_other_queues_and_jobs_in_flight(storage: Storage) -> None:
    """Only what waits on this queue is meant."""
    held = hold(storage, an_entry(payload=b"same"))
    storage.jobs.enqueue([an_entry(payload=b"same"), an_entry("images", payload=b"same")])
    assert storage.queues.dequeue("mail", lambda payload: payload == b"same") == 1
    assert storage.queues.size("images") == 1
    assert storage.jobs.complete(held)


def test_dequeue_deletes_each_of_two_equal_jobs(storage: Storage) -> None:
    """Equal bytes under two ids are two jobs."""
    storage.jobs.enqueue([an_entry(payload=b"same"), an_entry(payload=b"same"), an_entry()])
    assert storage.queues.dequeue("mail", lambda payload: payload == b"same") == 2
    assert storage.queues.size("mail") == 1


def test_dequeue_that_matches_nothing_changes_nothing(storage: Storage) -> None:
    """And says 0."""
    storage.jobs.enqueue(numbered(3))
    before = snapshot(storage)
    assert storage.queues.dequeue("mail", lambda _payload: False) == 0
    assert snapshot(storage) == before


def test_dequeue_goes_through_long_queues(storage: Storage) -> None:
    """Longer than any window that a backend may read them in."""
    storage.jobs.enqueue(numbered(2500))
    assert storage.queues.dequeue("mail", lambda payload: payload[-1:] in b"13579") == 1250
    assert ids(storage) == [str(number) for number in range(0, 2500, 2)]


def test_clear_deletes_what_waits_and_keeps_the_queue(storage: Storage) -> None:
    """Pauses and jobs in flight stay; other queues too."""
    held = hold(storage)
    storage.jobs.enqueue([*numbered(3), an_entry("images")])
    storage.queues.pause("mail")
    assert storage.queues.clear("mail") == 3
    assert [(info.name, info.size, info.paused) for info in storage.queues.all()] == [
        ("images", 1, False),
        ("mail", 0, True),
    ]
    assert storage.jobs.complete(held)


def test_remove_deletes_the_jobs_the_pause_and_the_name(storage: Storage) -> None:
    """As if it had never been; other queues stay."""
    storage.jobs.enqueue([*numbered(3), an_entry("images")])
    storage.queues.pause("mail")
    assert storage.queues.remove("mail") == 3
    assert [info.name for info in storage.queues.all()] == ["images"]
    assert storage.queues.paused() == frozenset()
    assert storage.jobs.enqueue(numbered(1)) == 1
    assert ids(storage) == ["0"]


def test_a_queue_of_any_length_is_removed(storage: Storage) -> None:
    """Longer than what a backend may delete in one step."""
    storage.jobs.enqueue([*numbered(12_000), an_entry("images")])
    assert storage.queues.remove("mail") == 12_000
    assert [(info.name, info.size) for info in storage.queues.all()] == [("images", 1)]


def test_a_job_in_flight_outlives_its_queue(storage: Storage) -> None:
    """Its id is still taken, and it still ends."""
    held = hold(storage)
    assert storage.queues.remove("mail") == 0
    assert storage.jobs.enqueue([held.entry]) == 0
    assert storage.jobs.complete(held)
    assert counted(storage) == (1, 0)
