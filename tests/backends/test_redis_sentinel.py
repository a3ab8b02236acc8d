"""A real sentinel: it names the primary, and after a failover the other one."""

import time
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import redis
from servers.binaries import Binary, redis_binaries
from servers.fleet import Fleet
from servers.redis_program import RedisProgram
from servers.server import Server

from resque_core.errors import StorageError
from resque_core.storage import Storage
from resque_core.testing.contract.factories import an_entry, numbered
from resque_core.testing.contract.scenes import PATIENCE, ids
from resque_core.testing.contract.waking import hears
from resque_redis import open_storage, storage_of

StartRedis = Callable[..., Server]


@dataclass(frozen=True)
class SentinelProgram:
    """One sentinel, which alone decides about the service `jobs`."""

    binary: Binary
    primary: int
    more: tuple[str, ...]

    @property
    def version(self) -> str:
        return self.binary.version

    def command(self, port: int, folder: Path) -> list[str]:
        lines = (
            *(f"port {port}", "bind 127.0.0.1", f"dir {folder}", f"logfile {folder}/log"),
            f"sentinel monitor jobs 127.0.0.1 {self.primary} 1",
            "sentinel down-after-milliseconds jobs 500",
            "sentinel failover-timeout jobs 5000",
            *self.more,
        )
        config = folder / "sentinel.conf"
        config.write_text("\n".join(lines) + "\n")
        return [str(self.binary.path), str(config), "--sentinel"]

    answers = RedisProgram.answers
    url = RedisProgram.url


StartSentinel = Callable[..., Server]


@pytest.fixture
def start_sentinel(fleet: Fleet) -> Iterator[StartSentinel]:
    """Starts a sentinel for a primary: `start_sentinel(primary, "requirepass x")`."""
    started: list[Server] = []

    def start(primary: Server, *more: str) -> Server:
        # Its being there was found out when the primary was started.
        started.append(fleet.start(SentinelProgram(redis_binaries()[-1], primary.port, more)))
        return started[-1]

    yield start
    for server in started:
        server.close()


def enqueued(storage: Storage, seconds: float = 30) -> int:
    """Enqueue a job as soon as somebody takes it."""
    limit = time.monotonic() + seconds
    while time.monotonic() < limit:
        with suppress(StorageError):
            return storage.jobs.enqueue([an_entry()])
        time.sleep(0.05)
    raise AssertionError("nobody took it")


@pytest.mark.parametrize("end", ["kill", "failover"])
def test_the_storage_follows_a_failover(
    start_redis: StartRedis, start_sentinel: StartSentinel, end: str
) -> None:
    primary = start_redis()
    replica = start_redis("--replicaof", "127.0.0.1", str(primary.port))
    sentinel = start_sentinel(primary)
    with closing(open_storage(f"redis+sentinel://127.0.0.1:{sentinel.port}/jobs/0", "resque")) as storage:
        storage.prepare()
        assert storage.location == f"redis+sentinel://127.0.0.1:{sentinel.port}/jobs/0"
        storage.jobs.enqueue(numbered(2))
        with redis.Redis(port=primary.port) as client:
            assert client.wait(1, 10_000) == 1
        wait_until_known(sentinel, 1)
        waker = storage.waker()
        assert waker
        waker.listen(["images"], PATIENCE)
        if end == "kill":
            primary.kill()
        else:
            ask_for_failover(sentinel)
        wait_until_primary(replica)
        assert enqueued(storage) == 1
        assert ids(storage)[:2] == ["0", "1"]
        assert len(ids(storage)) == 3
        with closing(waker):
            with suppress(StorageError):
                waker.heard()
            waker.close()
            waker.listen(["mail"], PATIENCE)
            assert hears(waker)


def ask_for_failover(sentinel: Server) -> None:
    """As soon as the sentinel finds the replica good enough."""
    limit = time.monotonic() + 30
    with redis.Redis(port=sentinel.port) as asked:
        while time.monotonic() < limit:
            with suppress(redis.ResponseError):
                asked.execute_command("SENTINEL FAILOVER", "jobs")
                return
            time.sleep(0.05)
    raise AssertionError("no failover")


def wait_until_known(sentinel: Server, replicas: int) -> None:
    limit = time.monotonic() + 30
    with redis.Redis(port=sentinel.port, decode_responses=True) as asked:
        while asked.info("sentinel")["master0"]["slaves"] < replicas:
            assert time.monotonic() < limit
            time.sleep(0.05)


def wait_until_primary(server: Server) -> None:
    limit = time.monotonic() + 30
    with redis.Redis(port=server.port) as client:
        while client.info("replication")["role"] != "master":
            assert time.monotonic() < limit
            time.sleep(0.05)


def test_a_service_that_no_sentinel_knows_is_said(
    start_redis: StartRedis, start_sentinel: StartSentinel
) -> None:
    sentinel = start_sentinel(start_redis())
    storage = open_storage(f"redis+sentinel://127.0.0.1:{sentinel.port}/mails", "resque")
    with closing(storage), pytest.raises(StorageError, match="none knows this service"):
        storage.prepare()


def test_a_server_that_is_no_sentinel_is_said(redis_server: Server) -> None:
    storage = open_storage(f"redis+sentinel://127.0.0.1:{redis_server.port}/jobs", "resque")
    with closing(storage), pytest.raises(StorageError, match=r"No sentinel answers there.*redis://"):
        storage.queues.all()


def test_the_sentinels_have_a_password_of_their_own(
    start_redis: StartRedis, start_sentinel: StartSentinel
) -> None:
    primary = start_redis("--requirepass", "jobs-pw")
    more = ("sentinel auth-pass jobs jobs-pw", "requirepass sentinel-pw")
    sentinel = start_sentinel(primary, *more)
    place = f"127.0.0.1:{sentinel.port}/jobs"
    url = f"redis+sentinel://:jobs-pw@{place}?sentinel_password=sentinel-pw"
    with closing(open_storage(url, "resque")) as storage:
        storage.prepare()
        assert storage.jobs.enqueue(numbered(1)) == 1
        assert "pw" not in f"{storage!r} {storage.location} {storage.server_info()}"
    wrong = open_storage(f"redis+sentinel://:jobs-pw@{place}?sentinel_password=wr0ng", "resque")
    with closing(wrong), pytest.raises(StorageError) as refused:
        wrong.prepare()
    assert "wr0ng" not in str(refused.value)


def test_an_open_client_of_sentinels_is_used(start_redis: StartRedis, start_sentinel: StartSentinel) -> None:
    sentinel = start_sentinel(start_redis())
    sentinel_class: Any = redis.Sentinel
    manager = sentinel_class([("127.0.0.1", sentinel.port)])
    with manager.master_for("jobs") as client:
        storage = storage_of(client)
        assert storage.jobs.enqueue(numbered(1)) == 1
        assert storage.location == f"redis+sentinel://127.0.0.1:{sentinel.port}/jobs/0"
