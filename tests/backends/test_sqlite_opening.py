"""How a SQLite store is created, opened and closed."""

import gc
import os
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from resque_core.errors import StorageError
from resque_core.job import Entry
from resque_core.records import ServerInfo
from resque_sqlite.connection import Connection
from resque_sqlite.files import log_of
from resque_sqlite.opening import LAYOUT
from resque_sqlite.storage import SqliteStorage
from resque_sqlite.url import Target

JOB = Entry("1", "mail", b"{}")


def test_nothing_is_touched_before_the_first_call(tmp_path: Path) -> None:
    storage = SqliteStorage(Target(tmp_path / "new/folder/jobs.db"), "test")
    assert storage.location
    storage.close()
    assert not list(tmp_path.iterdir())


def test_prepare_makes_the_missing_folders(tmp_path: Path) -> None:
    storage = SqliteStorage(Target(tmp_path / "new/folder/jobs.db"), "test")
    storage.prepare()
    assert storage.jobs.enqueue([JOB]) == 1
    storage.close()


def test_prepare_again_changes_nothing(storage: SqliteStorage) -> None:
    storage.jobs.enqueue([JOB])
    storage.prepare()
    storage.close()
    storage.prepare()
    assert storage.queues.size("mail") == 1


def test_an_odd_file_name_is_opened(tmp_path: Path) -> None:
    path = tmp_path / "50% #a?b&mode=ro caf\udce9.db"
    storage = SqliteStorage(Target(path), "test")
    storage.prepare()
    storage.close()
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_without_tables_is_prepared_by_the_first_call(target: Target) -> None:
    assert target.path
    target.path.touch()
    storage = SqliteStorage(target, "test")
    assert storage.jobs.enqueue([JOB]) == 1
    storage.close()


@pytest.mark.parametrize(
    "call",
    [
        lambda storage: storage.queues.size("mail"),
        lambda storage: storage.jobs.enqueue([JOB]),
        lambda storage: storage.server_info(),
    ],
)
def test_no_other_call_makes_a_file(target: Target, call: Callable[[SqliteStorage], object]) -> None:
    storage = SqliteStorage(target, "test")
    with pytest.raises(StorageError, match=r"There is no store at .*jobs\.db\..*prepare") as caught:
        call(storage)
    assert isinstance(caught.value.__cause__, FileNotFoundError)
    assert target.path is not None
    assert not target.path.exists()


def test_close_may_be_called_at_any_time(storage: SqliteStorage) -> None:
    storage.jobs.enqueue([JOB])
    storage.close()
    storage.close()
    assert storage.queues.size("mail") == 1


def test_close_leaves_one_file(storage: SqliteStorage, target: Target) -> None:
    assert target.path
    storage.jobs.enqueue([JOB])
    storage.close()
    assert list(target.path.parent.iterdir()) == [target.path]


def test_a_connection_that_nobody_holds_is_closed(target: Target) -> None:
    forgotten = Connection(target, "test")
    forgotten.prepare()
    with forgotten.reading() as session:
        raw = session._connection
    del forgotten, session
    gc.collect()
    with pytest.raises(sqlite3.ProgrammingError, match="closed"):
        raw.execute("SELECT 1")


def test_the_promised_durability_is_set(tmp_path: Path) -> None:
    def info(level: str) -> ServerInfo:
        storage = SqliteStorage(Target(tmp_path / "jobs.db", synchronous=level), "test")
        storage.prepare()
        try:
            return storage.server_info()
        finally:
            storage.close()

    levels = ["off", "normal", "full", "extra"]
    assert [info(level).details["synchronous"] for level in levels] == levels
    assert info("full").details["journal_mode"] == "wal"


def test_server_info_says_what_the_store_is(storage: SqliteStorage, target: Target) -> None:
    assert target.path
    info = storage.server_info()
    assert info.server == f"sqlite {sqlite3.sqlite_version}"
    assert info.location == storage.location == f"sqlite:///{target.path}"
    assert info.details["schema_version"] == LAYOUT
    assert info.details["wal_bytes"] == log_of(target.path).stat().st_size
    storage.close()
    assert storage.server_info().details["bytes"] == target.path.stat().st_size


def test_a_folder_in_place_of_the_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match=r"unable to open database file\. Check that it exists"):
        SqliteStorage(Target(tmp_path), "test").prepare()


def test_a_link_to_nowhere_is_refused(target: Target, tmp_path: Path) -> None:
    assert target.path
    target.path.symlink_to(tmp_path / "missing/jobs.db")
    with pytest.raises(StorageError, match="unable to open database file"):
        SqliteStorage(target, "test").prepare()


def test_a_file_in_place_of_a_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    storage = SqliteStorage(Target(tmp_path / "file/jobs.db"), "test")
    with pytest.raises(StorageError, match=r"cannot be created.*Give another URL") as caught:
        storage.prepare()
    assert isinstance(caught.value.__cause__, OSError)


def test_memory_needs_no_preparation_and_is_gone_when_closed() -> None:
    storage = SqliteStorage(Target(None), "test")
    assert storage.jobs.enqueue([JOB]) == 1
    storage.prepare()
    assert storage.queues.size("mail") == 1
    assert storage.server_info().details["wal_bytes"] == 0
    storage.close()
    assert storage.queues.size("mail") == 0
    storage.close()


def test_two_stores_in_memory_are_apart() -> None:
    one, other = SqliteStorage(Target(None), "test"), SqliteStorage(Target(None), "test")
    one.jobs.enqueue([JOB])
    assert other.queues.size("mail") == 0


def test_many_processes_may_prepare_a_new_file_at_once(tmp_path: Path) -> None:
    for turn in range(5):
        target = Target(tmp_path / f"{turn}.db")
        children = [_preparing_child(target) for _ in range(8)]
        codes = [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]
        assert codes == [0] * 8
        storage = SqliteStorage(target, "test")
        assert storage.queues.size("mail") == 8
        storage.close()


def _preparing_child(target: Target) -> int:
    child = os.fork()
    if child:
        return child
    code = 1
    try:
        storage = SqliteStorage(target, "test")
        storage.prepare()
        storage.jobs.enqueue([Entry(str(os.getpid()), "mail", b"{}")])
        storage.close()
        code = 0
    finally:
        os._exit(code)
