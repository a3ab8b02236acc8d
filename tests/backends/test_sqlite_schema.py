"""The tables refuse what would leave a job in limbo, whoever writes it."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta

import pytest

from resque_core.errors import StorageError
from resque_core.job import Entry
from resque_core.records import Reservation
from resque_sqlite import opening
from resque_sqlite.connection import Connection
from resque_sqlite.storage import SqliteStorage
from resque_sqlite.url import Target

Shell = Callable[..., list[tuple[object, ...]]]
LATER = timedelta(hours=1)

WAITING = {
    "namespace": "'test'",
    "id": "'1'",
    "queue": "'mail'",
    "state": "'queued'",
    "place": "1",
    "enqueued_at": "1.0",
    "payload": "x'7b7d'",
}
RUNNING = {**WAITING, "state": "'running'", "worker": "'w'", "token": "'t'", "reserved_at": "1.0"}


def insert(connection: Connection, table: str, row: dict[str, str]) -> None:
    with connection.writing() as session:
        session.change(f"INSERT INTO {table} ({', '.join(row)}) VALUES ({', '.join(row.values())})")


def without(row: dict[str, str], column: str) -> dict[str, str]:
    return {name: value for name, value in row.items() if name != column}


def test_the_two_states_are_taken(connection: Connection, storage: SqliteStorage) -> None:
    insert(connection, "jobs", WAITING)
    insert(connection, "jobs", {**RUNNING, "id": "'2'"})
    assert storage.queues.size("mail") == 1
    assert storage.workers.all()[0].reservation is not None


@pytest.mark.parametrize(
    "row",
    [
        pytest.param(without(RUNNING, "token"), id="running without a token"),
        pytest.param(without(RUNNING, "worker"), id="running without a worker"),
        pytest.param(without(RUNNING, "reserved_at"), id="running since never"),
        pytest.param({**WAITING, "token": "'t'"}, id="queued with a token"),
        pytest.param({**WAITING, "worker": "'w'"}, id="queued with a worker"),
        pytest.param({**WAITING, "reserved_at": "1.0"}, id="queued and reserved"),
        pytest.param({**WAITING, "state": "'lost'"}, id="a third state"),
        pytest.param({**WAITING, "state": "NULL"}, id="no state"),
        pytest.param({**WAITING, "place": "NULL"}, id="no place"),
        pytest.param({**WAITING, "place": "'head'"}, id="a place that has no order"),
        pytest.param({**WAITING, "enqueued_at": "NULL"}, id="no age"),
        pytest.param({**WAITING, "queue": "NULL"}, id="no queue"),
        pytest.param({**WAITING, "payload": "'{}'"}, id="text for bytes"),
        pytest.param({**WAITING, "payload": "NULL"}, id="no payload"),
        pytest.param({**WAITING, "rescues": "NULL"}, id="rescues that do not count"),
    ],
)
def test_a_job_in_limbo_is_refused(connection: Connection, row: dict[str, str]) -> None:
    with pytest.raises(StorageError) as caught:
        insert(connection, "jobs", row)
    assert isinstance(caught.value.__cause__, sqlite3.IntegrityError)


def test_a_worker_cannot_hold_two_jobs(connection: Connection) -> None:
    insert(connection, "jobs", RUNNING)
    with pytest.raises(StorageError, match="UNIQUE"):
        insert(connection, "jobs", {**RUNNING, "id": "'2'", "token": "'u'"})


def test_an_id_is_there_once(connection: Connection) -> None:
    insert(connection, "jobs", WAITING)
    insert(connection, "jobs", {**WAITING, "namespace": "'other'"})
    with pytest.raises(StorageError, match="UNIQUE"):
        insert(connection, "jobs", WAITING)


@pytest.mark.parametrize("lease", [float("nan"), None])
def test_a_lease_without_an_end_is_refused(storage: SqliteStorage, lease: float) -> None:
    with pytest.raises(StorageError, match=r"NOT NULL constraint failed: workers\.lease_until"):
        storage.workers.beat("w", lease)


def test_text_for_a_payload_is_refused(storage: SqliteStorage) -> None:
    with pytest.raises(StorageError, match="typeof"):
        storage.jobs.enqueue([Entry("1", "mail", "{}")])  # type: ignore[arg-type]


def _counted(shell: Shell) -> list[tuple[object, ...]]:
    return shell("SELECT COUNT(*), COUNT(retrying) FROM jobs WHERE state = 'delayed' AND namespace = 'test'")


def test_the_tally_of_delayed_jobs_is_true_after_every_transition(
    storage: SqliteStorage, shell: Shell
) -> None:
    """Pages read the tally, and never count."""
    schedule = storage.schedule

    def check(delayed: int, retrying: int) -> None:
        assert (schedule.size(), schedule.retrying()) == (delayed, retrying)
        assert _counted(shell) == [(delayed, retrying)]

    jobs = [Entry(str(number), "mail", b"{}") for number in range(6)]
    storage.jobs.enqueue(jobs, run_at=LATER)
    check(6, 0)
    storage.jobs.enqueue(jobs[:2], run_at=LATER)  # are there already
    check(6, 0)
    assert schedule.promote_now(["0", "1", "nobody"]) == 2
    check(4, 0)
    held = storage.jobs.reserve(["mail"], "w", "token")
    assert isinstance(held, Reservation)
    storage.jobs.reschedule(held, held.entry, LATER)
    check(5, 1)
    assert schedule.promote_now([held.entry.id]) == 1
    check(4, 0)
    assert storage.jobs.cancel("2")
    assert schedule.remove(["3", "nobody"]) == 1
    check(2, 0)
    assert schedule.clear() == 2
    check(0, 0)


def test_a_file_of_before_the_tally_gets_one_that_is_true(
    target: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as before:
        tallied = next(n for n, script in enumerate(opening.SCRIPTS) if "CREATE TABLE tallies" in script)
        before.setattr(opening, "SCRIPTS", opening.SCRIPTS[:tallied])
        before.setattr(opening, "LAYOUT", tallied)
        with closing(SqliteStorage(target, "test")) as old:
            old.prepare()
            old.jobs.enqueue([Entry(str(number), "mail", b"{}") for number in range(3)], run_at=LATER)
    with closing(SqliteStorage(target, "test")) as new:
        assert new.schedule.size() == 3
        assert new.schedule.clear() == 3
        assert new.schedule.size() == 0
