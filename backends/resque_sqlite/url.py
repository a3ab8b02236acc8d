"""The URL grammar, SQLAlchemy's: `sqlite:///relative.db`, `sqlite:////abs/path.db`, `sqlite://` (memory)."""

import os
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import parse_qsl, quote, unquote_to_bytes

from resque_core.errors import SettingsError

LEVELS = ("off", "normal", "full", "extra")
#: A day. SQLite counts its timeout in milliseconds within 31 bits.
LONGEST_TIMEOUT = 86_400.0
_MEMORY = ("", "/:memory:")
_EXAMPLES = "Write sqlite:///jobs.db (in this folder), sqlite:////var/lib/jobs.db, or sqlite:// (in memory)"

_OPTIONS = f"Its options are: synchronous={'|'.join(LEVELS)}, timeout=SECONDS."


@dataclass(frozen=True, slots=True)
class Target:
    """What a URL means: a file, or (None) the memory of this process, and how to open it."""

    #: Absolute, so that a later change of folder does not lead to another store.
    path: Path | None
    synchronous: str = "full"
    #: Seconds to wait for another process's write.
    timeout: float = 10.0

    @property
    def location(self) -> str:
        """The URL of the store itself, without options."""
        return f"sqlite:///{quoted(self.path)}" if self.path else "sqlite:///:memory:"


def quoted(path: Path) -> str:
    """The path as a URL carries it; bytes that are no UTF-8 included."""
    return quote(os.fsencode(path))


def parse_url(url: str) -> Target:
    """The target that `url` names. Nothing is touched.

    :raises SettingsError: the URL or one of its options says nothing that SQLite has.
    """
    try:
        return _parsed(url)
    except SettingsError:
        if "@" not in url:
            raise
    raise SettingsError(
        f"This SQLite URL (not shown: it may hold a password) cannot be used. {_EXAMPLES}. It has no "
        f"user and no host; in a path, ? is written as %3F. {_OPTIONS}"
    )


def _parsed(url: str) -> Target:
    address, _, query = url.partition("?")
    scheme, separator, rest = address.partition("://")
    if scheme.lower() != "sqlite" or not separator:
        raise SettingsError(f"{url!r} is not a SQLite URL. {_EXAMPLES}.")
    return _with_options(Target(_path(url, rest)), query)


def _path(url: str, rest: str) -> Path | None:
    if rest in _MEMORY:
        return None
    host, _, path = rest.partition("/")
    if host:
        raise SettingsError(f"{url!r} names the host {host!r}, and SQLite has none. {_EXAMPLES}.")
    decoded = os.fsdecode(unquote_to_bytes(path))
    if not decoded or "\0" in decoded:
        raise SettingsError(f"{url!r} names no file. {_EXAMPLES}.")
    return Path(decoded).absolute()


def _with_options(target: Target, query: str) -> Target:
    for name, value in parse_qsl(query, keep_blank_values=True):
        if name == "synchronous":
            target = replace(target, synchronous=_level(value))
        elif name == "timeout":
            target = replace(target, timeout=_seconds(value))
        else:
            raise SettingsError(f"A SQLite URL has no option {name!r}. {_OPTIONS}")
    return target


def _level(text: str) -> str:
    if text.lower() not in LEVELS:
        raise SettingsError(f"synchronous={text!r} is none of: {', '.join(LEVELS)}.")
    return text.lower()


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1.0
    if not 0 <= seconds <= LONGEST_TIMEOUT:
        raise SettingsError(f"timeout={text!r} is not a number of seconds from 0 to {LONGEST_TIMEOUT:.0f}.")
    return seconds
