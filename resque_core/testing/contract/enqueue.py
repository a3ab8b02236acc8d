"""`jobs.enqueue`: all of it or nothing, in order, and each id once."""

import pytest

from resque_core.job import Entry
from resque_core.storage import Storage
from resque_core.testing.contract.factories import ODD_TEXTS, a_failure, an_entry, numbered
from resque_core.testing.contract.scenes import hold, ids, join, take


def test_entries_wait_in_the_order_in_which_they_were_given(storage: Storage) -> None:
    """One call and several calls alike append."""
    storage.jobs.enqueue(numbered(3))
    storage.jobs.enqueue(numbered(2, start=3))
    assert storage.queues.peek("mail", 0, 10) == numbered(5)


def test_enqueue_says_how_many_were_stored(storage: Storage) -> None:
    """The count is of entries stored, not of entries given."""
    assert storage.jobs.enqueue(numbered(3)) == 3
    assert storage.jobs.enqueue(numbered(4)) == 1


def test_an_entry_whose_id_already_waits_is_skipped(storage: Storage) -> None:
    """The first one stays as it is; the other's bytes are not taken over."""
    storage.jobs.enqueue([Entry("twin", "mail", b"first")])
    assert storage.jobs.enqueue([Entry("twin", "mail", b"second")]) == 0
    assert storage.queues.peek("mail", 0, 10) == [Entry("twin", "mail", b"first")]


def test_an_entry_whose_id_waits_on_another_queue_is_skipped(storage: Storage) -> None:
    """An id is unique in its namespace, not only on its queue."""
    storage.jobs.enqueue([Entry("twin", "mail", b"")])
    assert storage.jobs.enqueue([Entry("twin", "images", b"")]) == 0
    assert storage.queues.size("images") == 0


def test_an_entry_whose_id_runs_is_skipped(storage: Storage) -> None:
    """A producer that repeats its call late must not double the job."""
    held = hold(storage)
    assert storage.jobs.enqueue([held.entry]) == 0
    assert ids(storage) == []


@pytest.mark.parametrize("at_front", [False, True])
def test_an_id_given_twice_in_one_call_is_stored_once(storage: Storage, at_front: bool) -> None:
    """The first of the two counts, at its place."""
    twins = [Entry("twin", "mail", b"first"), Entry("other", "mail", b""), Entry("twin", "mail", b"second")]
    assert storage.jobs.enqueue(twins, at_front=at_front) == 2
    assert storage.queues.peek("mail", 0, 10) == twins[:2]


def test_an_id_may_come_again_once_its_job_is_done(storage: Storage) -> None:
    """Only what waits or runs is in the way."""
    held = hold(storage)
    storage.jobs.complete(held)
    assert storage.jobs.enqueue([held.entry]) == 1


def test_an_id_may_come_again_while_its_failure_is_kept(storage: Storage) -> None:
    """The failed store is history."""
    held = hold(storage)
    storage.jobs.fail(held, a_failure(held))
    assert storage.jobs.enqueue([held.entry]) == 1
    assert storage.failures.count() == 1


def test_one_call_feeds_several_queues(storage: Storage) -> None:
    """Each entry goes to its own queue."""
    mail, image, more_mail = an_entry("mail"), an_entry("images"), an_entry("mail")
    assert storage.jobs.enqueue([mail, image, more_mail]) == 3
    assert storage.queues.peek("mail", 0, 10) == [mail, more_mail]
    assert storage.queues.peek("images", 0, 10) == [image]


def test_entries_put_at_the_front_keep_their_order(storage: Storage) -> None:
    """They go before all that wait, the first of them first."""
    storage.jobs.enqueue(numbered(2))
    assert storage.jobs.enqueue(numbered(3, start=2), at_front=True) == 3
    assert ids(storage) == ["2", "3", "4", "0", "1"]


def test_an_entry_put_at_the_front_is_reserved_first(storage: Storage) -> None:
    """Again and again: the last one put there wins."""
    for number in range(3):
        storage.jobs.enqueue(numbered(1, start=number), at_front=True)
    assert take(storage, join(storage)).entry.id == "2"


def test_a_skipped_entry_does_not_move_to_the_front(storage: Storage) -> None:
    """Stored nothing, moved nothing."""
    storage.jobs.enqueue(numbered(3))
    assert storage.jobs.enqueue(numbered(1, start=2), at_front=True) == 0
    assert ids(storage) == ["0", "1", "2"]


def test_enqueueing_nothing_stores_nothing(storage: Storage) -> None:
    """An empty list is no error."""
    assert storage.jobs.enqueue([]) == 0
    assert list(storage.queues.all()) == []


def test_many_entries_fit_in_one_call(storage: Storage) -> None:
    """More than a store may take as parameters of one statement."""
    assert storage.jobs.enqueue(numbered(3000)) == 3000
    assert storage.jobs.enqueue(numbered(3000)) == 0
    assert ids(storage) == [str(number) for number in range(3000)]


@pytest.mark.parametrize("name", ODD_TEXTS, ids=ascii)
def test_a_queue_may_have_any_name(storage: Storage, name: str) -> None:
    """Other writers make such queues; they must be listed, worked and removed by their exact name."""
    entry = an_entry(name)
    storage.jobs.enqueue([entry])
    assert [info.name for info in storage.queues.all()] == [name]
    assert take(storage, join(storage), name).entry == entry
    assert storage.queues.remove(name) == 0
    assert list(storage.queues.all()) == []


@pytest.mark.parametrize("name", ODD_TEXTS, ids=ascii)
def test_an_id_may_be_any_text(storage: Storage, name: str) -> None:
    """Ids come from other writers too."""
    entry = an_entry(id=name)
    storage.jobs.enqueue([entry])
    assert storage.jobs.enqueue([entry]) == 0
    assert take(storage, join(storage)).entry == entry
