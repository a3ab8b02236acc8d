"""What tests of the work loop share."""

import pytest
from watched_jobs import Watched

from resque_core import Resque


@pytest.fixture
def watched(resque: Resque, monkeypatch: pytest.MonkeyPatch) -> Watched:
    """What is asked of the jobs of the test's own `resque`."""
    watched = Watched(resque.storage.jobs)
    monkeypatch.setattr(resque.storage, "jobs", watched)
    return watched
