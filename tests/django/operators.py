"""Users of the monitor, and what the tests read from its pages."""

from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any

from django.contrib.auth.models import Permission, User
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from resque_core import Resque

VIEWS = ("overview", "queue", "workingjob", "worker", "failedjob", "delayedjob", "schedule", "batch", "stats")


def operator(*rights: str, name: str = "op", **client: Any) -> Client:
    """A client of a staff member with these rights; `views` stands for all pages."""
    user, _ = User.objects.get_or_create(username=name, is_staff=True)
    names = [f"view_{page}" for page in VIEWS] if "views" in rights else []
    wanted = [*names, *(right for right in rights if right != "views")]
    user.user_permissions.set(
        Permission.objects.filter(content_type__app_label="resque", codename__in=wanted)
    )
    browser = Client(**client)
    browser.force_login(user)
    return browser


def superuser(name: str = "root") -> Client:
    """A client of somebody who may do everything."""
    user, _ = User.objects.get_or_create(username=name, is_staff=True, is_superuser=True)
    browser = Client()
    browser.force_login(user)
    return browser


def addresses(key: str) -> Iterator[tuple[str, str]]:
    """Name and path of every page and command of the monitor, from the urlconf, for a row `key`."""
    for pattern in _patterns(get_resolver().url_patterns, ""):
        path, name = pattern
        if name.startswith("resque_"):
            for part in ("<path:key>", "<path:object_id>"):
                path = path.replace(part, key)
            yield name, f"/{path}"


def state(resque: Resque) -> object:
    """All that a command could change."""
    return (
        resque.queue_sizes(),
        resque.paused(),
        [(one.id, one.retried_at) for one in resque.failures.peek(0, 100)],
        [worker.id for worker in resque.workers()],
        [(one.name, one.paused) for one in resque.all_schedules()],
    )


class Elements(HTMLParser):
    """The elements of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    @property
    def inputs(self) -> dict[str, str]:
        """The names and values of the fields, as its form would send them."""
        fields = [attrs for tag, attrs in self.found if tag == "input" and "name" in attrs]
        return {str(attrs["name"]): str(attrs.get("value", "")) for attrs in fields}

    def values(self, tag: str, attribute: str) -> list[str]:
        """The values of an attribute on all elements of a kind."""
        return [str(attrs[attribute]) for name, attrs in self.found if name == tag and attribute in attrs]


def _patterns(patterns: list[URLPattern | URLResolver], prefix: str) -> Iterator[tuple[str, str]]:
    for pattern in patterns:
        path = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from _patterns(pattern.url_patterns, path)
        else:
            yield path, pattern.name or ""
