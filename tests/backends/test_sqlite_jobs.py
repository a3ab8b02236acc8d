"""What is particular to SQLite in the transitions of jobs, queues, failures and counters."""

import sqlite3
from dataclasses import replace
from datetime import UTC, datetime
from threading import Thread

import pytest

from resque_core.errors import StorageError
from resque_core.failure import Failure
from resque_core.job import Entry
from resque_core.records import Reservation, WorkerInfo
from resque_sqlite.connection import Connection
from resque_sqlite.storage import SqliteStorage

JOB = Entry("1", "mail", b"{}")
WORKER = WorkerInfo(id="w", host="here", pid=1, queues=("*",), started_at=datetime.now(UTC))
FAILURE = Failure(
    id="f",
    job_id="1",
    queue="mail",
    name="Mail",
    payload=b"{}",
    exception="app.Refused",
    error="No.",
    failed_at=datetime(2026, 11, 22, 7, 30, 0, 123456, UTC),
)


def hold(storage: SqliteStorage, entry: Entry = JOB, token: str = "t") -> Reservation:
    storage.jobs.enqueue([entry])
    held = storage.jobs.reserve([entry.queue], "w", token)
    assert isinstance(held, Reservation)
    return held


def test_a_job_on_a_removed_queue_makes_it_known_again_when_it_comes_back(storage: SqliteStorage) -> None:
    held = hold(storage)
    storage.queues.remove("mail")
    assert storage.queues.all() == []
    storage.jobs.release(held)
    assert [queue.name for queue in storage.queues.all()] == ["mail"]


def test_a_requeued_failure_makes_its_queue_known_again(storage: SqliteStorage) -> None:
    storage.jobs.fail(hold(storage), FAILURE)
    storage.queues.remove("mail")
    storage.failures.requeue({"f": None})
    assert [(queue.name, queue.size) for queue in storage.queues.all()] == [("mail", 1)]


def test_a_second_failure_under_one_id_is_an_error_and_loses_no_job(storage: SqliteStorage) -> None:
    storage.jobs.fail(hold(storage), FAILURE)
    held = hold(storage, Entry("2", "mail", b"{}"), "u")
    with pytest.raises(StorageError, match="UNIQUE"):
        storage.jobs.fail(held, replace(FAILURE, job_id="2"))
    assert storage.stats.all() == {"processed": 1, "failed": 1}
    assert storage.jobs.fail(held, replace(FAILURE, id="g", job_id="2"))


def test_lone_surrogates_do_not_keep_a_job_from_failing(storage: SqliteStorage) -> None:
    odd = replace(FAILURE, error="No file 'caf\udce9'", backtrace=("at caf\udce9",), name="\ud800")
    assert storage.jobs.fail(hold(storage), odd)
    (kept,) = storage.failures.peek()
    assert kept == replace(odd, error=r"No file 'caf\udce9'", name=r"\ud800")
    assert storage.queues.size("\ud800") == 0


def test_lone_surrogates_in_one_name_keep_no_job_of_a_step_from_being_stored(storage: SqliteStorage) -> None:
    entries = [JOB, Entry("\ud800", "mail", b"{}"), Entry("3", "\udce9", b"{}")]
    assert storage.jobs.enqueue(entries) == 3
    assert [queue.name for queue in storage.queues.all()] == [r"\udce9", "mail"]
    assert storage.queues.size("mail") == 2


def test_of_one_id_on_two_queues_the_first_entry_counts_whatever_stands_around_it(
    storage: SqliteStorage,
) -> None:
    entries = [Entry("2", "other", b"{}"), JOB, replace(JOB, queue="other"), Entry("3", "mail", b"{}")]
    assert storage.jobs.enqueue(entries) == 3
    assert [entry.id for entry in storage.queues.peek("mail", 0, 9)] == ["1", "3"]
    assert [entry.id for entry in storage.queues.peek("other", 0, 9)] == ["2"]


