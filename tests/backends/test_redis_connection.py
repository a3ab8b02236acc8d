"""`resque.connection` on Redis: the driver's client, within the namespace."""

import pytest
from redis_space import Space

from resque_core import Resque
from resque_core.errors import StorageError


def test_every_key_of_a_command_gets_the_namespace(space: Space) -> None:
    connection = space.storage.connection
    connection.set("a", "1")
    connection.mset({"b": "2", "c": "3"})
    connection.rpush("list", "x", "y")
    connection.rename("c", "d")
    connection.hset("hash", mapping={"a": "b"})
    assert connection.mget("a", "b", "d") == [b"1", b"2", b"3"]
    assert connection.eval("return redis.call('GET', KEYS[1])", 1, "a") == b"1"
    assert connection.object("encoding", "list")
    assert connection.delete("b", "d") == 2
    assert space.keys() == {"a": b"1", "hash": {b"a": b"b"}, "list": [b"x", b"y"]}


def test_commands_without_keys_are_sent_as_they_are(space: Space) -> None:
    connection = space.storage.connection
    assert connection.ping()
    assert connection.time()[0] > 0
    assert connection.config_get("maxmemory")


def test_names_are_found_without_the_namespace_and_no_others(space: Space) -> None:
    space.client.set("another:a", "1")
    connection = space.storage.connection
    for name in ("a1", "a2", "b1"):
        connection.set(name, "x")
    assert sorted(connection.keys()) == [b"a1", b"a2", b"b1"]
    assert sorted(connection.keys("a*")) == sorted(connection.scan_iter("a*")) == [b"a1", b"a2"]
    assert sorted(connection.scan_iter()) == [b"a1", b"a2", b"b1"]
    space.client.delete("another:a")


def test_what_would_reach_beyond_the_namespace_is_refused(space: Space) -> None:
    with pytest.raises(StorageError, match=r"FLUSHDB would reach beyond.*connection\.client"):
        space.storage.connection.flushdb()


def test_the_plain_client_is_there_for_the_rest(space: Space) -> None:
    with space.storage.connection.client.pipeline() as pipeline:
        pipeline.set(space.key("p"), "1").get(space.key("p"))
        assert pipeline.execute() == [True, b"1"]


def test_a_resque_has_the_connection_of_its_store(space: Space) -> None:
    with Resque(space.url, namespace=space.namespace) as resque:
        resque.stats.increment("mails", 3)
        assert resque.connection.get("stat:mails") == b"3"


def test_a_server_that_is_gone_is_an_error_of_ours() -> None:
    with Resque("redis://127.0.0.1:1/0") as resque, pytest.raises(StorageError, match=r"127\.0\.0\.1:1"):
        _ = resque.connection.get("a")
