"""`resques`: a `Resque` for each alias of the settings, made when it is first asked for."""

import threading
from collections.abc import Iterator
from typing import cast

from django.utils.connection import ConnectionProxy

from django_resque.conf import DEFAULT_ALIAS, aliases, store_settings
from django_resque.outbox import CommitOutbox
from resque_core.client import Resque


class Resques:
    """Mapping of aliases to `Resque` objects. Threads share them."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._made: dict[str, Resque] = {}

    def __getitem__(self, alias: str) -> Resque:
        """The `Resque` of an alias.

        :raises SettingsError: the settings do not define it, or cannot be used.
        """
        with self._lock:
            if alias not in self._made:
                self._made[alias] = make_resque(alias)
            return self._made[alias]

    def __iter__(self) -> Iterator[str]:
        return iter(aliases())

    def close_all(self) -> None:
        """Let go of every connection, and read the settings anew at the next use."""
        with self._lock:
            for resque in self._made.values():
                resque.close()
            self._made.clear()


def make_resque(alias: str) -> Resque:
    """A new `Resque` as the settings describe it.

    :raises SettingsError: they cannot be used.
    """
    said = store_settings(alias)
    resque = Resque(
        said.choice,
        inline=said.inline,
        default_queue=said.default_queue,
        max_payload=said.max_payload,
        on_worker_death=said.on_worker_death,
        failure_backend=said.failure_backend,
        max_failures=said.max_failures,
        max_failure_age=said.max_failure_age,
    )
    if said.on_commit and not said.inline:
        resque.outbox = CommitOutbox(resque.outbox, said.on_commit)
    return resque


resques = Resques()
#: The `Resque` of the alias `default`, whatever the settings say by now; `fn.enqueue` uses it too.
resque = cast(Resque, ConnectionProxy(resques, DEFAULT_ALIAS))
