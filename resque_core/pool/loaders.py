"""Loaders: callables that say, whenever the pool asks, which groups it is to have."""

import os
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from resque_core.display import one_line
from resque_core.pool.files import find_file, read_file
from resque_core.pool.group import Groups
from resque_core.pool.reading import read_groups

#: `loader(environment)`, called about once a second. It answers as the file would: counts by queues,
#: sections allowed. An optional method `reset()` is called on HUP. What it raises is logged, and the
#: groups stay as they are.
Loader = Callable[[str | None], Mapping[str, Any]]


#: What says which groups a pool has: a path, a mapping in the file's format, a loader; None: the usual file.
Source = str | Path | Mapping[str, Any] | Loader | None


class FileLoader:
    """Reads the pool's file once, and again after a `reset`: an edit counts from the next HUP on."""

    def __init__(self, path: str | None = None) -> None:
        self._named = path
        self._groups: Groups | None = None

    def __call__(self, environment: str | None) -> Groups:
        """The groups of the file; none where there is no file."""
        if self._groups is None:
            path = find_file(self._named, os.environ)
            self._groups = read_file(path, environment) if path else {}
        return self._groups

    def reset(self) -> None:
        """Read the file again the next time."""
        self._groups = None


class CodeLoader:
    """A loader of somebody's, or a mapping in place of one; what it answers is checked as a file is."""

    def __init__(self, source: Loader | Mapping[str, Any]) -> None:
        self._source = source

    def __call__(self, environment: str | None) -> Groups:
        """The groups that the source means.

        :raises SettingsError: it answered something that cannot be used.
        """
        source = self._source
        body = source if isinstance(source, Mapping) else source(environment)
        return read_groups(body, environment, _place)

    def reset(self) -> None:
        """Hand the reset on, if the loader takes one."""
        reset = getattr(self._source, "reset", None)
        if callable(reset):
            reset()


def loader_of(source: Source) -> "FileLoader | CodeLoader":
    """What asks this source."""
    if source is None or isinstance(source, str | Path):
        return FileLoader(None if source is None else str(source))
    return CodeLoader(source)


class Throttled:
    """Calls the loader in it at most once in `period` seconds, and answers with the last groups meanwhile."""

    def __init__(
        self, loader: Loader, period: float = 10.0, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._loader = loader
        self._period = period
        self._clock = clock
        self._called_at: float | None = None
        self._last: Mapping[str, Any] = {}

    def __call__(self, environment: str | None) -> Mapping[str, Any]:
        """The loader's answer, at most `period` seconds old."""
        now = self._clock()
        if self._called_at is None or now > self._called_at + self._period:
            self._last = self._loader(environment)
            self._called_at = now
        return self._last

    def reset(self) -> None:
        """Ask the loader at the next call, and hand the reset on if it takes one."""
        self._called_at = None
        reset = getattr(self._loader, "reset", None)
        if callable(reset):
            reset()


def _place(path: tuple[object, ...]) -> str:
    return ": ".join(["the pool's loader", *(one_line(key) for key in path)])