def test_a_queue_none_of_whose_jobs_was_new_does_not_become_known(storage: SqliteStorage) -> None:
    storage.jobs.enqueue([JOB])
    assert storage.jobs.enqueue([replace(JOB, queue="other"), Entry("2", "mail", b"{}")]) == 1
    assert [queue.name for queue in storage.queues.all()] == ["mail"]


def test_a_nul_in_a_queue_name_is_a_character_like_any_other(storage: SqliteStorage) -> None:
    held = hold(storage, Entry("1", "a\0b", b"{}"))
    assert held.entry.queue == "a\0b"
    assert storage.jobs.reserve(["a"], "w", "t") == replace(held, known=())


@pytest.mark.parametrize(("start", "count"), [(0, -1), (0, 0), (2**70, 1), (-(2**70), 0)])
def test_a_window_that_shows_nothing(storage: SqliteStorage, start: int, count: int) -> None:
    storage.jobs.fail(hold(storage), FAILURE)
    storage.jobs.enqueue([JOB])
    assert storage.queues.peek("mail", start, count) == []
    assert storage.failures.peek(start, count) == []


@pytest.mark.parametrize(("start", "count"), [(-5, 10), (0, 2**70)])
def test_a_window_that_is_larger_than_the_list(storage: SqliteStorage, start: int, count: int) -> None:
    storage.jobs.fail(hold(storage), FAILURE)
    storage.jobs.enqueue([JOB])
    assert storage.queues.peek("mail", start, count) == [JOB]
    assert storage.failures.peek(start, count) == [FAILURE]


def test_no_lapsed_worker_is_asked_for(storage: SqliteStorage) -> None:
    storage.workers.beat("w", 0.0)
    assert storage.workers.lapsed(-1) == []
    assert len(storage.workers.lapsed(1)) == 1


def test_dequeue_goes_through_a_queue_longer_than_one_window(storage: SqliteStorage) -> None:
    storage.jobs.enqueue([Entry(str(number), "mail", b"%d" % number) for number in range(2500)])
    assert storage.queues.dequeue("mail", lambda payload: int(payload) % 2 == 1) == 1250
    assert storage.queues.size("mail") == 1250
    assert storage.queues.dequeue("mail", lambda payload: True) == 1250


def test_dequeue_runs_the_callers_code_outside_of_a_transaction(storage: SqliteStorage) -> None:
    storage.jobs.enqueue([JOB])

    def take_it_meanwhile(payload: bytes) -> bool:
        assert isinstance(storage.jobs.reserve(["mail"], "w", "t"), Reservation)
        return True

    assert storage.queues.dequeue("mail", take_it_meanwhile) == 0
    assert storage.workers.all()[0].reservation is not None


def test_dequeue_spares_an_id_that_came_back_with_other_bytes(storage: SqliteStorage) -> None:
    storage.jobs.enqueue([JOB])

    def replace_it_meanwhile(payload: bytes) -> bool:
        assert storage.queues.pop("mail") == JOB
        storage.jobs.enqueue([Entry("1", "mail", b'{"new":1}')])
        return True

    assert storage.queues.dequeue("mail", replace_it_meanwhile) == 0
    assert storage.queues.size("mail") == 1


def test_queues_are_tried_in_the_given_order_within_one_transaction(
    storage: SqliteStorage, monkeypatch: pytest.MonkeyPatch
) -> None:
    storage.jobs.enqueue([Entry("low", "low", b"")])
    writing = storage._connection.writing

    def let_a_better_job_come_first() -> object:
        monkeypatch.undo()
        storage.jobs.enqueue([Entry("high", "high", b"")])
        return writing()

    monkeypatch.setattr(storage._connection, "writing", let_a_better_job_come_first)
    held = storage.jobs.reserve(["high", "low"], "w", "t")
    assert isinstance(held, Reservation)
    assert held.entry.id == "high"


