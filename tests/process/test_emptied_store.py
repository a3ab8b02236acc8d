"""Somebody empties the store while workers run."""

import pytest
import redis
from harness import Shop, wait_for
from stores import REDIS

from resque_core import Resque


@pytest.mark.parametrize("store_kind", [REDIS[-1]], ids=["redis"])
def test_a_worker_goes_on_when_its_store_was_emptied(shop: Shop, resque: Resque) -> None:
    worker = shop.start()
    (before,) = wait_for(resque.workers, "registration")
    with redis.Redis.from_url(shop.url) as client:
        client.flushdb()
    (after,) = wait_for(resque.workers, "registration under a new id")
    assert after.id != before.id
    assert after.pid == worker.pid
    resque.enqueue_to("shop", "storeroom.pack", 1)
    shop.wait_for_line("packed")
    wait_for(lambda: resque.stats.all() == {"processed": 1}, "its settlement")
