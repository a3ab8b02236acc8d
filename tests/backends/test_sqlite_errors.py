"""A broken store raises StorageError: which file, and what to do. It works again when it is mended."""

import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from resque_core.errors import StorageError
from resque_core.job import Entry
from resque_core.records import Idle
from resque_sqlite.connection import Connection
from resque_sqlite.jobs import SqliteJobs
from resque_sqlite.session import Session
from resque_sqlite.storage import SqliteStorage
from resque_sqlite.url import Target

JOB = Entry("1", "mail", b"{}")


@pytest.fixture
def writer(storage: SqliteStorage, target: Target) -> Iterator[sqlite3.Connection]:
    """Another process's connection, in the middle of a write."""
    assert target.path
    writer = sqlite3.connect(target.path, isolation_level=None)
    writer.execute("BEGIN IMMEDIATE")
    yield writer
    writer.close()


@pytest.fixture
def hasty(target: Target, storage: SqliteStorage) -> Iterator[SqliteStorage]:
    """The same store, opened with a short patience."""
    hasty = SqliteStorage(Target(target.path, timeout=0.05), "test")
    hasty.queues.size("mail")
    yield hasty
    hasty.close()


def damage(path: Path, page: int) -> None:
    """Overwrite everything from this page (from 1) on."""
    content = path.read_bytes()
    size = (page - 1) * 4096
    path.write_bytes(content[:size] + b"\xff" * (len(content) - size))


def delete_and(connection: Connection, fail: Callable[[Session], object]) -> None:
    """A transaction that does not come to its end."""
    with connection.writing() as session:
        assert session.change("DELETE FROM jobs") == 1
        fail(session)


def interrupt(session: Session) -> None:
    raise KeyboardInterrupt


def test_a_store_that_stays_locked_is_given_up_after_the_timeout(
    hasty: SqliteStorage, writer: sqlite3.Connection
) -> None:
    with pytest.raises(
        StorageError, match=r"jobs\.db: database is locked.*0\.05 s.*timeout=SECONDS"
    ) as caught:
        hasty.jobs.enqueue([JOB])
    assert isinstance(caught.value.__cause__, sqlite3.OperationalError)
    writer.execute("ROLLBACK")
    assert hasty.jobs.enqueue([JOB]) == 1


def test_a_new_store_that_stays_locked_is_given_up_after_the_timeout(target: Target) -> None:
    assert target.path
    writer = sqlite3.connect(target.path, isolation_level=None)
    writer.execute("BEGIN EXCLUSIVE")
    storage = SqliteStorage(Target(target.path, timeout=0.05), "test")
    with pytest.raises(StorageError, match="database is locked"):
        storage.prepare()
    writer.close()
    storage.prepare()
    storage.close()


def test_reading_goes_on_while_another_process_writes(
    hasty: SqliteStorage, writer: sqlite3.Connection
) -> None:
    writer.execute("DELETE FROM workers")
    assert [info.id for info in hasty.workers.all()] == ["w"]


def test_a_worker_that_finds_nothing_does_not_ask_for_the_write_lock(
    hasty: SqliteStorage, writer: sqlite3.Connection
) -> None:
    assert hasty.jobs.reserve(["mail", "images"], "w", "token") == Idle()


def test_a_worker_that_finds_only_paused_queues_does_not_ask_for_the_write_lock(
    storage: SqliteStorage, hasty: SqliteStorage, target: Target
) -> None:
    assert target.path
    storage.jobs.enqueue([JOB])
    storage.queues.pause("mail")
    writer = sqlite3.connect(target.path, isolation_level=None)
    writer.execute("BEGIN IMMEDIATE")
    assert hasty.jobs.reserve(["mail"], "w", "token") == Idle()
    writer.close()


def test_a_full_disk_stores_nothing_and_says_so(storage: SqliteStorage, connection: Connection) -> None:
    with connection.reading() as session:
        ((pages,),) = session.rows("PRAGMA page_count")
        session.rows(f"PRAGMA max_page_count = {pages}")
    jobs = SqliteJobs(connection)
    with pytest.raises(StorageError, match=r"is full\. Free some space"):
        jobs.enqueue([JOB, Entry("2", "mail", b"x" * 100_000)])
    assert storage.queues.size("mail") == 0


def test_a_file_that_may_only_be_read_says_so(storage: SqliteStorage, connection: Connection) -> None:
    with connection.reading() as session:
        session.rows("PRAGMA query_only = 1")
    with pytest.raises(StorageError, match=r"readonly database\. Let this user write"):
        SqliteJobs(connection).enqueue([JOB])


def test_a_file_that_is_no_database_says_so(target: Target) -> None:
    assert target.path
    target.path.write_text("Dear diary, " * 1000)
    storage = SqliteStorage(target, "test")
    with pytest.raises(StorageError, match=r"not a database\. .*move it away"):
        storage.prepare()
    with pytest.raises(StorageError, match="not a database"):
        storage.queues.size("mail")


@pytest.mark.parametrize("page", [1, 2])
def test_a_damaged_file_says_so_and_is_used_again_once_it_is_mended(
    storage: SqliteStorage, target: Target, page: int
) -> None:
    assert target.path
    storage.jobs.enqueue([JOB])
    storage.close()
    whole = target.path.read_bytes()
    damage(target.path, page)
    with pytest.raises(StorageError, match=r"jobs\.db: (database disk image is malformed|file is not a)"):
        storage.queues.all()
    target.path.write_bytes(whole)
    assert storage.queues.size("mail") == 1


def test_an_error_while_reading_is_explained_too(storage: SqliteStorage, connection: Connection) -> None:
    storage.queues.size("mail")
    with connection.writing() as session:
        session.change("DROP TABLE pauses")
    with pytest.raises(StorageError, match=r"no such table: pauses\. Look into the file") as caught:
        storage.queues.paused()
    assert isinstance(caught.value.__cause__, sqlite3.OperationalError)


def test_an_error_in_memory_does_not_empty_the_store() -> None:
    connection = Connection(Target(None), "test")
    SqliteJobs(connection).enqueue([JOB])
    with pytest.raises(StorageError):
        delete_and(connection, lambda session: session.change("NONSENSE"))
    with connection.reading() as session:
        assert session.rows("SELECT id FROM jobs") == [("1",)]


def test_whatever_is_raised_in_a_transaction_undoes_it(
    storage: SqliteStorage, connection: Connection
) -> None:
    storage.jobs.enqueue([JOB])
    with pytest.raises(KeyboardInterrupt):
        delete_and(connection, interrupt)
    assert storage.queues.size("mail") == 1
    assert SqliteJobs(connection).enqueue([Entry("2", "mail", b"")]) == 1


def test_a_write_in_the_middle_of_a_write_is_refused_and_harms_nothing(
    storage: SqliteStorage, connection: Connection
) -> None:
    with connection.writing() as session:
        session.change("DELETE FROM workers")
        with pytest.raises(StorageError, match=r"in the middle of another write.*Signal handlers"):
            SqliteJobs(connection).enqueue([JOB])
    assert storage.workers.all() == []
