"""What all pages show: one look at the `Resque` of the settings, shared by those who ask within a second."""

import threading
import time
from dataclasses import dataclass

from django_resque.stores import resque
from resque_core.records import Overview

#: A look is shared for so many seconds: many open pages cost a store as much as one.
FRESH_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class _Look:
    taken: float
    url: str
    seen: Overview


_lock = threading.Lock()
_last: _Look | None = None


def snapshot() -> Overview:
    """The state of the store, at most a second old.

    :raises StorageError: the store cannot be reached.
    """
    global _last
    found = _last
    if found is None or found.url != resque.url or time.monotonic() - found.taken > FRESH_SECONDS:
        found = _Look(time.monotonic(), resque.url, resque.storage.overview())
        with _lock:
            _last = found
    return found.seen


def forget_snapshot() -> None:
    """Have the next page read the store anew."""
    global _last
    with _lock:
        _last = None
