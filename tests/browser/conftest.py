"""A real browser on a running site. Skipped where there is none; with CI set, that fails."""

import os
import shutil
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
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
        raise MissingServerError("playwright is not installed: it is in the extra `test`.")
    return browser


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """The browser."""
    path = or_skip(_found)
    playwright = pytest.importorskip("playwright.sync_api")
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=path, args=[*FLAGS])
        yield browser
        browser.close()


@pytest.fixture
def store(fleet: Fleet, tmp_path: Path) -> Iterator[Store]:
    """A Redis list, as most have it."""
    made = or_skip(lambda: REDIS[-1].new(fleet, tmp_path))
    yield made
    made.come_back()
    made.discard()


@pytest.fixture
def site(store: Store, tmp_path: Path) -> Iterator[Site]:
    """`resque web` on that store."""
    site = Site(store.url, tmp_path)
    yield site
    site.close()


def is_complaint(said: Any) -> bool:
    """Whether it is an error. A store that is away is told as one: that much is right."""
    return said.type == "error" and "503" not in said.text and "ERR_" not in said.text


@pytest.fixture
def page(chromium: Any, site: Site) -> Iterator[Any]:
    """A page; whatever its console complains of fails the test."""
    complaints: list[str] = []
    context = chromium.new_context(base_url=site.address)
    page = context.new_page()
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda said: complaints.append(said.text) if is_complaint(said) else None)
    yield page
    context.close()
    assert complaints == []
