"""Fixtures for tests of a Django project: in conftest.py, `pytest_plugins = ["django_resque.pytest_plugin"]`.

They have the names of those of `resque_core`, and stand in their place: these follow the settings. They need
no database, and work with pytest-django and without it.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from django.test.utils import override_settings

from django_resque.conf import SHORT, aliases, given
from django_resque.stores import resque as default_resque
from django_resque.test import captured, inline
from resque_core.client import Resque
from resque_core.job import Job


@pytest.fixture
def resque(tmp_path: Path) -> Iterator[Resque]:
    """The `Resque` of the settings, which has every store on a SQLite file of this test while it runs."""
    stores = {alias: _on_file(given(alias), tmp_path / f"{alias}.sqlite3") for alias in aliases()}
    with override_settings(RESQUE=stores, **dict.fromkeys(SHORT)):
        yield default_resque
        default_resque.close()


@pytest.fixture
def captured_jobs() -> Iterator[list[Job]]:
    """The jobs that the test enqueued so far; none of them is stored."""
    with captured() as jobs:
        yield jobs


@pytest.fixture
def inline_jobs() -> Iterator[Resque]:
    """Jobs are performed as they are enqueued, without a store."""
    with inline() as app:
        yield app


def _on_file(said: dict[str, Any], path: Path) -> dict[str, Any]:
    kept = {key: value for key, value in said.items() if key not in SHORT.values()}
    return {**kept, "URL": f"sqlite:///{quote(str(path))}"}
