"""How a SQLite store is created, opened, lost, found again and closed."""

import gc
import os
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from resque_core.errors import IncompatibleStoreError, StorageError
from resque_core.job import Entry
from resque_core.records import ServerInfo
from resque_sqlite import connection, opening
from resque_sqlite.connection import Connection
from resque_sqlite.files import log_of
from resque_sqlite.opening import LAYOUT
from resque_sqlite.storage import SqliteStorage
from resque_sqlite.url import Target

JOB = Entry("1", "mail", b"{}")


def shell(path: Path, *statements: str) -> list[tuple[object, ...]]:
    """What somebody with the sqlite3 shell does to the file."""
    connection = sqlite3.connect(path)
    try:
        rows = [row for statement in statements for row in connection.execute(statement)]
        connection.commit()
        return rows
    finally:
        connection.close()


def database_with(path: Path, *ids: str) -> Path:
    """A store that somebody else made, on which these jobs wait."""
    storage = SqliteStorage(Target(path), "test")
    storage.prepare()
    storage.jobs.enqueue([Entry(job, "mail", b"{}") for job in ids])
    storage.close()
    return path


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
    database_with(path, "1")
    assert path.exists()


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
    with pytest.raises(StorageError, match=r"jobs\.db cannot be reached: No such file.*prepare") as caught:
        call(storage)
    assert isinstance(caught.value.__cause__, FileNotFoundError)
    assert target.path is not None
    assert not target.path.exists()


def test_a_file_that_goes_away_is_missed_at_once_and_not_made_anew(
    storage: SqliteStorage, target: Target
) -> None:
    assert target.path
    target.path.unlink()
    for _ in range(2):
        with pytest.raises(StorageError, match="cannot be reached"):
            storage.jobs.enqueue([JOB])
    assert not target.path.exists()
    storage.prepare()
    assert storage.jobs.enqueue([JOB]) == 1


def test_a_file_that_comes_back_is_used_again(storage: SqliteStorage, target: Target) -> None:
    assert target.path
    storage.jobs.enqueue([JOB])
    away = target.path.rename(target.path.with_suffix(".away"))
    with pytest.raises(StorageError):
        storage.queues.size("mail")
    away.rename(target.path)
    assert storage.queues.peek("mail") == [JOB]


def test_a_file_that_was_replaced_is_opened_anew(
    storage: SqliteStorage, target: Target, tmp_path: Path
) -> None:
    assert target.path
    storage.jobs.enqueue([JOB])
    storage.queues.size("mail")
    database_with(tmp_path / "other.db", "2", "3").replace(target.path)
    assert [entry.id for entry in storage.queues.peek("mail", 0, 10)] == ["2", "3"]


def test_a_replaced_file_is_not_mixed_with_the_log_of_the_old_one(
    storage: SqliteStorage, target: Target, tmp_path: Path
) -> None:
    assert target.path
    second = SqliteStorage(target, "test")
    storage.jobs.enqueue([JOB])
    second.queues.size("mail")
    database_with(tmp_path / "other.db", "2").replace(target.path)
    storage.jobs.enqueue([Entry("3", "mail", b"{}")])
    # Whoever notices later must leave the log that the first one has begun.
    assert second.jobs.enqueue([Entry("4", "mail", b"{}")]) == 1
    assert [entry.id for entry in storage.queues.peek("mail", 0, 10)] == ["2", "3", "4"]
    second.close()
    storage.close()
    assert shell(target.path, "PRAGMA integrity_check", "SELECT COUNT(*) FROM jobs") == [("ok",), (3,)]


def test_a_file_that_was_missing_for_a_while_is_not_mixed_with_the_old_log_either(
    storage: SqliteStorage, target: Target, tmp_path: Path
) -> None:
    assert target.path
    storage.jobs.enqueue([JOB])
    target.path.unlink()
    with pytest.raises(StorageError):
        storage.queues.size("mail")
    database_with(tmp_path / "other.db", "2").replace(target.path)
    assert [entry.id for entry in storage.queues.peek("mail", 0, 10)] == ["2"]


