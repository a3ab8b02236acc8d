"""`resque`: the `Resque` of the alias whose site answers. Pages of all aliases have the same code."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, cast

from django.contrib.admin import AdminSite
from django.urls import NoReverseMatch, reverse

from django_resque.conf import DEFAULT_ALIAS, aliases
from django_resque.stores import resques
from resque_core import Resque
from resque_core.errors import ResqueError

_shown: ContextVar[str] = ContextVar("resque_monitor_alias", default=DEFAULT_ALIAS)


class _OfShownAlias:
    """Has whatever the `Resque` of the alias has."""

    def __getattr__(self, name: str) -> Any:
        return getattr(resques[_shown.get()], name)


#: What all modules of the monitor use. Outside of its views, that is the one of the alias `default`.
resque = cast(Resque, _OfShownAlias())


def shown_alias() -> str:
    """The alias whose site answers."""
    return _shown.get()


def alias_of(site: AdminSite) -> str:
    """The alias that a site shows: the project's admin shows `default`."""
    return str(getattr(site, "resque_alias", DEFAULT_ALIAS))


@contextmanager
def showing(alias: str) -> Iterator[None]:
    """Have `resque` be the one of this alias, for this thread or task."""
    before = _shown.set(alias)
    try:
        yield
    finally:
        _shown.reset(before)


def site_name(alias: str) -> str:
    """What the site of an alias is called, where the monitor is mounted without the admin."""
    return "resque_web" if alias == DEFAULT_ALIAS else f"resque_web_{alias}"


def other_instances(page: str) -> list[tuple[str, str]]:
    """The same list of each other alias whose site is mounted: alias and address."""
    try:
        others = [alias for alias in aliases() if alias != _shown.get()]
    except ResqueError:
        return []
    return [(alias, address) for alias in others if (address := _address(alias, page))]


def _address(alias: str, page: str) -> str | None:
    try:
        return reverse(f"{site_name(alias)}:resque_{page}_changelist")
    except NoReverseMatch:
        return None
