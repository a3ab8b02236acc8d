"""Fixtures for pytest, found by its entry point: `resque`, `captured_jobs` and `inline_jobs`."""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest

from resque_core.client import Resque
from resque_core.default_app import set_default_app
from resque_core.job import Job
from resque_core.testing import captured, inline


@pytest.fixture
def resque(tmp_path: Path) -> Iterator[Resque]:
    """A fresh `Resque` on a SQLite file of this test, and the default app while it runs."""
    with Resque(f"sqlite:///{quote(str(tmp_path / 'resque.sqlite3'))}") as app:
        before = set_default_app(app)
        try:
            yield app
        finally:
            set_default_app(before)


@pytest.fixture
def captured_jobs(resque: Resque) -> Iterator[list[Job]]:
    """The jobs that the test enqueued so far; none of them is stored."""
    with captured(resque) as jobs:
        yield jobs


@pytest.fixture
def inline_jobs(resque: Resque) -> Iterator[Resque]:
    """Jobs are performed as they are enqueued."""
    with inline(resque) as app:
        yield app
