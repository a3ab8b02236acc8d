"""The storage itself: opened by its URL, prepared, shared, closed, out of reach."""

import threading
from contextlib import closing
from urllib.parse import urlsplit
from uuid import uuid4

import pytest

from resque_core.discovery import open_storage
from resque_core.errors import StorageError
from resque_core.records import Reservation
from resque_core.storage import Storage
from resque_core.testing.contract.factories import an_entry, numbered
from resque_core.testing.contract.fixtures import OpenAnother
from resque_core.testing.contract.scenes import counted, hold, ids, join, snapshot, take


def test_preparing_again_changes_nothing(storage: Storage) -> None:
    """Every process that opens the store does it."""
    hold(storage)
    storage.jobs.enqueue(numbered(2))
    before = snapshot(storage)
    storage.prepare()
    assert snapshot(storage) == before


def test_a_closed_storage_opens_again_by_itself(storage: Storage) -> None:
    """Closing lets go of connections and of nothing else; closing twice is no error."""
    storage.jobs.enqueue(numbered(2))
    storage.close()
    assert ids(storage) == ["0", "1"]
    storage.close()
    storage.close()
    assert storage.jobs.complete(take(storage, join(storage)))


def test_whoever_opens_the_same_url_sees_the_same_jobs(storage: Storage, open_another: OpenAnother) -> None:
    """At once, and in both directions."""
    assert storage.shared
    other = open_another()
    storage.jobs.enqueue(numbered(1))
    held = take(other, join(storage))
    assert storage.workers.all()[0].reservation == held
    assert storage.jobs.complete(held)
    assert snapshot(other) == snapshot(storage)


def test_a_store_keeps_what_it_has_when_everybody_left(storage: Storage, open_another: OpenAnother) -> None:
    """Jobs outlive the process that made them."""
    held = hold(storage)
    storage.jobs.enqueue(numbered(2))
    before = snapshot(storage)
    storage.close()
    other = open_another()
    assert snapshot(other) == before
    assert other.jobs.complete(held)


def test_a_store_says_what_and_where_it_is(storage: Storage) -> None:
    """For start lines and monitors."""
    info = storage.server_info()
    assert info.server
    assert storage.location
    assert info.location == storage.location


def test_a_location_holds_no_password(storage: Storage, storage_url: str) -> None:
    """It is printed and logged."""
    secret = urlsplit(storage_url).password or "no password in this URL"
    assert secret not in f"{storage.location} {storage.server_info()}"


def test_threads_may_share_one_storage(storage: Storage) -> None:
    """None of their jobs is lost or doubled, and every error would show."""
    storage.jobs.enqueue(numbered(200))
    taken: list[str] = []
    threads = [threading.Thread(target=drain, args=(storage, taken)) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(taken, key=int) == [str(number) for number in range(200)]
    assert counted(storage) == (200, 0)


def drain(storage: Storage, taken: list[str]) -> None:
    """Reserve and complete until nothing waits."""
    worker = join(storage)
    while isinstance(held := storage.jobs.reserve(["mail"], worker, uuid4().hex), Reservation):
        taken.append(held.entry.id)
        assert storage.jobs.complete(held)


def test_a_store_out_of_reach_is_a_storage_error_with_its_cause(unreachable_url: str) -> None:
    """Opening it touches nothing yet, so it cannot fail; each call can, and says why."""
    with closing(open_storage(unreachable_url, "anything")) as storage:
        with pytest.raises(StorageError) as refused:
            storage.jobs.enqueue([an_entry()])
        assert refused.value.__cause__ is not None
        with pytest.raises(StorageError):
            storage.queues.all()
        with pytest.raises(StorageError):
            storage.prepare()


def test_a_store_out_of_reach_can_still_be_named_and_closed(unreachable_url: str) -> None:
    """An error message needs its location."""
    storage = open_storage(unreachable_url, "anything")
    assert storage.location
    assert storage.shared
    storage.close()


def test_an_inventory_counts_what_is_kept(storage: Storage) -> None:
    """What the things are called differs from store to store."""
    before = storage.inventory()
    storage.jobs.enqueue(numbered(3))
    grown = {name: count - before.get(name, 0) for name, count in storage.inventory().items()}
    assert max(grown.values()) >= 3
    assert all(count >= 0 for count in storage.inventory().values())


def test_an_examination_names_each_thing_once_and_for_what_is_wrong_a_way_out(storage: Storage) -> None:
    """What it finds differs from store to store."""
    findings = storage.examine()
    subjects = [found.subject for found in findings]
    assert subjects
    assert len(set(subjects)) == len(subjects)
    assert all(found.says for found in findings)
    assert [found for found in findings if (found.level == "ok") == bool(found.advice)] == []
