"""Fixtures of the fault tests: a store of each backend."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from servers.fleet import Fleet
from servers.wanted import or_skip
from stores import TYPICAL, Kind, Store


@pytest.fixture(params=[pytest.param(kind, id=kind.name) for kind in TYPICAL])
def store(request: pytest.FixtureRequest, fleet: Fleet, tmp_path: Path) -> Iterator[Store]:
    """A new and empty store, of one backend after the other."""
    kind: Kind = request.param
    store = or_skip(lambda: kind.empty(fleet, tmp_path))
    yield store
    store.discard()
