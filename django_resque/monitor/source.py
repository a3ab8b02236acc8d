"""What all pages show: one look at the store, shared by those who ask within a second."""

import threading
import time
from dataclasses import dataclass

from django_resque.monitor.instance import resque, shown_alias
from resque_core.records import Overview

#: A look is shared for so many seconds: many open pages cost a store as much as one.
FRESH_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class _Look:
    taken: float
    url: str
    seen: Overview


_lock = threading.Lock()
_last: dict[str, _Look] = {}


def snapshot() -> Overview:
    """The state of the store, at most a second old.

    :raises StorageError: the store cannot be reached.
    """
    alias = shown_alias()
    found = _last.get(alias)
    if found is None or found.url != resque.url or time.monotonic() - found.taken > FRESH_SECONDS:
        found = _Look(time.monotonic(), resque.url, resque.storage.overview())
        with _lock:
            _last[alias] = found
    return found.seen


def forget_snapshot() -> None:
    """Have the next page read the store anew."""
    with _lock:
        _last.pop(shown_alias(), None)
