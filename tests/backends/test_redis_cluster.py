"""A real cluster of three shards: every step finds its keys on one of them."""

import time
from collections.abc import Callable
from contextlib import closing, suppress
from typing import Any
from uuid import uuid4

import pytest
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry
from servers.server import Server

from resque_core.errors import IncompatibleStoreError, SettingsError, StorageError
from resque_core.failure import FailureFilter
from resque_core.records import Reservation, Spell, Verdict
from resque_core.storage import Storage
from resque_core.testing.contract.factories import a_failure, an_entry, numbered
from resque_core.testing.contract.scenes import PATIENCE, bury, counted, hold, ids, join, let_lapse, take
from resque_core.testing.contract.waking import hears
from resque_redis import open_storage, storage_of

SLOTS = 16_384
SHARDS = 3


@pytest.fixture
def cluster(start_redis: Callable[..., Server]) -> list[Server]:
    """Three servers that have met and share the slots."""
    servers = [start_node(start_redis) for _ in range(SHARDS)]
    nodes: list[Any] = [redis.Redis(port=server.port) for server in servers]
    for number, node in enumerate(nodes):
        first, last = SLOTS * number // SHARDS, SLOTS * (number + 1) // SHARDS
        node.execute_command("CLUSTER", "ADDSLOTS", *range(first, last))
        node.execute_command("CLUSTER", "SET-CONFIG-EPOCH", number + 1)
    for node in nodes[1:]:
        node.execute_command("CLUSTER", "MEET", "127.0.0.1", servers[0].port)
    limit = time.monotonic() + 30
    while not all(is_whole(node) for node in nodes):
        assert time.monotonic() < limit
        time.sleep(0.05)
    for node in nodes:
        node.close()
    return servers


def start_node(start_redis: Callable[..., Server]) -> Server:
    """A node; its bus takes the port 10,000 above, which somebody else may have."""
    for _ in range(5):
        with suppress(RuntimeError):
            return start_redis("--cluster-enabled", "yes")
    raise AssertionError("no node started")


def is_whole(node: Any) -> bool:
    state = node.execute_command("CLUSTER INFO")
    return bool(state["cluster_state"] == "ok" and len(node.execute_command("CLUSTER SLOTS")) == SHARDS)


def url_of(servers: list[Server]) -> str:
    return "redis+cluster://" + ",".join(f"127.0.0.1:{server.port}" for server in servers)


def test_every_step_works_whichever_shard_has_the_namespace(cluster: list[Server]) -> None:
    for _ in range(6):
        with closing(open_storage(url_of(cluster), f"{{{uuid4().hex}}}")) as storage:
            storage.prepare()
            storage.jobs.enqueue([*numbered(5), an_entry("images")])
            worker = join(storage)
            storage.jobs.complete(take(storage, worker))
            storage.jobs.release(take(storage, worker))
            held = hold(storage)
            storage.workers.sweep(let_lapse(storage, held.worker), Verdict())
            failure = bury(storage)
            assert storage.failures.requeue({failure.id: None}, keep=True)
            assert storage.failures.clear(FailureFilter(retried=True)) == 1
            storage.queues.pause("mail")
            assert [info.name for info in storage.queues.all() if info.paused] == ["mail"]
            assert storage.queues.dequeue("mail", lambda payload: payload == b"job 4") == 1
            assert len(ids(storage)) == 5
            assert storage.workers.beat(worker, 60).alive
            assert counted(storage) == (2, 1)
            assert storage.server_info().details["redis_mode"] == "cluster"


def test_bundles_come_are_done_and_go_back_on_a_cluster(cluster: list[Server]) -> None:
    entries = [an_entry(id=f"job{number}", payload=b'{"id":"job%d"}' % number) for number in range(7)]
    with closing(open_storage(url_of(cluster), f"{{{uuid4().hex}}}")) as storage:
        storage.jobs.enqueue(entries)
        worker = join(storage)
        held = storage.jobs.reserve(["mail"], worker, "1", most=3)
        assert isinstance(held, Reservation)
        spells = [Spell(entry.id, 0.0, 0.001) for entry in (held.entry, *held.bundle)]
        following = storage.jobs.complete_and_reserve(held, ["mail"], "2", spells=spells, most=3)
        assert isinstance(following, Reservation)
        assert isinstance(storage.jobs.narrow(following, [], "job4", "3"), Reservation)
        storage.workers.sweep(let_lapse(storage, worker), Verdict())
        assert ids(storage) == ["job4", "job3", "job5", "job6"]
        assert counted(storage) == (3, 0)


def test_a_worker_is_woken_whichever_shard_has_the_namespace(cluster: list[Server]) -> None:
    for _ in range(6):
        with closing(open_storage(url_of(cluster), f"{{{uuid4().hex}}}")) as storage:
            waker = storage.waker()
            assert waker
            waker.listen(["images", "mail"], PATIENCE, discover=True)
            storage.jobs.enqueue(numbered(1))
            assert hears(waker)
            waker.close()


def test_the_keys_of_a_namespace_are_on_one_shard(cluster: list[Server]) -> None:
    with closing(open_storage(url_of(cluster), "{one}")) as storage:
        held = hold(storage)
        storage.jobs.fail(held, a_failure(held))
    sizes = []
    for server in cluster:
        with redis.Redis(port=server.port) as node:
            sizes.append(node.dbsize())
    assert sorted(sizes)[:2] == [0, 0]
    assert max(sizes) > 5


def test_one_node_is_enough_to_find_the_others(cluster: list[Server]) -> None:
    for number, server in enumerate(cluster):
        with closing(open_storage(url_of([server]), "{one}")) as storage:
            assert storage.location == f"redis+cluster://127.0.0.1:{server.port}"
            assert storage.jobs.enqueue(numbered(1, start=number)) == 1


def test_a_node_that_is_taken_for_a_server_is_refused(cluster: list[Server]) -> None:
    storage = open_storage(cluster[0].url, "{one}")
    with closing(storage), pytest.raises(IncompatibleStoreError, match="write redis\\+cluster://"):
        storage.prepare()


def test_an_open_client_of_a_cluster_is_used_and_left_open(cluster: list[Server]) -> None:
    client = redis.RedisCluster("127.0.0.1", cluster[0].port, retry=Retry(NoBackoff(), 0))
    storage = storage_of(client, "{one}")
    assert storage.jobs.enqueue(numbered(2)) == 2
    storage.close()
    assert client.llen("{one}:queue:mail") == 2
    assert storage.location.startswith("redis+cluster://127.0.0.1:")
    with pytest.raises(SettingsError, match="in braces"):
        storage_of(client, "one")
    client.close()
    decoding = redis.RedisCluster("127.0.0.1", cluster[0].port, decode_responses=True)
    with pytest.raises(SettingsError, match="without decode_responses"):
        storage_of(decoding, "{one}")
    decoding.close()


def test_a_dead_shard_is_an_error_and_a_revived_one_goes_on(cluster: list[Server]) -> None:
    with closing(open_storage(url_of(cluster), "{one}")) as storage:
        storage.jobs.enqueue(numbered(1))
        for server in cluster:
            server.kill()
        with pytest.raises(StorageError) as refused:
            storage.queues.all()
        assert refused.value.__cause__ is not None
        for server in cluster:
            server.start()
        limit = time.monotonic() + 30
        while not is_back(storage):
            assert time.monotonic() < limit
            time.sleep(0.05)
        assert ids(storage) == ["0"]


def is_back(storage: Storage) -> bool:
    try:
        return bool(storage.queues.all())
    except StorageError:
        return False
