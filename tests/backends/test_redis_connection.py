"""`resque.connection` on Redis: the driver's client, within the namespace."""

from typing import Any

import pytest
import redis
from redis_space import Space

from resque_core import Resque
from resque_core.errors import StorageError
from resque_core.testing.contract.factories import numbered


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


def test_an_answer_that_nobody_read_is_not_taken_for_the_next_one(
    space: Space, monkeypatch: pytest.MonkeyPatch
) -> None:
    space.storage.jobs.enqueue(numbered(2))
    read = redis.Connection.read_response

    def be_interrupted(*_: Any, **__: Any) -> Any:
        raise KeyboardInterrupt

    monkeypatch.setattr(redis.Connection, "read_response", be_interrupted)
    with pytest.raises(KeyboardInterrupt):
        space.storage.queues.peek("mail")
    monkeypatch.setattr(redis.Connection, "read_response", read)
    assert space.storage.queues.size("mail") == 2


def test_a_connection_that_was_closed_meanwhile_is_made_anew(space: Space) -> None:
    space.storage.jobs.enqueue(numbered(3))
    own = space.storage.connection.client_id()
    assert space.storage.queues.size("mail") == 3
    assert space.client.execute_command("CLIENT", "KILL", "ID", own)
    for _ in range(3):
        assert space.storage.queues.size("mail") == 3


def test_calls_one_after_the_other_go_over_one_connection(space: Space) -> None:
    space.storage.jobs.enqueue(numbered(1))
    before = space.client.info("stats")["total_connections_received"]
    for _ in range(20):
        assert space.storage.queues.size("mail") == 1
    assert space.client.info("stats")["total_connections_received"] <= before + 1
