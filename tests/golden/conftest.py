"""A scene for each test, on a Redis server that the golden tests have to themselves."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from golden.scene import Scene
from servers.fleet import Fleet, redis_program
from servers.server import Server
from servers.wanted import or_skip


@pytest.fixture(scope="session")
def golden_server(fleet: Fleet) -> Server:
    """Its databases are emptied by every test."""
    return fleet.start(or_skip(redis_program))


@pytest.fixture
def scene(golden_server: Server, tmp_path: Path) -> Iterator[Scene]:
    """An empty database, and whatever it takes to fill it."""
    scene = Scene(golden_server.url, tmp_path)
    yield scene
    scene.close()
    assert scene.compared
