"""`Connection`: the one SQLite connection of a storage, shared by its threads, opened when needed."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import RLock

from resque_core.errors import StorageError
from resque_sqlite import forks
from resque_sqlite.errors import explain
from resque_sqlite.files import Identity, discard_log, identify, identify_log
from resque_sqlite.opening import SQL, create_file, open_store
from resque_sqlite.session import Session
from resque_sqlite.url import Target


class Connection:
    """Opens the file with the first call, and again after `close`, a fork, or when the file was replaced."""

    def __init__(self, target: Target, namespace: str) -> None:
        self._target = target
        self._namespace = namespace
        self._lock = RLock()
        self._connection: sqlite3.Connection | None = None
        self._pid: int | None = None
        self._file: Identity | None = None
        self._log: Identity | None = None
        forks.watch(self)

    def __del__(self) -> None:
        self.close()

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A session for reads, each of which sees the last commit; takes no lock of the file."""
        with self._lock:
            connection = self._opened()
            try:
                yield self._session(connection)
            except sqlite3.Error as error:
                raise self._given_up(error) from error

    def seen(self) -> tuple[Identity | None, int]:
        """The file, and a number for what others have committed to it: another one after each commit.

        It is a counter in memory that the processes share: nothing is read from the file.
        """
        with self.reading() as session:
            ((commits,),) = session.rows(SQL["commits"])
            return self._file, commits

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """A session that is one transaction: committed at the end, rolled back if anything is raised."""
        with self._lock:
            connection = self._opened()
            self._refuse_nesting(connection)
            try:
                session = self._session(connection)
                session.change(SQL["write"])
                yield session
                connection.execute(SQL["commit"])
            except sqlite3.Error as error:
                raise self._given_up(error) from error
            except BaseException:
                self._roll_back()
                raise

    def prepare(self) -> None:
        """Create the file with its folders, if it is missing, and its layout."""
        with self._lock:
            try:
                create_file(self._target)
            except sqlite3.Error as error:
                raise explain(error, self._target) from error
            except OSError as error:
                raise StorageError(
                    f"{self._target.location} cannot be created: {error}. Give another URL."
                ) from error
            self._opened()

    def close(self) -> None:
        """Close what is open. What was in memory is gone then."""
        with self._lock:
            self._drop()

    def before_fork(self) -> None:
        """Wait for running transactions and let go of the file; a store in memory has none to let go of."""
        self._lock.acquire()
        if self._target.path:
            self._drop()

    def after_fork(self) -> None:
        """Let callers in again."""
        self._lock.release()

    def _session(self, connection: sqlite3.Connection) -> Session:
        return Session(connection, self._namespace, self._target.timeout)

    def _opened(self) -> sqlite3.Connection:
        self._refuse_inherited()
        try:
            return self._open_file(self._target.path) if self._target.path else self._open_memory()
        except sqlite3.Error as error:
            raise explain(error, self._target) from error
        except FileNotFoundError as error:
            raise StorageError(
                f"There is no store at {self._target.location}. `resque work` and `resque enqueue` create "
                f"one, as prepare() does. If there was one before, bring its file back."
            ) from error
        except OSError as error:
            raise StorageError(
                f"{self._target.location} cannot be reached: {error.strerror}. "
                f"Bring the file back, or have prepare() make a new one."
            ) from error

    def _open_file(self, path: Path) -> sqlite3.Connection:
        """The open connection, unless another file is at its path now. A missing one is not made."""
        if self._connection is not None and identify(path) != self._file:
            discard_log(path, self._log)
            self._drop()
        while self._connection is None:
            file = identify(path)
            self._connection = self._open()
            self._file, self._log = file, identify_log(path)
            if identify(path) != file:
                # Replaced in this very moment: which of the two was opened?
                self._drop()
        return self._connection

    def _open_memory(self) -> sqlite3.Connection:
        self._connection = self._connection or self._open()
        return self._connection

    def _open(self) -> sqlite3.Connection:
        connection = open_store(self._target)
        self._pid = os.getpid()
        return connection

    def _refuse_inherited(self) -> None:
        if self._pid in (None, os.getpid()):
            return
        raise StorageError(
            f"{self._target.location} was opened by process {self._pid} and cannot be used in its child "
            f"{os.getpid()}. A store in memory belongs to one process: give a file's URL. "
            f"For a file, close the storage before a fork that Python does not make itself."
        )

    def _refuse_nesting(self, connection: sqlite3.Connection) -> None:
        if connection.in_transaction:
            raise StorageError(
                f"{self._target.location} was written to in the middle of another write of the same thread. "
                f"Signal handlers must not call a storage."
            )

    def _given_up(self, error: sqlite3.Error) -> StorageError:
        """What to raise for `error`. The next call opens the file anew, whatever was wrong with it."""
        self._roll_back()
        if self._target.path:
            self._drop()
        return explain(error, self._target)

    def _roll_back(self) -> None:
        connection = self._connection
        if connection is not None and connection.in_transaction:
            with suppress(sqlite3.Error):
                connection.execute(SQL["rollback"])

    def _drop(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None
        if self._target.path:
            self._pid = None
