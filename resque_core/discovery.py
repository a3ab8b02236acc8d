"""Finds the backend for a URL among the installed entry points of the group `resque.backends`."""

import re
from functools import cache
from typing import TYPE_CHECKING, Protocol, cast

from resque_core.errors import UnknownBackendError
from resque_core.storage import Storage

if TYPE_CHECKING:
    from importlib.metadata import EntryPoints


class Opener(Protocol):
    """What a backend's entry point names."""

    def __call__(self, url: str, namespace: str, /) -> Storage:
        """The storage that the URL names."""
        ...


GROUP = "resque.backends"
#: As RFC 3986 has it.
_SCHEME = re.compile(r"([a-z][a-z0-9+.-]*):", re.IGNORECASE)


def open_storage(url: str, namespace: str) -> Storage:
    """The storage that `url` names. The store itself is not touched before the first call.

    :raises UnknownBackendError: no installed backend has the URL's scheme.
    """
    return _opener(scheme_of(url))(url, namespace)


def scheme_of(url: str) -> str:
    """`sqlite` for `sqlite:///jobs.sqlite3`.

    :raises UnknownBackendError: the text has no scheme.
    """
    found = _SCHEME.match(url)
    # `me:password@host` has none either.
    if not found or ("@" in url and "://" not in url):
        raise UnknownBackendError(
            f"{_shown(url)} is not a store's URL: it has no scheme. Write e.g. sqlite:///jobs.sqlite3 "
            f"(installed: {', '.join(installed_schemes()) or 'none'})."
        )
    return found[1].lower()


def _shown(url: str) -> str:
    return "This (not shown: it may hold a password)" if "@" in url else repr(url)


def installed_schemes() -> list[str]:
    """The URL schemes that can be opened here, sorted."""
    return sorted({point.name for point in _entry_points()})


@cache  # To look through all that is installed takes longer than most that is done with a store.
def _opener(scheme: str) -> Opener:
    for point in _entry_points():
        if point.name == scheme:
            return cast(Opener, point.load())
    raise UnknownBackendError(
        f"No backend is installed for {scheme}:// URLs "
        f"(installed: {', '.join(installed_schemes()) or 'none'}). "
        f"Install the package that provides it, or give another URL."
    )


def _entry_points() -> "EntryPoints":
    # Imported where a store is opened: it is a fifth of our memory, and app processes open none.
    from importlib.metadata import entry_points

    return entry_points(group=GROUP)
