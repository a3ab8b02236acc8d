"""`LazyStorage`: a storage that is opened when it is first needed, once, by whichever thread comes first."""

import os
import threading
from functools import partial

from resque_core.discovery import open_storage
from resque_core.errors import UnknownBackendError
from resque_core.failpoints import watch
from resque_core.settings import StoreChoice
from resque_core.storage import Storage


class LazyStorage:
    """Knows where a store is. Making one touches nothing. A missing store is made if the choice says so."""

    def __init__(self, choice: StoreChoice, namespace: str) -> None:
        self._choice = choice
        self._namespace = namespace
        self._locks: dict[int, threading.Lock] = {}
        self._opened: Storage | None = None
        self._ready: Storage | None = None
        #: Whether to make the store if it is missing. Once: one that goes away later is not made anew, empty.
        self._makes = choice.create

    def get(self) -> Storage:
        """The opened storage; if the choice says to create it, its files and tables are in place.

        :raises StorageError: the store cannot be reached, or no backend is installed for it.
        """
        return self._ready or self._prepare()

    def location(self) -> str:
        """Where the store is, safe to print.

        :raises StorageError: no backend is installed for it.
        """
        with self._lock():
            return self._open().location

    def close(self) -> None:
        """Let go of the storage, with every connection; the next use opens it anew.

        What is not there, the forks of a worker need not look after.
        """
        with self._lock():
            opened, self._opened, self._ready = self._opened, None, None
            if opened is not None:
                opened.close()

    def _lock(self) -> threading.Lock:
        # One for each process: in a forked child, the thread that holds the parent's does not live on, so
        # nobody would ever let go of it. A hook at fork would cost each of a worker's children.
        return self._locks.setdefault(os.getpid(), threading.Lock())

    def _prepare(self) -> Storage:
        with self._lock():
            if self._ready is None:
                storage = self._open()
                if self._makes:
                    storage.prepare()
                    self._makes = False
                self._ready = storage
            return self._ready

    def _open(self) -> Storage:
        if self._opened is None:
            try:
                opener = self._choice.opener or partial(open_storage, self._choice.url)
                self._opened = watch(opener(self._namespace))
            except UnknownBackendError as error:
                # REDIS_URL may well have been set for something else.
                raise UnknownBackendError(f"{error} (The URL came from: {self._choice.source}.)") from None
        return self._opened
