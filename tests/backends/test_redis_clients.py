"""Clients that a program has open, processes that fork, and a Python without the driver."""

import os
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from functools import partial

import pytest
import redis
from redis.asyncio import Redis as AsyncRedis
from redis_space import Space

from resque_core import Resque, Worker
from resque_core.errors import SettingsError, WorkerError
from resque_core.testing.contract.factories import an_entry, numbered
from resque_core.testing.contract.scenes import hold, ids, join, take
from resque_redis import open_storage, storage_of


def test_an_open_client_is_used_and_left_open(space: Space) -> None:
    with redis.Redis.from_url(space.url) as client:
        connection = client.client_id()
        storage = storage_of(client, space.namespace)
        assert storage.location == space.url
        assert storage.jobs.enqueue(numbered(1)) == 1
        storage.close()
        assert client.client_id() == connection
        assert client.llen(space.key("queue:mail")) == 1
        assert ids(storage) == ["0"]


def test_a_resque_works_on_an_open_client(space: Space) -> None:
    with redis.Redis.from_url(space.url) as client:
        client.ping()
        with Resque(partial(storage_of, client), namespace=space.namespace) as resque:
            assert resque.enqueue_to("mail", "Mailer", 1)
            assert resque.location == space.url
            assert resque.info()["store"] == "redis"
        assert client.llen(space.key("queue:mail")) == 1


def test_a_worker_that_forks_wants_a_url_and_no_open_client(space: Space) -> None:
    with redis.Redis.from_url(space.url) as client:
        resque = Resque(partial(storage_of, client), namespace=space.namespace)
        with pytest.raises(WorkerError, match="cannot cross a fork"):
            Worker(resque, "mail", burst=True).work()
        assert Worker(resque, "mail", burst=True, fork=False).work() == 0


def test_a_client_that_decodes_gives_the_same_bytes(space: Space) -> None:
    with redis.Redis.from_url(space.url, decode_responses=True) as client:
        storage = storage_of(client, space.namespace)
        entry = an_entry(payload=b"\xff\xfe")
        held = hold(storage, entry)
        assert held.entry == entry
        assert storage.server_info().server.startswith("redis ")
        assert storage.jobs.complete(held)


def test_a_client_with_a_password_shows_none(space: Space) -> None:
    with redis.Redis(port=1, password="s3cret", db=3) as client:
        assert storage_of(client).location == "redis://localhost:1/3"
    with redis.Redis(unix_socket_path="/run/x.sock", password="s3cret") as client:
        assert storage_of(client).location == "unix:///run/x.sock"


@pytest.mark.parametrize("thing", ["redis://host", None, object(), redis.ConnectionPool(), AsyncRedis()])
def test_what_is_no_client_is_refused(thing: object) -> None:
    with pytest.raises(SettingsError, match=r"give a redis\.Redis or a RedisCluster"):
        storage_of(thing)  # type: ignore[arg-type]


def in_child(act: Callable[[], None]) -> int:
    """Fork, do it in the child; its exit status."""
    child = os.fork()
    if child == 0:
        try:
            act()
        except BaseException:
            os._exit(1)
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def connections_of(space: Space, name: str) -> set[str]:
    return {client["id"] for client in space.client.client_list() if client["name"] == name}


def test_a_child_has_connections_of_its_own(space: Space) -> None:
    with closing(open_storage(f"{space.url}?client_name=forking", space.namespace)) as storage:
        storage.jobs.enqueue(numbered(3))
        before = connections_of(space, "forking")

        def act() -> None:
            assert ids(storage) == ["0", "1", "2"]
            assert len(connections_of(space, "forking") - before) == 1
            storage.close()
            assert storage.jobs.complete(take(storage, join(storage)))

        assert in_child(act) == 0
        assert ids(storage) == ["1", "2"]
        assert connections_of(space, "forking") == before


def test_parent_and_child_work_at_the_same_time(space: Space) -> None:
    storage = space.storage
    storage.jobs.enqueue(numbered(200))
    workers = [join(storage), join(storage)]

    def work(worker: str) -> None:
        for _ in range(100):
            assert storage.jobs.complete(take(storage, worker))

    child = os.fork()
    if child == 0:
        try:
            work(workers[0])
        except BaseException:
            os._exit(1)
        os._exit(0)
    work(workers[1])
    assert os.waitpid(child, 0)[1] == 0
    assert storage.stats.all() == {"processed": 200}


def test_an_open_client_may_be_used_in_a_child(space: Space) -> None:
    with redis.Redis.from_url(space.url) as client:
        storage = storage_of(client, space.namespace)
        storage.jobs.enqueue(numbered(2))

        def act() -> None:
            assert ids(storage) == ["0", "1"]

        assert in_child(act) == 0
        assert ids(storage) == ["0", "1"]


WITHOUT_DRIVER = """
import sys
sys.modules["redis"] = None
from resque_redis import open_storage, storage_of
from resque_core.errors import StorageError
try:
    open_storage("redis://host", "resque")
except StorageError as error:
    print(error)
"""


def test_without_the_driver_a_url_says_what_to_install() -> None:
    said = subprocess.run([sys.executable, "-c", WITHOUT_DRIVER], capture_output=True, text=True, check=True)
    assert 'pip install "resque-core[redis]"' in said.stdout
