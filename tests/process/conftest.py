"""Fixtures of the process tests."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from resque_core import Resque

sys.path.insert(0, str(Path(__file__).parent))

from harness import Shop


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    shop = Shop(tmp_path)
    yield shop
    shop.close()


@pytest.fixture
def resque(shop: Shop) -> Iterator[Resque]:
    with Resque(shop.url) as resque:
        yield resque
