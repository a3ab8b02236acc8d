"""No child ever inherits an open SQLite file, and nothing is lost when a process forks."""

import ctypes
import gc
import os
import traceback
import weakref
from collections.abc import Callable
from functools import partial
from pathlib import Path
from threading import Event, Thread

import pytest

from resque_core.errors import StorageError
from resque_core.job import Entry
from resque_sqlite.connection import Connection
from resque_sqlite.storage import SqliteStorage
from resque_sqlite.url import Target

# Python 3.12 warns of what is tested here: a fork beside threads.
pytestmark = pytest.mark.filterwarnings("ignore:.*multi-threaded, use of fork:DeprecationWarning")


def fork(act: Callable[[], object]) -> int:
    """A child that does this and ends with 0; with 1 when anything is raised."""
    return _child_or_parent(os.fork(), act)


def _child_or_parent(pid: int, act: Callable[[], object]) -> int:
    if pid:
        return pid
    code = 1
    try:
        act()
        code = 0
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(code)


def exit_code(child: int) -> int:
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def open_files() -> set[str]:
    """The paths of this process's descriptors."""
    links = Path("/proc/self/fd").iterdir()
    return {str(link.readlink()) for link in links if os.path.lexists(link)}


def enqueue(storage: SqliteStorage, *ids: object) -> None:
    assert storage.jobs.enqueue([Entry(str(job), "mail", b"{}") for job in ids]) == len(ids)


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="needs Linux's /proc")
def test_a_child_inherits_no_descriptor_of_the_store(storage: SqliteStorage, target: Target) -> None:
    enqueue(storage, 1)
    assert str(target.path) in open_files()

    def look() -> None:
        assert not {name for name in open_files() if name.startswith(str(target.path))}

    assert exit_code(fork(look)) == 0


def test_parent_and_child_both_go_on(storage: SqliteStorage) -> None:
    enqueue(storage, "before")
    child = fork(lambda: enqueue(storage, "child"))
    enqueue(storage, "parent")
    assert exit_code(child) == 0
    assert {entry.id for entry in storage.queues.peek("mail", 0, 10)} == {"before", "child", "parent"}


def write_before_and_after(storage: SqliteStorage, turn: int, signal: int) -> None:
    enqueue(storage, f"child {turn}")
    os.read(signal, 1)
    enqueue(storage, f"child again {turn}")


def test_what_a_child_commits_outlives_the_last_connection_of_its_parent(storage: SqliteStorage) -> None:
    # With an inherited handle the child holds no locks: the parent's close then takes itself for
    # the last one, and deletes the log into which the child writes.
    for turn in range(20):
        enqueue(storage, f"parent {turn}")
        reading, writing = os.pipe()

        child = fork(partial(write_before_and_after, storage, turn, reading))
        storage.queues.size("mail")
        storage.close()
        os.write(writing, b"!")
        assert exit_code(child) == 0
        os.close(reading)
        os.close(writing)
    assert storage.queues.size("mail") == 60


def test_nothing_is_lost_when_a_process_forks_while_its_threads_write(
    storage: SqliteStorage, connection: Connection
) -> None:
    stop = Event()
    counts = {"a": 0, "b": 0}

    def write(thread: str) -> None:
        while not stop.is_set():
            enqueue(storage, f"{thread} {counts[thread]}")
            counts[thread] += 1

    threads = [Thread(target=write, args=(name,)) for name in counts]
    for thread in threads:
        thread.start()
    children = [fork(partial(enqueue, storage, f"child {number}")) for number in range(30)]
    codes = [exit_code(child) for child in children]
    stop.set()
    for thread in threads:
        thread.join()
    assert codes == [0] * 30
    assert min(counts.values()) > 0
    assert storage.queues.size("mail") == sum(counts.values()) + 30
    with connection.reading() as session:
        assert session.rows("PRAGMA integrity_check") == [("ok",)]


def see_no_worker(storage: SqliteStorage) -> None:
    assert storage.workers.all() == []


def test_a_fork_waits_for_a_running_transaction(storage: SqliteStorage, connection: Connection) -> None:
    inside, never = Event(), Event()

    def write_slowly() -> None:
        with connection.writing() as session:
            session.change("DELETE FROM workers")
            inside.set()
            # Long enough that a fork which does not wait would be over by then.
            never.wait(0.3)

    thread = Thread(target=write_slowly)
    thread.start()
    inside.wait()
    child = fork(partial(see_no_worker, storage))
    see_no_worker(storage)
    thread.join()
    assert exit_code(child) == 0


def test_a_fork_in_the_middle_of_an_own_transaction_undoes_it(
    storage: SqliteStorage, connection: Connection
) -> None:
    def fork_inside() -> None:
        with connection.writing() as session:
            session.change("DELETE FROM workers")
            assert exit_code(fork(lambda: None)) == 0

    with pytest.raises(StorageError, match="closed database"):
        fork_inside()
    assert [info.id for info in storage.workers.all()] == ["w"]


def test_a_closed_storage_stays_closed(storage: SqliteStorage) -> None:
    storage.close()
    assert exit_code(fork(lambda: enqueue(storage, 1))) == 0
    assert storage.queues.size("mail") == 1


def test_other_threads_may_open_a_store_after_a_fork(target: Target) -> None:
    assert exit_code(fork(partial(open_in_a_thread, target))) == 0
    open_in_a_thread(target)


def open_in_a_thread(target: Target) -> None:
    """Make a store in another thread than the one that forked."""
    sizes: list[int] = []

    def open_it() -> None:
        storage = SqliteStorage(target, "test")
        storage.prepare()
        sizes.append(storage.queues.size("mail"))
        storage.close()

    thread = Thread(target=open_it, daemon=True)
    thread.start()
    thread.join(30)
    assert sizes == [0]


def test_a_storage_that_nobody_holds_is_forgotten(target: Target) -> None:
    storage = SqliteStorage(target, "test")
    storage.prepare()
    gone = weakref.ref(storage._connection)
    del storage
    gc.collect()
    assert gone() is None
    assert exit_code(fork(lambda: None)) == 0


def test_memory_stays_with_its_process() -> None:
    storage = SqliteStorage(Target(None), "test")
    enqueue(storage, 1)

    def use_it() -> None:
        for _ in range(2):
            with pytest.raises(StorageError, match=r"memory belongs to one process: give a file's URL"):
                enqueue(storage, 2)
            storage.close()

    assert exit_code(fork(use_it)) == 0
    assert storage.queues.size("mail") == 1


def test_a_handle_that_came_through_a_fork_of_c_code_is_refused(storage: SqliteStorage) -> None:
    enqueue(storage, 1)

    def use_it() -> None:
        with pytest.raises(StorageError, match="close the storage before a fork"):
            enqueue(storage, 2)

    # As some application servers do it: no hook of Python's runs.
    assert exit_code(_child_or_parent(ctypes.PyDLL(None).fork(), use_it)) == 0
    assert storage.queues.size("mail") == 1
