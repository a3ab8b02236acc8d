"""`resque.connection` on MongoDB and SQLite: the driver itself. That on Redis has a file of its own."""

import sqlite3
from pathlib import Path

import pytest
from pymongo.database import Database

from resque_core import Resque
from resque_core.errors import StorageError
from resque_core.storage import Storage


def test_on_mongodb_it_is_the_database_of_the_store(mongo: Storage, mongo_url: str, namespace: str) -> None:
    with Resque(mongo_url, namespace=namespace) as resque:
        resque.enqueue_to("mail", "Mailer", 42)
        database = resque.connection
        assert isinstance(database, Database)
        (found,) = database["resque_jobs"].find({"ns": namespace, "state": "waiting"})
        assert found["queue"] == "mail"
        database[namespace].insert_one({"of": "mine"})
        assert resque.connection[namespace].count_documents({}) == 1
        database.drop_collection(namespace)
        assert resque.size("mail") == 1


def test_on_sqlite_it_is_a_connection_of_its_own_to_the_file(tmp_path: Path) -> None:
    with Resque(f"sqlite:///{tmp_path}/jobs.sqlite3", namespace="shop") as resque:
        resque.enqueue_to("mail", "Mailer", 42)
        first, second = resque.connection, resque.connection
        assert isinstance(first, sqlite3.Connection)
        assert first.execute("SELECT namespace, queue FROM jobs").fetchall() == [("shop", "mail")]
        first.close()
        # Closing one closes neither the other nor the store's own.
        assert second.execute("SELECT COUNT(*) FROM jobs").fetchone() == (1,)
        second.close()
        assert resque.size("mail") == 1


def test_a_store_in_memory_has_none_and_says_what_to_do() -> None:
    with Resque("sqlite://") as resque, pytest.raises(StorageError, match="Give it a file"):
        _ = resque.connection


@pytest.mark.parametrize(
    "url", ["sqlite:////dev/null/jobs.sqlite3", "mongodb://127.0.0.1:1/resque?serverSelectionTimeoutMS=100"]
)
def test_a_store_that_is_not_there_is_an_error_of_ours(url: str) -> None:
    with Resque(url) as resque, pytest.raises(StorageError):
        _ = resque.connection
