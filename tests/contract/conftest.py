"""The stores that the contract suite is run against. A new backend is one more entry in `BACKENDS`."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest


@dataclass(frozen=True)
class Backend:
    """How to have a store of one kind."""

    name: str
    #: The URL of a new and empty store, given a folder of the test's own.
    new: Callable[[Path], str]
    #: What to add for a store that need not survive a power failure.
    quick: str
    #: A URL behind which no store can be.
    unreachable: str


BACKENDS = [
    Backend(
        name="sqlite",
        new=lambda folder: f"sqlite:///{folder}/store.sqlite3",
        quick="?synchronous=off",
        unreachable="sqlite:////dev/null/store.sqlite3",
    ),
]


@pytest.fixture(params=[pytest.param(backend, id=backend.name) for backend in BACKENDS])
def backend(request: pytest.FixtureRequest) -> Backend:
    """One of them after the other."""
    backend: Backend = request.param
    return backend


@pytest.fixture
def storage_url(backend: Backend, tmp_path: Path) -> str:
    """The URL of a new and empty store."""
    return backend.new(tmp_path)


@pytest.fixture
def quick_storage_url(backend: Backend, storage_url: str) -> str:
    """The same, for the state machine."""
    return storage_url + backend.quick


@pytest.fixture
def unreachable_url(backend: Backend) -> str:
    """A URL behind which there is no store."""
    return backend.unreachable
