"""`StoreClient`: an address, by argument or environment, and the storage there."""

import os
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self

from resque_core.errors import ResqueError
from resque_core.lazy_storage import LazyStorage
from resque_core.settings import StoreChoice, find_namespace, find_store
from resque_core.storage import Storage

#: Makes the storage of a namespace, on a client that somebody has open.
Opener = Callable[[str], Storage]


class StoreClient:
    """Knows where a store is. Making one touches nothing; threads may share it."""

    def __init__(self, url: str | StoreChoice | Opener | None = None, namespace: str | None = None) -> None:
        choice = _choice_of(url)
        #: The store's URL as it was given: it may hold a password. Empty for somebody's open client.
        self.url = choice.url
        #: What named the store: `argument`, `RESQUE_URL`, … or `embedded`.
        self.source = choice.source
        self.namespace = find_namespace(choice.namespace if namespace is None else namespace, os.environ)
        #: Whether `close` was called. Any later call opens the store again.
        self.closed = False
        self._lazy = LazyStorage(choice, self.namespace)

    @property
    def storage(self) -> Storage:
        """The opened storage; its files and tables are made unless the `StoreChoice` says otherwise.

        :raises StorageError: the store cannot be reached, or no backend is installed for it.
        """
        return self._lazy.get()

    @property
    def location(self) -> str:
        """Where the store is, safe to print.

        :raises StorageError: no backend is installed for it.
        """
        return self._lazy.location()

    @property
    def connection(self) -> Any:
        """The driver's own client, for what Resque has no word for.

        On Redis it puts the namespace before every key: `resque.connection.get("stat:mails")`. On MongoDB
        it is the database, on SQLite a new connection to the file, which the caller closes.

        :raises StorageError: the store cannot be reached, or is this process's own memory.
        """
        return self.storage.connection

    def close(self) -> None:
        """Let go of every connection. `fn.enqueue` looks for another default app from now on."""
        self.closed = True
        self._lazy.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        try:
            location = self.location
        except ResqueError:
            # Nobody knows where the password is in a URL that no backend reads.
            location = f"{self.url.partition(':')[0]}:…"
        return f"<{type(self).__name__} {location} namespace={self.namespace!r}>"


def _choice_of(url: str | StoreChoice | Opener | None) -> StoreChoice:
    if isinstance(url, StoreChoice):
        return url
    if callable(url):
        return StoreChoice("", "an open client", opener=url)
    return find_store(url, os.environ)
