"""What every test gets: an environment in which nobody's real store is named."""

from uuid import uuid4

import pytest

FROM_OUTSIDE = (
    *("RESQUE_URL", "REDIS_URL", "MONGODB_URI", "RESQUE_NAMESPACE"),
    *("RESQUE_ENV", "RAILS_ENV", "RACK_ENV"),
    *("QUEUE", "QUEUES", "INTERVAL", "COUNT", "PIDFILE"),
)


@pytest.fixture(autouse=True)
def _no_real_store(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Unset what the environment says about stores, and give each test an embedded one of its own."""
    for name in FROM_OUTSIDE:
        monkeypatch.delenv(name, raising=False)
    # A name only: making a folder for each of some thousand tests would take longer than most of them.
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path_factory.getbasetemp() / uuid4().hex / "state"))
