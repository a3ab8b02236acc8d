"""However many rows there are, SQLite deletes them in steps, between which others write."""

import pytest
from emptied_places import Add, Count, each_place

from resque_core.records import QueueInfo
from resque_core.testing.contract.factories import an_entry, numbered
from resque_core.testing.contract.scenes import hold, ids, join, take
from resque_sqlite import emptying
from resque_sqlite.connection import Connection
from resque_sqlite.session import Session
from resque_sqlite.storage import SqliteStorage
from resque_sqlite.url import Target


@pytest.fixture(autouse=True)
def small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """Steps of three rows."""
    monkeypatch.setattr(emptying, "WINDOW", 3)


@each_place
def test_more_than_go_in_one_step_are_deleted_and_nothing_else(
    storage: SqliteStorage, target: Target, add: Add, delete: Count, count: Count
) -> None:
    another, held = SqliteStorage(target, "another"), hold(storage)
    for _ in range(7):
        add(storage)
    add(another)
    storage.jobs.enqueue([an_entry("images")])
    assert delete(storage) == 7
    assert (count(storage), count(another), storage.queues.size("images")) == (0, 1, 1)
    assert storage.jobs.complete(held)
    another.close()


@each_place
def test_it_ends_though_others_add_more_than_go_in_each_step(
    storage: SqliteStorage, monkeypatch: pytest.MonkeyPatch, add: Add, delete: Count, count: Count
) -> None:
    turns: list[object] = []

    def others_have_a_turn() -> None:
        assert len(turns) < 9, "this would go on for ever"
        turns.extend(add(storage) for _ in range(4))

    for _ in range(7):
        add(storage)
    monkeypatch.setattr(emptying, "give_way", others_have_a_turn)
    assert delete(storage) == 7
    assert count(storage) == len(turns) == 8


def test_a_queue_is_known_if_others_enqueue_while_it_is_removed(
    storage: SqliteStorage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else nobody would work these jobs."""
    monkeypatch.setattr(emptying, "give_way", lambda: storage.jobs.enqueue([an_entry()]))
    storage.jobs.enqueue(numbered(4))
    assert storage.queues.remove("mail") == 4
    assert [(info.name, info.size) for info in storage.queues.all()] == [("mail", 1)]


def test_what_dequeue_chose_goes_in_steps_if_it_still_waits(
    storage: SqliteStorage, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken: list[object] = []
    monkeypatch.setattr(emptying, "give_way", lambda: taken.append(take(storage, join(storage))))
    storage.jobs.enqueue(numbered(8))
    assert storage.queues.dequeue("mail", lambda payload: payload != b"job 7") == 5
    assert (len(taken), ids(storage)) == (2, ["7"])


class Killed(BaseException):
    """Stands for the end of the process."""


@each_place
def test_who_is_killed_between_two_steps_leaves_the_others_to_the_next_call(
    storage: SqliteStorage, monkeypatch: pytest.MonkeyPatch, add: Add, delete: Count, count: Count
) -> None:
    def die() -> None:
        raise Killed

    for _ in range(7):
        add(storage)
    with monkeypatch.context() as patch:
        patch.setattr(emptying, "give_way", die)
        with pytest.raises(Killed):
            delete(storage)
    assert count(storage) == 4
    assert delete(storage) == 4


def test_a_queue_that_is_half_removed_is_known_and_paused(
    storage: SqliteStorage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So no worker begins what somebody is deleting."""
    seen: list[QueueInfo] = []
    monkeypatch.setattr(emptying, "give_way", lambda: seen.extend(storage.queues.all()))
    storage.jobs.enqueue(numbered(5))
    storage.queues.pause("mail")
    assert storage.queues.remove("mail") == 5
    assert [(info.name, info.size, info.paused) for info in seen] == [("mail", 2, True)]
    assert (storage.queues.all(), storage.queues.paused()) == ([], frozenset())


def test_the_store_is_not_locked_between_two_steps(
    storage: SqliteStorage, connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    def write() -> None:
        with connection.writing() as session:
            assert isinstance(session, Session)
            session.change("INSERT INTO queues (namespace, name) VALUES (:namespace, 'seen')")

    monkeypatch.setattr(emptying, "give_way", write)
    storage.jobs.enqueue(numbered(4))
    assert storage.queues.clear("mail") == 4
    assert "seen" in [info.name for info in storage.queues.all()]
