"""What the contract suite needs to know of this backend."""

from pathlib import Path

import pytest
from hypothesis import settings


@pytest.fixture
def storage_url(tmp_path: Path) -> str:
    """The URL of a new and empty store."""
    return f"toy://{tmp_path}/store"


@pytest.fixture
def unreachable_url() -> str:
    """A URL behind which no store can be."""
    return "toy:///dev/null/store"


@pytest.fixture
def contention_jobs() -> int:
    """Fewer than by default: every step of the toy reads and writes the whole state."""
    return 200


@pytest.fixture
def kills() -> int:
    """Fewer than by default: each step is one `rename`, and there is little between two of them."""
    return 3


@pytest.fixture
def conservation_settings() -> settings:
    """Fewer lives than by default, for the same reason."""
    return settings(max_examples=30, stateful_step_count=30, print_blob=True)
