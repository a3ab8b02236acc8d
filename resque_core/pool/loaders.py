"""Loaders: callables that say, whenever the pool asks, which groups it is to have."""

import os
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from resque_core.display import one_line
from resque_core.errors import SettingsError
from resque_core.pool.files import find_file, read_file
from resque_core.pool.group import Groups
from resque_core.pool.reading import read_groups

#: `loader(environment)`, called about once a second. It answers as the file would: counts by queues,
#: sections allowed; or with groups that another loader has read. An optional method `reset()` is called
#: on HUP. What it raises is logged, and the groups stay as they are.
Loader = Callable[[str | None], Mapping[str, Any]]


#: What says which groups a pool has: a path, a mapping in the file's format, a loader; None: the usual file.
Source = str | Path | Mapping[str, Any] | Loader | None


class FileLoader:
    """Reads the pool's file once, and again after a `reset`: an edit counts from the next HUP on."""

    def __init__(self, path: str | Path | None = None) -> None:
        self._named = None if path is None else str(path)
        self._groups: Groups | None = None
        self._refusal: str | None = None

    def __call__(self, environment: str | None) -> Groups:
        """The groups of the file; none where there is no file.

        :raises SettingsError: it cannot be used; it is not looked at again before the next `reset`.
        """
        if self._refusal is not None:
            raise SettingsError(self._refusal)
        if self._groups is None:
            self._groups = self._read(environment)
        return self._groups

    def reset(self) -> None:
        """Read the file again the next time."""
        self._groups = self._refusal = None

    def _read(self, environment: str | None) -> Groups:
        try:
            path = find_file(self._named, os.environ)
            return read_file(path, environment) if path else {}
        except SettingsError as error:
            self._refusal = str(error)
            raise


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
        _hand_on_reset(self._source)


def loader_of(source: Source) -> "FileLoader | CodeLoader":
    """What asks this source.

    :raises SettingsError: it is nothing that could be asked.
    """
    if source is None or isinstance(source, str | Path):
        return FileLoader(source)
    if isinstance(source, FileLoader):
        return source
    if isinstance(source, Mapping) or callable(source):
        return CodeLoader(source)
    raise SettingsError(
        f"A {type(source).__name__} does not say which groups a pool has. Give a file's path, a mapping such "
        f"as {{'mail': 2}}, or a callable that takes the environment's name and returns such a mapping."
    )


class Throttled:
    """Asks what is in it at most once in `period` seconds; meanwhile it answers, or raises, as it did last.

    In it is a loader, or whatever else a pool takes.

    :raises SettingsError: it is nothing that could be asked, or the period is no number of seconds.
    """

    def __init__(
        self, loader: Source, period: float = 10.0, clock: Callable[[], float] = time.monotonic
    ) -> None:
        if not period >= 0:
            raise SettingsError(f"period={period!a:.80}: give a number of seconds, 0 or more.")
        self._loader = loader if callable(loader) else loader_of(loader)
        self._period = period
        self._clock = clock
        self._called_at: float | None = None
        self._last: Mapping[str, Any] = {}
        self._error: Exception | None = None

    def __call__(self, environment: str | None) -> Mapping[str, Any]:
        """The loader's answer, at most `period` seconds old."""
        now = self._clock()
        if self._called_at is None or now > self._called_at + self._period:
            self._called_at = now
            self._ask(environment)
        if self._error is not None:
            # Without the traces of each time before.
            raise self._error.with_traceback(None)
        return self._last

    def reset(self) -> None:
        """Ask the loader at the next call, and hand the reset on if it takes one."""
        self._called_at = None
        _hand_on_reset(self._loader)

    def _ask(self, environment: str | None) -> None:
        self._error = None
        try:
            self._last = self._loader(environment)
        except Exception as error:
            self._error = error


def _hand_on_reset(source: object) -> None:
    reset = getattr(source, "reset", None)
    if callable(reset):
        reset()


def _place(path: tuple[object, ...]) -> str:
    return ": ".join(["the pool's loader", *(one_line(key) for key in path)])
