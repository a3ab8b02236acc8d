"""The stores that the contract suite is run against: see `stores.py`."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from servers.fleet import Fleet
from servers.wanted import or_skip
from stores import KINDS, Kind


@pytest.fixture(params=[pytest.param(kind, id=kind.name) for kind in KINDS])
def kind(request: pytest.FixtureRequest) -> Kind:
    """One of them after the other."""
    kind: Kind = request.param
    return kind


@pytest.fixture
def storage_url(kind: Kind, fleet: Fleet, tmp_path: Path) -> Iterator[str]:
    """The URL of a new and empty store."""
    store = or_skip(lambda: kind.new(fleet, tmp_path))
    yield store.url
    store.discard()


@pytest.fixture
def quick_storage_url(kind: Kind, storage_url: str) -> str:
    """The same, for the state machine."""
    return storage_url + kind.quick


@pytest.fixture
def unreachable_url(kind: Kind) -> str:
    """A URL behind which there is no store."""
    return kind.unreachable
