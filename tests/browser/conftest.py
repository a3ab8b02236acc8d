"""A real browser on a running site. Skipped where there is none; with CI set, that fails."""

import os
import shutil
from collections.abc import Iterator
from importlib.util import find_spec
from typing import Any

import pytest
from servers.fleet import Fleet, MissingServerError
from servers.wanted import or_skip
from stores import REDIS, Store

from tests.browser.site import Site

#: Where Debian has it, and others.
NAMES = ("chromium", "chromium-browser", "google-chrome")
FLAGS = ("--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking")


def _found() -> str:
    browser = os.environ.get("RESQUE_TEST_CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
    if browser is None:
        raise MissingServerError("There is no chromium: apt install chromium, or RESQUE_TEST_CHROMIUM=/path.")
    if find_spec("playwright") is None:
        raise MissingServerError("playwright is not installed: it is in the extra `soak`.")
    return browser


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    """The browser. Its driver runs an event loop on this thread, and must be gone before other tests come."""
    path = or_skip(_found)
    playwright = pytest.importorskip("playwright.sync_api")
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=path, args=[*FLAGS])
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def redis(fleet: Fleet, tmp_path_factory: pytest.TempPathFactory) -> Store:
    """A Redis list, as most have it."""
    return or_skip(lambda: REDIS[-1].new(fleet, tmp_path_factory.mktemp("redis")))


@pytest.fixture
def store(redis: Store) -> Iterator[Store]:
    """The same, empty for each test."""
    yield redis
    redis.come_back()
    redis.discard()


@pytest.fixture(scope="module")
def site(redis: Store, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """`resque web` on that store. It starts slowly, and so once."""
    site = Site(redis.url, tmp_path_factory.mktemp("site"))
    yield site
    site.close()


def is_complaint(said: Any) -> bool:
    """Whether it is an error. A store that is away is told as one: that much is right."""
    return said.type == "error" and "503" not in said.text and "ERR_" not in said.text


@pytest.fixture
def page(chromium: Any, site: Site, store: Store) -> Iterator[Any]:
    """A page; whatever its console complains of fails the test."""
    complaints: list[str] = []
    context = chromium.new_context(base_url=site.address)
    page = context.new_page()
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda said: complaints.append(said.text) if is_complaint(said) else None)
    yield page
    context.close()
    assert complaints == []
