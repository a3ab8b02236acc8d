"""Fixtures of the process tests: those marked `every_store` run on each kind, the others on SQLite.

On servers most of them run in `make soak` alone; `every_store(always=True)`: in `make test`, too.
"""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from servers.fleet import Fleet
from servers.wanted import or_skip
from stores import SQLITE, TYPICAL, Kind, Store

from resque_core import Resque

sys.path.insert(0, str(Path(__file__).parent))

from harness import Shop


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Choose the stores of a test that has one, and does not choose itself."""
    chosen = [mark.args[0] for mark in metafunc.definition.iter_markers("parametrize")]
    if "store_kind" in metafunc.fixturenames and "store_kind" not in chosen:
        everywhere = metafunc.definition.get_closest_marker("every_store")
        kinds = TYPICAL if everywhere else [SQLITE]
        metafunc.parametrize("store_kind", kinds, ids=[kind.name for kind in kinds])


@pytest.fixture
def store(store_kind: Kind, fleet: Fleet, tmp_path: Path) -> Iterator[Store]:
    store = or_skip(lambda: store_kind.empty(fleet, tmp_path))
    yield store
    store.come_back()
    store.discard()


@pytest.fixture
def shop(tmp_path: Path, store: Store) -> Iterator[Shop]:
    shop = Shop(tmp_path, store)
    yield shop
    store.come_back()
    shop.close()


@pytest.fixture
def resque(shop: Shop) -> Iterator[Resque]:
    with Resque(shop.url) as resque:
        yield resque