def test_a_file_that_is_replaced_while_it_is_opened_is_opened_again(
    target: Target, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert target.path
    database_with(target.path, "1")
    other = database_with(tmp_path / "other.db", "2")

    def open_slowly(target: Target) -> sqlite3.Connection:
        opened = opening.open_store(target)
        if other.exists():
            assert target.path
            other.replace(target.path)
        return opened

    monkeypatch.setattr(connection, "open_store", open_slowly)
    storage = SqliteStorage(target, "test")
    assert storage.queues.peek("mail") == [Entry("2", "mail", b"{}")]
    storage.close()


def test_a_log_that_is_gone_is_not_looked_for(storage: SqliteStorage, target: Target, tmp_path: Path) -> None:
    assert target.path
    storage.queues.size("mail")
    log_of(target.path).unlink()
    database_with(tmp_path / "other.db", "2").replace(target.path)
    assert storage.queues.size("mail") == 1


def test_closing_a_replaced_file_leaves_the_log_of_its_successor_alone(
    storage: SqliteStorage, target: Target, tmp_path: Path
) -> None:
    assert target.path
    storage.jobs.enqueue([JOB])
    log = log_of(target.path)
    other = database_with(tmp_path / "other.db")
    log.unlink()
    other.replace(target.path)
    successor = SqliteStorage(target, "test")
    successor.jobs.enqueue([Entry("2", "mail", b"{}")])
    assert log.exists()
    storage.close()
    assert log.exists()
    successor.close()
    assert shell(target.path, "SELECT id FROM jobs") == [("2",)]


def test_an_empty_file_in_its_place_is_prepared(
    storage: SqliteStorage, target: Target, tmp_path: Path
) -> None:
    assert target.path
    storage.jobs.enqueue([JOB])
    empty = tmp_path / "empty.db"
    empty.touch()
    empty.replace(target.path)
    assert storage.queues.size("mail") == 0
    assert storage.jobs.enqueue([JOB]) == 1


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


def test_a_file_that_lost_its_wal_mode_gets_it_back(storage: SqliteStorage, target: Target) -> None:
    assert target.path
    storage.close()
    shell(target.path, "PRAGMA journal_mode = DELETE")
    assert storage.server_info().details["journal_mode"] == "wal"


def test_a_file_system_without_shared_memory_is_refused(
    target: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    # What SQLite answers there: it keeps the mode that it has.
    monkeypatch.setattr(opening, "SQL", {**opening.SQL, "use_wal": "PRAGMA journal_mode = DELETE"})
    with pytest.raises(StorageError, match=r"stays in journal mode 'delete'.*local disk"):
        SqliteStorage(target, "test").prepare()


def test_a_newer_layout_is_refused(storage: SqliteStorage, target: Target) -> None:
    assert target.path
    storage.close()
    shell(target.path, "PRAGMA user_version = 99")
    with pytest.raises(IncompatibleStoreError, match=rf"layout 99.*knows {LAYOUT} at most.*Upgrade"):
        storage.queues.size("mail")
    with pytest.raises(IncompatibleStoreError):
        storage.prepare()


def test_the_database_of_another_program_is_left_alone(target: Target) -> None:
    assert target.path
    shell(target.path, "CREATE TABLE jobs (title TEXT)")
    before = target.path.read_bytes()
    with pytest.raises(IncompatibleStoreError, match="another program"):
        SqliteStorage(target, "test").prepare()
    assert target.path.read_bytes() == before


def test_a_layout_is_created_as_a_whole_or_not_at_all(
    target: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert target.path
    monkeypatch.setattr(opening, "SCRIPTS", [opening.SCRIPTS[0] + "NONSENSE;"])
    with pytest.raises(StorageError, match="syntax error"):
        SqliteStorage(target, "test").prepare()
    assert shell(target.path, "SELECT name FROM sqlite_schema") == []


def test_an_older_layout_gets_only_the_scripts_that_it_lacks(
    storage: SqliteStorage, target: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    storage.jobs.enqueue([JOB])
    storage.close()
    monkeypatch.setattr(
        opening, "SCRIPTS", [*opening.SCRIPTS, "DROP TABLE pauses;\nPRAGMA user_version = 2;\n"]
    )
    monkeypatch.setattr(opening, "LAYOUT", 2)
    assert storage.server_info().details["schema_version"] == 2
    assert storage.queues.size("mail") == 1
    storage.close()
    assert storage.server_info().details["schema_version"] == 2


def test_an_old_sqlite_library_is_refused(target: Target, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite3, "sqlite_version_info", (3, 34, 1))
    with pytest.raises(IncompatibleStoreError, match=r"3\.35\.0 or newer"):
        SqliteStorage(target, "test").prepare()


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