def test_each_transition_of_a_job_is_one_transaction(
    storage: SqliteStorage, monkeypatch: pytest.MonkeyPatch
) -> None:
    writing = storage._connection.writing
    begun: list[str] = []

    def note_and_begin() -> object:
        begun.append("transaction")
        return writing()

    monkeypatch.setattr(storage._connection, "writing", note_and_begin)
    held = hold(storage)
    assert storage.jobs.release(held)
    again = storage.jobs.reserve(["mail"], "w", "t2")
    assert isinstance(again, Reservation)
    assert storage.jobs.fail(again, FAILURE)
    assert storage.failures.requeue({"f": None})
    last = storage.jobs.reserve(["mail"], "w", "t3")
    assert isinstance(last, Reservation)
    assert storage.jobs.complete(last)
    assert len(begun) == len(
        ["enqueue", "reserve", "release", "reserve", "fail", "requeue", "reserve", "complete"]
    )


def test_threads_may_share_a_storage(storage: SqliteStorage) -> None:
    def enqueue(thread: int) -> None:
        for number in range(50):
            storage.jobs.enqueue([Entry(f"{thread} {number}", "mail", b"")])
            storage.queues.size("mail")

    threads = [Thread(target=enqueue, args=(thread,)) for thread in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert storage.queues.size("mail") == 200


def test_a_clock_that_was_set_back_gives_no_negative_latency(
    storage: SqliteStorage, connection: Connection
) -> None:
    storage.jobs.enqueue([JOB])
    with connection.writing() as session:
        session.change("UPDATE jobs SET enqueued_at = enqueued_at + 3600")
    assert storage.queues.latencies(["mail"])["mail"] == 0.0


def test_latency_is_that_of_the_oldest_and_not_of_the_head(
    storage: SqliteStorage, connection: Connection
) -> None:
    storage.jobs.enqueue([JOB])
    with connection.writing() as session:
        session.change("UPDATE jobs SET enqueued_at = enqueued_at - 3600")
    storage.jobs.enqueue([Entry("2", "mail", b"")], at_front=True)
    assert 3600 <= storage.queues.latencies(["mail"])["mail"] < 3660


def test_a_released_job_keeps_its_age_and_a_requeued_failure_starts_anew(
    storage: SqliteStorage, connection: Connection
) -> None:
    held = hold(storage)
    with connection.writing() as session:
        session.change("UPDATE jobs SET enqueued_at = enqueued_at - 3600")
    storage.jobs.release(held)
    assert storage.queues.latencies(["mail"])["mail"] >= 3600
    storage.jobs.fail(hold(storage, token="u"), FAILURE)
    storage.failures.requeue({"f": None})
    assert storage.queues.latencies(["mail"])["mail"] < 60


def test_old_history_is_dropped_when_a_worker_registers(
    storage: SqliteStorage, connection: Connection
) -> None:
    storage.stats.increment("processed")
    with connection.writing() as session:
        for grain, days in [("minute", 7), ("minute", 9), ("day", 399), ("day", 401)]:
            session.change(
                "INSERT INTO stats SELECT :namespace, :grain, CAST(now AS INTEGER) - :days * 86400,"
                " 'processed', 1 FROM clock",
                grain=grain,
                days=days,
            )
    storage.workers.register(WORKER, 30.0)
    with connection.reading() as session:
        rows = session.rows("SELECT grain, COUNT(*) FROM stats GROUP BY grain")
    assert rows == [("day", 2), ("minute", 2), ("total", 1)]


def test_every_statement_of_a_file_answers_only_its_namespace(
    storage: SqliteStorage, connection: Connection
) -> None:
    storage.jobs.enqueue([JOB])
    other = Connection(connection._target, "other")
    with other.reading() as session:
        assert session.rows("SELECT id FROM jobs WHERE namespace = :namespace") == []
    other.close()


def test_a_large_payload_comes_back_byte_for_byte(storage: SqliteStorage) -> None:
    payload = bytes(range(256)) * 4096
    assert hold(storage, Entry("1", "mail", payload)).entry.payload == payload


def test_the_cause_of_an_error_is_the_drivers(storage: SqliteStorage) -> None:
    storage.jobs.fail(hold(storage), FAILURE)
    with pytest.raises(StorageError) as caught:
        storage.jobs.fail(hold(storage, token="u"), FAILURE)
    assert isinstance(caught.value.__cause__, sqlite3.IntegrityError)
