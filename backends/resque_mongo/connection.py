"""`Connection`: the client of a storage, shared by its threads, opened when needed, anew after a fork."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from threading import RLock
from typing import Any
from weakref import finalize

import pymongo
from pymongo import MongoClient
from pymongo.database import Database

from resque_core.errors import StorageError
from resque_mongo import forks, opening
from resque_mongo.chores import Chores
from resque_mongo.errors import DRIVER_ERRORS, explain
from resque_mongo.pauses import Pauses
from resque_mongo.session import Document, Session, promising, session_of
from resque_mongo.url import TIMEOUT, Target
from resque_mongo.windows import Claims, Windows


class Connection:
    """A connection to the database that a URL names. It opens with the first call."""

    def __init__(self, target: Target, namespace: str) -> None:
        self.location = target.location
        self.timeout = target.timeout
        self.chores = Chores(target.location)
        self._target = target
        self._windows = Windows(target.claims)
        self._pauses = Pauses()
        self.namespace = namespace
        self._lock = RLock()
        self._client: MongoClient[Document] | None = None
        self._session: Session | None = None
        self._collected: finalize[..., Connection] | None = None
        forks.watch(self)

    @contextmanager
    def calling(self) -> Iterator[Session]:
        """The session of one call: all its round trips end within the timeout, each with its own limit."""
        try:
            with pymongo.timeout(self.timeout):
                yield self._opened()
        except DRIVER_ERRORS as error:
            # Whatever was there may be gone: the next call looks again.
            self._session = None
            raise explain(error, self.location) from error

    def prepare(self) -> None:
        """Make the collections and their indexes, where they are missing."""
        with self.calling() as session:
            opening.prepare(session.jobs.database, self.location)

    def close(self) -> None:
        """Let go of the client, if it is ours."""
        with self._lock:
            collected, self._collected = self._collected, None
            self._client = self._session = None
        if collected is not None:
            collected()

    def forget(self) -> None:
        """Begin anew in a forked child. The lock may be held by a thread that is only in the parent."""
        self._lock = RLock()
        if self._client is not None:
            forks.abandon(self._client)
        if self._collected is not None:
            self._collected.detach()
        self._client = self._session = self._collected = None

    def _opened(self) -> Session:
        session = self._session
        if session is not None:
            return session
        with self._lock:
            database = promising(self._database())
            opening.reach(database, self._target.selection)
            opening.check(database, self.location)
            session = session_of(database, self.namespace, self._windows, self._pauses)
            self._session = replace(session, tells_changes=self._tells_changes(database))
            return self._session

    def _tells_changes(self, database: Database[Document]) -> bool:
        return opening.tells_changes(database)

    def _database(self) -> Database[Any]:
        if self._client is None:
            self._client = opening.connect(self._target)
            self._collected = finalize(self, self._client.close)
            # Not at the end of the program: what it does there at last may still need the client.
            self._collected.atexit = False
        return self._client[self._target.database]


class Borrowed(Connection):
    """A connection to a database that the program opened, in this process, and closes itself."""

    def __init__(self, database: Database[Any], namespace: str, claims: Claims) -> None:
        location = f"the open database {database.name!r}"
        super().__init__(Target("", database.name, location, TIMEOUT, claims=claims), namespace)
        self._borrowed = database
        self._pid = os.getpid()

    def _database(self) -> Database[Any]:
        if os.getpid() != self._pid:
            raise StorageError(
                f"{self.location} was opened by process {self._pid} and cannot be used in its child "
                f"{os.getpid()}. Open a client there, or give Resque a URL."
            )
        return self._borrowed

    def _tells_changes(self, database: Database[Document]) -> bool:  # noqa: ARG002
        # A change stream would hold a connection of a client that is not ours.
        return False
