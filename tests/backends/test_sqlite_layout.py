"""The layout of a SQLite store: whose it is, how it is made and brought up to date."""

import sqlite3
from collections.abc import Callable

import pytest

from resque_core.errors import IncompatibleStoreError, StorageError
from resque_core.job import Entry
from resque_sqlite import opening
from resque_sqlite.opening import LAYOUT
from resque_sqlite.storage import SqliteStorage
from resque_sqlite.url import Target

JOB = Entry("1", "mail", b"{}")
Shell = Callable[..., list[tuple[object, ...]]]


def test_a_file_that_lost_its_wal_mode_gets_it_back(storage: SqliteStorage, shell: Shell) -> None:
    storage.close()
    shell("PRAGMA journal_mode = DELETE")
    assert storage.server_info().details["journal_mode"] == "wal"


def test_a_file_system_without_shared_memory_is_refused(
    target: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    # What SQLite answers there: it keeps the mode that it has.
    monkeypatch.setattr(opening, "SQL", {**opening.SQL, "use_wal": "PRAGMA journal_mode = DELETE"})
    with pytest.raises(StorageError, match=r"stays in journal mode 'delete'.*local disk"):
        SqliteStorage(target, "test").prepare()


def test_a_newer_layout_is_refused(storage: SqliteStorage, shell: Shell) -> None:
    storage.close()
    shell("PRAGMA user_version = 99")
    with pytest.raises(IncompatibleStoreError, match=rf"layout 99.*knows {LAYOUT} at most.*Upgrade"):
        storage.queues.size("mail")
    with pytest.raises(IncompatibleStoreError):
        storage.prepare()


def test_the_database_of_another_program_is_left_alone(target: Target, shell: Shell) -> None:
    assert target.path
    shell("CREATE TABLE jobs (title TEXT)")
    before = target.path.read_bytes()
    with pytest.raises(IncompatibleStoreError, match="another program"):
        SqliteStorage(target, "test").prepare()
    assert target.path.read_bytes() == before


def test_a_layout_is_created_as_a_whole_or_not_at_all(
    target: Target, monkeypatch: pytest.MonkeyPatch, shell: Shell
) -> None:
    monkeypatch.setattr(opening, "SCRIPTS", [opening.SCRIPTS[0] + "NONSENSE;"])
    with pytest.raises(StorageError, match="syntax error"):
        SqliteStorage(target, "test").prepare()
    assert shell("SELECT name FROM sqlite_schema") == []


def test_each_script_leads_to_the_layout_of_its_place(
    storage: SqliteStorage, monkeypatch: pytest.MonkeyPatch, shell: Shell
) -> None:
    """Whatever a script says of that itself: two of them may have been numbered alike."""
    storage.close()
    more = [f"CREATE TABLE more{number} (x);\nPRAGMA user_version = {LAYOUT + 1};\n" for number in (1, 2)]
    monkeypatch.setattr(opening, "SCRIPTS", [*opening.SCRIPTS, *more])
    monkeypatch.setattr(opening, "LAYOUT", LAYOUT + 2)
    assert storage.server_info().details["schema_version"] == LAYOUT + 2
    assert shell("PRAGMA user_version") == [(LAYOUT + 2,)]


def test_an_older_layout_gets_only_the_scripts_that_it_lacks(
    storage: SqliteStorage, monkeypatch: pytest.MonkeyPatch
) -> None:
    storage.jobs.enqueue([JOB])
    storage.close()
    monkeypatch.setattr(
        opening, "SCRIPTS", [*opening.SCRIPTS, f"DROP TABLE pauses;\nPRAGMA user_version = {LAYOUT + 1};\n"]
    )
    monkeypatch.setattr(opening, "LAYOUT", LAYOUT + 1)
    assert storage.server_info().details["schema_version"] == LAYOUT + 1
    assert storage.queues.size("mail") == 1
    storage.close()
    assert storage.server_info().details["schema_version"] == LAYOUT + 1


def test_an_old_sqlite_library_is_refused(target: Target, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite3, "sqlite_version_info", (3, 34, 1))
    with pytest.raises(IncompatibleStoreError, match=r"3\.35\.0 or newer"):
        SqliteStorage(target, "test").prepare()
