"""Django's tests: a small site, a database in memory, and a store of each test's own."""

import os
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest
from servers.fleet import Fleet
from servers.wanted import or_skip
from stores import TYPICAL, Kind, Store, prepared

from resque_core.client import Resque
from resque_core.default_app import set_default_app

if find_spec("django") is None:
    if os.environ.get("CI"):
        raise RuntimeError("Django is not installed, and CI must not pass without its tests.")
    collect_ignore_glob = ["*"]
else:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.django.site.settings")
    import django
    from django.core.management import call_command
    from django.db import connections
    from django.db.backends.base.base import BaseDatabaseWrapper
    from django.test import override_settings
    from django.test.utils import setup_test_environment

    django.setup()
    setup_test_environment()
    # Only while a test of Django's runs: other tests of this process have default apps of their own.
    set_default_app(None)

    from django_resque.stores import resque as default_resque


#: What migrations fill.
MIGRATED = {"django_content_type", "auth_permission", "django_migrations"}


@pytest.fixture(autouse=True)
def _always_fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages share what they read for a second; a test changes things faster than that."""
    monkeypatch.setattr("django_resque.monitor.source.FRESH_SECONDS", 0.0)


@pytest.fixture(autouse=True)
def _default_app() -> Iterator[None]:
    before = set_default_app(default_resque)
    yield
    set_default_app(before)


@pytest.fixture(scope="session")
def _migrated() -> None:
    for database in connections:
        call_command("migrate", database=database, verbosity=0)


@pytest.fixture
def database(_migrated: None) -> Iterator[None]:
    """The databases of the site, empty of all but what migrations put there."""
    yield
    for alias in connections:
        _empty(connections[alias])


def _empty(connection: BaseDatabaseWrapper) -> None:
    """As `flush` does, which makes all permissions anew, and so takes longer than most tests."""
    with connection.constraint_checks_disabled(), connection.cursor() as cursor:
        for table in set(connection.introspection.table_names()) - MIGRATED:
            cursor.execute(f"DELETE FROM {connection.ops.quote_name(table)}")


@pytest.fixture(params=[pytest.param(kind, id=kind.name) for kind in TYPICAL])
def store(request: pytest.FixtureRequest, fleet: Fleet, tmp_path: Path) -> Iterator[Store]:
    """A store of each kind."""
    kind: Kind = request.param
    made = or_skip(lambda: kind.empty(fleet, tmp_path))
    yield made
    made.come_back()
    made.discard()


@pytest.fixture
def resque(store: Store) -> Iterator[Resque]:
    """The `Resque` of the settings, on a store of each kind."""
    with override_settings(RESQUE_URL=store.url):
        yield default_resque
        default_resque.close()


@pytest.fixture
def file_resque(tmp_path: Path) -> Iterator[Resque]:
    """The `Resque` of the settings, on a file."""
    with override_settings(RESQUE_URL=prepared(tmp_path / "resque.sqlite3")):
        yield default_resque
        default_resque.close()
