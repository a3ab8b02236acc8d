"""The waker of Redis: one job wakes one worker, tokens have a bound, a lost connection is told."""

import math
from collections.abc import Iterator
from contextlib import ExitStack, closing, suppress
from typing import Any

import pytest
import redis
from redis_space import Space
from servers.server import Server

from resque_core.errors import StorageError
from resque_core.testing.contract.factories import an_entry, numbered
from resque_core.testing.contract.scenes import PATIENCE, join, take, until
from resque_core.testing.contract.waking import hears, listen
from resque_redis import open_storage, storage_of
from resque_redis.lines import ConnectionLine
from resque_redis.waker import LONGEST, RedisWaker

WORKERS = 50


@pytest.fixture
def waker(space: Space) -> Iterator[RedisWaker]:
    waker = space.storage.waker()
    assert isinstance(waker, RedisWaker)
    with closing(waker):
        yield waker


def waiting(space: Space) -> list[Any]:
    """The server's view of the clients that wait on it."""
    return [client for client in space.client.client_list() if "b" in client["flags"]]


def hang_up(space: Space, waker: RedisWaker) -> None:
    """What a server does that is stopped, or that has clients time out."""
    for client in until(lambda: [] if waker.heard() else waiting(space)):
        space.client.client_kill_filter(_id=client["id"])


def test_of_fifty_workers_that_wait_one_job_wakes_one(space: Space) -> None:
    with ExitStack() as opened:
        wakers = [waker for _ in range(WORKERS + 1) if (waker := space.storage.waker())]
        *others, last = wakers
        for waker in wakers:
            opened.callback(waker.close)
            listen(waker, "mail" if waker is not last else "last")
        # Whoever was kept waiting for too long waits anew when it is asked.
        until(lambda: [waker.heard() for waker in wakers] and len(waiting(space)) == WORKERS + 1)
        space.storage.jobs.enqueue([an_entry()])
        woken = until(lambda: [waker for waker in others if waker.heard()])
        # Whom the first job has woken was told before this one was.
        space.storage.jobs.enqueue([an_entry("last")])
        assert hears(last)
        woken += [waker for waker in others if waker.heard()]
        assert len(woken) == 1


def test_a_queue_has_one_token_which_goes_with_its_last_job(space: Space) -> None:
    token = space.key("x:wake:mail")
    for entry in numbered(20):
        space.storage.jobs.enqueue([entry])
    assert space.client.llen(token) == 1
    assert 0 < space.client.ttl(token) <= 3600
    worker = join(space.storage)
    for _ in range(20):
        assert space.client.exists(token)
        space.storage.jobs.complete(take(space.storage, worker))
    assert not space.client.exists(token)


def test_a_token_goes_with_its_queue(space: Space) -> None:
    space.storage.jobs.enqueue(numbered(2))
    space.storage.queues.remove("mail")
    assert not space.client.exists(space.key("x:wake:mail"))


def test_rubys_keys_are_what_they_would_be_without_tokens(space: Space, waker: RedisWaker) -> None:
    listen(waker)
    space.storage.jobs.enqueue([an_entry()])
    assert hears(waker)
    assert sorted(space.keys()) == ["queue:mail", "queues"]


def test_what_ruby_enqueues_has_no_token(space: Space) -> None:
    """It is found by looking."""
    space.push("mail", b'{"class":"Mail","args":[]}')
    assert not space.client.exists(space.key("x:wake:mail"))
    take(space.storage, join(space.storage))


def test_the_wait_in_the_server_ends_before_the_worker_looks(waker: RedisWaker) -> None:
    waker.listen(["mail"], 1.2)
    assert waker.fileno() >= 0
    until(lambda: waker.heard() or waker.fileno() == -1)
    assert math.isinf(waker.left())


def test_who_looks_again_within_a_second_does_not_wait_in_the_server(space: Space, waker: RedisWaker) -> None:
    waker.listen(["mail"], 0.9)
    assert waker.fileno() == -1
    assert not waker.heard()
    assert waiting(space) == []


@pytest.mark.parametrize("timeout", [0.5, 60.0])
def test_the_sockets_timeout_is_longer_than_any_wait(redis_server: Server, timeout: float) -> None:
    storage = open_storage(f"{redis_server.url}?socket_timeout={timeout}", "resque")
    with closing(storage), closing(storage.waker() or pytest.fail("no waker")) as waker:
        listen(waker)
        assert isinstance(waker, RedisWaker)
        assert isinstance(waker._line, ConnectionLine)
        assert waker._line._connection.socket_timeout >= max(timeout, LONGEST + 1)


def test_a_limit_of_connections_is_not_touched(redis_server: Server) -> None:
    storage = open_storage(f"{redis_server.url}?max_connections=1", "limited")
    with closing(storage), closing(storage.waker() or pytest.fail("no waker")) as waker:
        listen(waker)
        storage.jobs.enqueue([an_entry()])
        assert hears(waker)
        storage.queues.remove("mail")


def test_who_was_hung_up_on_while_it_waited_is_told(space: Space, waker: RedisWaker) -> None:
    listen(waker)
    hang_up(space, waker)
    with pytest.raises(StorageError):
        hears(waker)
    waker.close()
    listen(waker)
    space.storage.jobs.enqueue([an_entry()])
    assert hears(waker)


def test_who_was_hung_up_on_between_two_waits_does_not_notice(space: Space, waker: RedisWaker) -> None:
    space.storage.jobs.enqueue([an_entry()])
    listen(waker)
    assert hears(waker)
    for client in space.client.client_list(_type="normal"):
        with suppress(redis.ResponseError):
            space.client.client_kill_filter(_id=client["id"], skipme=True)
    listen(waker)
    space.storage.jobs.enqueue([an_entry()])
    assert hears(waker)


def test_a_key_that_holds_something_else_is_told_and_set_aside_by_the_next_job(
    space: Space, waker: RedisWaker
) -> None:
    space.client.set(space.key("x:wake:mail"), "what?")
    listen(waker)
    with pytest.raises(StorageError):
        hears(waker)
    waker.close()
    space.storage.jobs.enqueue([an_entry()])
    listen(waker)
    assert hears(waker)


def test_a_server_that_keeps_silent_is_given_up(waker: RedisWaker) -> None:
    listen(waker)
    waker._due = 0.0
    assert waker.left() == 0.0
    with pytest.raises(StorageError, match="overdue"):
        waker.heard()


def test_who_brings_an_open_client_polls(redis_server: Server) -> None:
    with redis.Redis(port=redis_server.port) as client:
        assert storage_of(client).waker() is None


def test_the_wait_has_a_bound_whatever_the_interval(waker: RedisWaker) -> None:
    waker.listen(["mail"], 10 * PATIENCE)
    assert waker.left() <= LONGEST + 2
