"""However many jobs there are, MongoDB deletes them in steps that each end within the timeout of a call."""

from collections.abc import Sequence
from contextlib import AbstractContextManager, suppress
from itertools import pairwise
from typing import Any

import pytest
from emptied_places import Add, Count, each_place
from mongo_spy import Killed, Spied

from resque_core.job import Entry
from resque_core.storage import NO_CURSOR, Storage
from resque_core.testing.contract.factories import an_entry, numbered
from resque_core.testing.contract.scenes import hold, ids, join, take
from resque_mongo import emptying, leaving
from resque_mongo import open_storage as open_mongo
from resque_mongo.connection import Connection
from resque_mongo.session import Document, Session


@pytest.fixture(autouse=True)
def small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """Steps of three jobs."""
    monkeypatch.setattr(emptying, "WINDOW", 3)


@each_place
def test_more_than_go_in_one_step_are_deleted_and_nothing_else(
    mongo: Storage, mongo_url: str, namespace: str, add: Add, delete: Count, count: Count
) -> None:
    another = open_mongo(mongo_url, f"{namespace}-2")
    held = hold(mongo)
    for _ in range(7):
        add(mongo)
    add(another)
    mongo.jobs.enqueue([an_entry("images")])
    assert delete(mongo) == 7
    assert (count(mongo), count(another), mongo.queues.size("images")) == (0, 1, 1)
    assert mongo.jobs.complete(held)
    another.close()


@each_place
def test_who_is_killed_between_two_steps_leaves_the_others_to_the_next_call(
    mongo: Storage, watched: Storage, spied: Spied, add: Add, delete: Count, count: Count
) -> None:
    for _ in range(7):
        add(mongo)
    deletions = 0
    while count(mongo) == 7:
        deletions += 1
        spied.spy.begin(die_after=deletions)
        with suppress(Killed):
            delete(watched)
    left = count(mongo)
    assert left == 4
    assert delete(mongo) == left
    assert count(mongo) == 0


def test_a_queue_that_is_half_removed_is_known_and_paused(
    mongo: Storage, watched: Storage, spied: Spied
) -> None:
    """So no worker begins what somebody is deleting."""
    mongo.jobs.enqueue(numbered(7))
    mongo.queues.pause("mail")
    spied.spy.begin(die_before=4)
    with pytest.raises(Killed):
        watched.queues.remove("mail")
    assert [(info.name, info.size, info.paused) for info in mongo.queues.all()] == [("mail", 4, True)]
    assert mongo.queues.remove("mail") == 4
    assert (mongo.queues.all(), mongo.queues.paused()) == ([], frozenset())


@each_place
def test_it_ends_though_others_add_more_than_go_in_each_step(
    mongo: Storage, monkeypatch: pytest.MonkeyPatch, add: Add, delete: Count, count: Count
) -> None:
    look, looks = emptying._some, 0

    def busy(session: Session, which: Document, index: str) -> Sequence[Any]:
        nonlocal looks
        looks += 1
        assert looks < 10, "this would go on for ever"
        for _ in range(4):
            add(mongo)
        return look(session, which, index)

    for _ in range(7):
        add(mongo)
    monkeypatch.setattr(emptying, "_some", busy)
    assert delete(mongo) == 7
    assert count(mongo) == 4 * looks


def test_what_was_put_to_the_front_last_is_deleted_too(mongo: Storage) -> None:
    mongo.jobs.enqueue(numbered(2))
    mongo.jobs.enqueue(numbered(4, start=2), at_front=True)
    assert mongo.queues.clear("mail") == 6


@each_place
def test_each_step_has_a_time_limit_of_its_own(
    mongo: Storage,
    watched: Storage,
    spied: Spied,
    monkeypatch: pytest.MonkeyPatch,
    add: Add,
    delete: Count,
    count: Count,
) -> None:
    for _ in range(7):
        add(mongo)
    calling, begun = Connection.calling, []

    def noting(connection: Connection) -> AbstractContextManager[Session]:
        begun.append(len(spied.spy.commands))
        return calling(connection)

    monkeypatch.setattr(Connection, "calling", noting)
    spied.spy.begin()
    assert delete(watched) == 7
    begun.append(len(spied.spy.commands))
    assert max(then - now for now, then in pairwise(begun)) <= 3


def test_what_goes_is_found_by_its_id(mongo: Storage, watched: Storage, spied: Spied) -> None:
    """By trial, the server might look for the few that are named among all that wait."""
    mongo.jobs.enqueue(numbered(7))
    spied.spy.begin()
    watched.queues.clear("mail")
    deletions = [it["deletes"][0] for it in spied.spy.commands if "delete" in it]
    assert [it["hint"] for it in deletions] == ["_id_"] * 3


def test_the_jobs_of_a_huge_batch_are_forgotten_step_by_step(
    mongo: Storage, spied: Spied, namespace: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its callback is called once, and waits for none of it; the number of failures stays."""
    monkeypatch.setattr(leaving, "FORGOTTEN_AT_ONCE", 2)
    members = spied.database["resque_members"]
    mongo.batches.begin("batch", numbered(5), Entry("last", "end", b"{}"))
    mongo.queues.clear("mail")
    left = []
    while count := members.count_documents({"ns": namespace}):
        assert mongo.batches.mend() == NO_CURSOR
        left.append(count)
        assert ids(mongo, "end") == ["last"]
        found = mongo.batches.read("batch")
        assert found is not None
        assert (found.pending, found.failed) == (0, 0)
    assert left == [5, 3, 1]
    mongo.jobs.complete(take(mongo, join(mongo), "end"))
    mongo.batches.mend()
    assert ids(mongo, "end") == []
