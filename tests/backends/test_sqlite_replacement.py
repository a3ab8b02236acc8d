"""A SQLite file that goes away, comes back, or is replaced while it is open."""

import fcntl
import os
import sqlite3
from collections.abc import Callable
from pathlib import Path
from threading import Thread

import pytest

from resque_core.errors import StorageError
from resque_core.job import Entry
from resque_sqlite import connection, opening
from resque_sqlite.files import discard_log, identify_log, log_of
from resque_sqlite.storage import SqliteStorage
from resque_sqlite.url import Target

JOB = Entry("1", "mail", b"{}")
Shell = Callable[..., list[tuple[object, ...]]]


def database_with(path: Path, *ids: str) -> Path:
    """A store that somebody else made, on which these jobs wait."""
    storage = SqliteStorage(Target(path), "test")
    storage.prepare()
    storage.jobs.enqueue([Entry(job, "mail", b"{}") for job in ids])
    storage.close()
    return path


def test_a_file_that_goes_away_is_missed_at_once_and_not_made_anew(
    storage: SqliteStorage, target: Target
) -> None:
    assert target.path
    target.path.unlink()
    for _ in range(2):
        with pytest.raises(StorageError, match="There is no store at"):
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
    storage: SqliteStorage, target: Target, tmp_path: Path, shell: Shell
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
    assert shell("PRAGMA integrity_check", "SELECT COUNT(*) FROM jobs") == [("ok",), (3,)]


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
    storage: SqliteStorage, target: Target, tmp_path: Path, shell: Shell
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
    assert shell("SELECT id FROM jobs") == [("2",)]


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


def test_processes_that_notice_at_once_look_at_the_old_log_one_after_the_other(tmp_path: Path) -> None:
    path = tmp_path / "jobs.db"
    log_of(path).touch()
    folder = os.open(tmp_path, os.O_RDONLY)
    fcntl.flock(folder, fcntl.LOCK_EX)
    second = Thread(target=discard_log, args=(path, identify_log(path)))
    second.start()
    second.join(0.1)
    assert log_of(path).exists()
    os.close(folder)
    second.join(30)
    assert not log_of(path).exists()
