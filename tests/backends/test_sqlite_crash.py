"""`kill -9` at every statement of every transition, and at random: a step happened, or it did not."""

import os
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from itertools import count
from random import Random

import pytest
from soak import times

from resque_core.failure import Failure, FailureFilter
from resque_core.job import Entry
from resque_core.records import Lapsed, Reservation, Verdict, WorkerInfo
from resque_sqlite.connection import Connection
from resque_sqlite.storage import SqliteStorage
from resque_sqlite.url import Target

Step = Callable[[SqliteStorage], object]

HELD = Reservation("t", "w", Entry("1", "mail", b"{}"))
FAILURE = Failure(
    id="f2",
    job_id="1",
    queue="mail",
    name="Mail",
    payload=b"{}",
    exception="Refused",
    error="No.",
    failed_at=datetime.now(UTC),
)
OTHER = WorkerInfo(id="other", host="here", pid=2, queues=("*",), started_at=datetime.now(UTC))

STEPS: dict[str, Step] = {
    "enqueue": lambda it: it.jobs.enqueue([Entry("4", "new", b""), Entry("5", "mail", b"")]),
    "enqueue at front": lambda it: it.jobs.enqueue([Entry("4", "new", b"")], at_front=True),
    "reserve": lambda it: it.jobs.reserve(["mail"], "idle", "u"),
    "complete": lambda it: it.jobs.complete(HELD),
    "complete and reserve": lambda it: it.jobs.complete_and_reserve(HELD, ["mail"], "u"),
    "fail": lambda it: it.jobs.fail(HELD, FAILURE),
    "release": lambda it: it.jobs.release(HELD),
    "pop": lambda it: it.queues.pop("mail"),
    "dequeue": lambda it: it.queues.dequeue("mail", lambda payload: True),
    "move": lambda it: it.queues.move("mail", "new", ["3", "2"]),
    "clear": lambda it: it.queues.clear("mail"),
    "remove": lambda it: it.queues.remove("mail"),
    "requeue": lambda it: it.failures.requeue({"f": None}, queue="new"),
    "requeue and keep": lambda it: it.failures.requeue({"f": None}, queue="new", keep=True),
    "clear failures": lambda it: it.failures.clear(FailureFilter(queue="mail")),
    "sweep, back to its queue": lambda it: it.workers.sweep(Lapsed("w", HELD), Verdict()),
    "sweep, failed": lambda it: it.workers.sweep(Lapsed("w", HELD), Verdict(FAILURE)),
    "register": lambda it: it.workers.register(OTHER, 30.0),
    "beat": lambda it: it.workers.beat("w", -1.0),
    "unregister": lambda it: it.workers.unregister("idle"),
    "increment": lambda it: it.stats.increment("retried"),
}


def furnish(storage: SqliteStorage) -> None:
    """A job of every kind: one runs under a lapsed worker, two wait, one failed."""
    storage.prepare()
    for worker in ("w", "idle"):
        info = WorkerInfo(id=worker, host="here", pid=1, queues=("*",), started_at=datetime.now(UTC))
        storage.workers.register(info, -1.0)
    storage.jobs.enqueue([Entry("0", "mail", b"")])
    failing = storage.jobs.reserve(["mail"], "w", "s")
    assert isinstance(failing, Reservation)
    storage.jobs.fail(failing, replace(FAILURE, id="f", job_id="0"))
    storage.jobs.enqueue([Entry(str(number), "mail", b"{}") for number in (1, 2, 3)])
    assert isinstance(storage.jobs.reserve(["mail"], "w", "t"), Reservation)
    storage.queues.pause("images")
    storage.workers.command("w", "quiet")


def content(connection: Connection) -> list[object]:
    """All that the store says, but for times."""
    with connection.reading() as session:
        assert session.rows("PRAGMA integrity_check") == [("ok",)]
        return [
            session.rows(f"SELECT {columns} FROM {table} ORDER BY 1, 2")
            for table, columns in {
                "jobs": "id, queue, state, place, rescues, worker, token",
                "queues": "name, namespace",
                "pauses": "queue, namespace",
                "failures": "id, queue, retried_at IS NULL",
                "workers": "id, processed, failed, settled, heartbeat_at IS NULL",
                "commands": "worker, verb",
                "stats": "name, grain, SUM(value) OVER (PARTITION BY name, grain)",
            }.items()
        ]


def killed_at(statement: int, target: Target, step: Step) -> bool:
    """Do the step in a child that kills itself before its n-th statement. False: it came to its end."""
    child = os.fork()
    if child == 0:
        storage = SqliteStorage(target, "test")
        with storage._connection.reading() as session:
            turn = count()
            session._connection.set_trace_callback(
                lambda sql: os.kill(os.getpid(), signal.SIGKILL) if next(turn) == statement else None
            )
        step(storage)
        os._exit(0)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    assert code in (0, -signal.SIGKILL)
    return code != 0


@pytest.mark.parametrize("name", STEPS)
def test_a_process_that_is_killed_at_any_statement_leaves_all_or_nothing(name: str, target: Target) -> None:
    target = Target(target.path, synchronous="off")
    storage, connection = SqliteStorage(target, "test"), Connection(target, "test")
    furnish(storage)
    before = content(connection)
    for statement in count():
        if not killed_at(statement, target, STEPS[name]):
            break
        assert content(connection) == before
    assert content(connection) != before
    assert statement >= 3
    connection.close()
    storage.close()


def live(target: Target, number: int) -> None:
    """Enqueue three and complete or release one, on and on, on a queue of its own."""
    storage = SqliteStorage(target, "test")
    worker = f"w{number}"
    info = WorkerInfo(id=worker, host="here", pid=1, queues=("*",), started_at=datetime.now(UTC))
    storage.workers.register(info, 600.0)
    for turn in count():
        storage.jobs.enqueue([Entry(f"{number} {turn} {part}", worker, b"x" * 3000) for part in range(3)])
        held = storage.jobs.reserve([worker], worker, str(turn))
        assert isinstance(held, Reservation)
        storage.jobs.release(held) if turn % 3 == 0 else storage.jobs.complete(held)


def processed(storage: SqliteStorage) -> int:
    return storage.stats.all().get("processed", 0)


@pytest.mark.soak
def test_processes_killed_at_random_lose_no_job_and_damage_no_file(
    storage: SqliteStorage, connection: Connection, target: Target
) -> None:
    chance = Random(1)
    rounds = times(6, 30)
    for number in range(rounds):
        before = processed(storage)
        children = [os.fork() or _live_and_leave(target, 2 * number + half) for half in range(2)]
        deadline = time.monotonic() + 60
        while processed(storage) == before and time.monotonic() < deadline:
            time.sleep(0.001)
        time.sleep(chance.uniform(0, 0.08))
        for child in children:
            os.kill(child, signal.SIGKILL)
        assert {os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children} == {-signal.SIGKILL}
    with connection.reading() as session:
        assert session.rows("PRAGMA integrity_check") == [("ok",)]
        left = [job.split() for (job,) in session.rows("SELECT id FROM jobs")]
    # What a process enqueued last is far from the head, so it says how many turns were committed.
    turns = {number: 1 + max(int(job[1]) for job in left if job[0] == number) for number, _, _ in left}
    assert len(left) + processed(storage) == 3 * sum(turns.values())
    assert processed(storage) == sum(info.processed for info in storage.workers.all())
    assert processed(storage) >= rounds


def _live_and_leave(target: Target, number: int) -> int:
    try:
        live(target, number)
    finally:
        sys.stderr.flush()
        os._exit(1)
