"""A client whose clock is wrong does no harm: leases are judged by the server's."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from servers.fleet import Fleet
from servers.wanted import or_skip
from stores import MONGO, REDIS, Kind

from resque_core.storage import Storage
from resque_core.testing.contract.scenes import find_lapsed, find_worker, join, until

HOUR = 3600.0
KINDS = [pytest.param(REDIS[-1], id="redis"), pytest.param(MONGO[0], id="mongo")]


@pytest.fixture(params=KINDS)
def storage(request: pytest.FixtureRequest, fleet: Fleet, tmp_path: Path) -> Iterator[Storage]:
    kind: Kind = request.param
    store = or_skip(lambda: kind.new(fleet, tmp_path))
    storage = kind.open(store.url, "resque")
    yield storage
    storage.close()
    store.discard()


@pytest.mark.parametrize("wrong_by", [HOUR, -HOUR])
def test_a_wrong_clock_neither_ends_a_lease_nor_keeps_it(
    storage: Storage, monkeypatch: pytest.MonkeyPatch, wrong_by: float
) -> None:
    alive, dead = join(storage), join(storage)
    right = time.time
    monkeypatch.setattr(time, "time", lambda: right() + wrong_by)
    storage.workers.beat(alive, 60.0)
    storage.workers.beat(dead, 0.0)
    until(lambda: find_lapsed(storage, dead))
    assert find_lapsed(storage, alive) is None
    seen = find_worker(storage, alive)
    assert seen
    assert 0 < seen.lease_left <= 60.0
