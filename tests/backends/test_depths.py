"""The depths of queues are kept for a day and no longer, whatever else was put where they are."""

from collections.abc import Callable

from mongo_spy import Spied
from redis_space import Space

from resque_core.depths import KEPT_DEPTHS, MINUTE
from resque_core.storage import Storage
from resque_core.testing.contract.factories import numbered
from resque_sqlite.storage import SqliteStorage

Shell = Callable[..., list[tuple[object, ...]]]


def test_redis_keeps_a_day_of_them(space: Space) -> None:
    space.storage.jobs.enqueue(numbered(2))
    old = [b"[%d,1]" % (MINUTE * number) for number in range(KEPT_DEPTHS)]
    space.client.rpush(space.key("x:depths"), *old, b"junk", b"[]", b'[1,"x"]', b"[1e999,1]")
    space.storage.queues.sample()
    assert space.client.llen(space.key("x:depths")) == KEPT_DEPTHS
    assert [seen.total for seen in space.storage.queues.samples(KEPT_DEPTHS)] == [2]


def test_sqlite_keeps_a_day_of_them(storage: SqliteStorage, shell: Shell) -> None:
    storage.jobs.enqueue(numbered(2))
    shell(*(f"INSERT INTO depths VALUES ('test', {number * MINUTE}, 1, '{{}}')" for number in range(9)))
    storage.queues.sample()
    assert shell("SELECT COUNT(*) FROM depths") == [(1,)]
    shell("UPDATE depths SET queues = 'junk'")
    assert [(seen.total, dict(seen.queues)) for seen in storage.queues.samples(2)] == [(2, {})]


def test_mongodb_deletes_what_is_a_day_old(mongo: Storage, spied: Spied, namespace: str) -> None:
    depths = spied.database["resque_depths"]
    (index,) = [it for it in depths.index_information().values() if "expireAfterSeconds" in it]
    assert (index["key"], index["expireAfterSeconds"]) == ([("start", 1)], KEPT_DEPTHS * MINUTE)
    mongo.queues.sample()
    depths.update_many({"ns": namespace}, {"$set": {"queues": "junk", "total": "junk"}})
    assert [(seen.total, dict(seen.queues)) for seen in mongo.queues.samples(2)] == [(0, {})]
