"""Servers as operators run them: restarted, with passwords and users, on sockets, with TLS, too old."""

import logging
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
import redis
from redis_space import Space
from servers.server import Server

from resque_core.errors import IncompatibleStoreError, StorageError
from resque_core.testing.contract.factories import an_entry, numbered
from resque_core.testing.contract.scenes import hold, ids, join, snapshot, take
from resque_redis import open_storage

StartRedis = Callable[..., Server]


def test_everything_is_there_after_a_restart(start_redis: StartRedis) -> None:
    server = start_redis()
    with closing(open_storage(server.url, "resque")) as storage:
        held = hold(storage)
        storage.jobs.enqueue(numbered(3))
        before = snapshot(storage)
        for end in (server.stop, server.kill):
            end()
            with pytest.raises(StorageError, match="Is it running") as refused:
                storage.queues.all()
            assert refused.value.__cause__ is not None
            server.start()
            assert snapshot(storage) == before
        assert storage.jobs.complete(held)


def test_the_first_call_after_a_restart_works_though_connections_were_open(start_redis: StartRedis) -> None:
    server = start_redis()
    with closing(open_storage(server.url, "resque")) as storage:
        storage.jobs.enqueue(numbered(1))
        server.restart()
        assert ids(storage) == ["0"]


def test_a_server_that_hangs_is_an_error_in_time() -> None:
    with socket.create_server(("127.0.0.1", 0)) as mute:
        url = f"redis://127.0.0.1:{mute.getsockname()[1]}?socket_timeout=0.2"
        with (
            closing(open_storage(url, "resque")) as storage,
            pytest.raises(StorageError, match=r"[Tt]imeout"),
        ):
            storage.queues.all()


def test_a_call_is_sent_once_though_its_answer_never_comes() -> None:
    with lossy_server() as (port, received):
        url = f"redis://127.0.0.1:{port}?socket_timeout=5"
        with closing(open_storage(url, "resque")) as storage, pytest.raises(StorageError):
            storage.queues.pop("mail")
        assert sum(said.count(b"EVALSHA") for said in received) == 1


@contextmanager
def lossy_server() -> Iterator[tuple[int, list[bytes]]]:
    """Takes commands; greets each client, and hangs up at what comes then."""
    received: list[bytes] = []

    def serve() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection:
                while said := connection.recv(65536):
                    received.append(said)
                    if b"EVALSHA" in said:
                        break
                    connection.sendall(b"+OK\r\n" * said.count(b"CLIENT"))

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield listener.getsockname()[1], received
        listener.shutdown(socket.SHUT_RDWR)
    thread.join(5)


def test_a_password_opens_the_door(start_redis: StartRedis) -> None:
    server = start_redis("--requirepass", "s3cret/%")
    for url in (f"redis://:s3cret%2F%25@127.0.0.1:{server.port}", f"{server.url}?password=s3cret%2F%25"):
        with closing(open_storage(url, "resque")) as storage:
            storage.prepare()
            storage.jobs.enqueue([an_entry()])
            assert "s3cret" not in f"{storage.location} {storage.server_info()}"
    for url in (server.url, f"redis://:wr0ng@127.0.0.1:{server.port}"):
        with closing(open_storage(url, "resque")) as storage:
            with pytest.raises(StorageError, match="Check the user and the password") as refused:
                storage.prepare()
            assert "wr0ng" not in f"{refused.value} {refused.value.__cause__!r}"


def test_a_user_with_the_documented_rights_can_work(start_redis: StartRedis) -> None:
    server = start_redis()
    with redis.Redis(port=server.port) as operator:
        rules = ["~resque:*", "+@read", "+@write", "+@scripting", "+@connection", "+time", "+info"]
        operator.execute_command("ACL", "SETUSER", "worker", "on", ">s3cret", *rules)
    with closing(open_storage(f"redis://worker:s3cret@127.0.0.1:{server.port}", "resque")) as storage:
        storage.prepare()
        storage.jobs.enqueue(numbered(2))
        worker = join(storage)
        assert storage.jobs.complete(take(storage, worker))
        assert storage.workers.beat(worker, 60).alive
        assert storage.server_info().server.startswith("redis ")
        other = open_storage(f"redis://worker:s3cret@127.0.0.1:{server.port}", "other")
        with closing(other), pytest.raises(StorageError, match="on the keys of the namespace"):
            other.jobs.enqueue(numbered(1))


def test_a_user_that_may_not_ask_for_info_can_work(start_redis: StartRedis) -> None:
    server = start_redis()
    with redis.Redis(port=server.port) as operator:
        operator.execute_command("ACL", "SETUSER", "worker", "on", ">pw", "~*", "+@all", "-info")
    with closing(open_storage(f"redis://worker:pw@127.0.0.1:{server.port}", "resque")) as storage:
        storage.prepare()
        assert storage.jobs.enqueue(numbered(1)) == 1
        assert storage.server_info().server == "redis of unknown version"


def test_a_replica_says_that_it_takes_no_writes(start_redis: StartRedis) -> None:
    primary = start_redis()
    replica = start_redis("--replicaof", "127.0.0.1", str(primary.port))
    storage = open_storage(replica.url, "resque")
    with closing(storage), pytest.raises(StorageError, match="It is a replica"):
        storage.jobs.enqueue(numbered(1))


def test_a_unix_socket_is_a_way_in(start_redis: StartRedis, tmp_path: Path) -> None:
    path = tmp_path / "redis.sock"
    start_redis("--unixsocket", str(path))
    with closing(open_storage(f"unix://{path}?db=2", "resque")) as storage:
        storage.prepare()
        storage.jobs.enqueue(numbered(1))
        assert storage.location == f"unix://{path}?db=2"
    with redis.Redis(unix_socket_path=str(path), db=2) as client:
        assert client.llen("resque:queue:mail") == 1


def test_a_database_is_a_place_of_its_own(start_redis: StartRedis) -> None:
    server = start_redis()
    url = server.url.removesuffix("/0")
    with (
        closing(open_storage(f"{url}/1", "resque")) as one,
        closing(open_storage(f"{url}/2", "resque")) as two,
    ):
        one.jobs.enqueue(numbered(1))
        assert ids(two) == []


def test_connections_have_the_name_that_they_are_given(space: Space) -> None:
    with closing(open_storage(f"{space.url}?client_name=billing", "resque")) as storage:
        storage.queues.all()
        assert "billing" in {client["name"] for client in space.client.client_list()}


def test_threads_wait_for_one_of_few_connections(space: Space) -> None:
    url = f"{space.url}?max_connections=2&client_name=few"
    with closing(open_storage(url, space.namespace)) as storage:
        threads = [threading.Thread(target=storage.jobs.enqueue, args=([an_entry()],)) for _ in range(20)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert storage.queues.size("mail") == 20
        assert sum(client["name"] == "few" for client in space.client.client_list()) <= 2


def test_a_server_that_evicts_keys_is_warned_about(
    start_redis: StartRedis, caplog: pytest.LogCaptureFixture
) -> None:
    server = start_redis("--maxmemory", "100mb", "--maxmemory-policy", "allkeys-lru")
    with closing(open_storage(server.url, "resque")) as storage, caplog.at_level(logging.WARNING):
        storage.prepare()
        assert "maxmemory-policy allkeys-lru" in caplog.text
        assert "Set maxmemory-policy to noeviction" in caplog.text
        assert storage.server_info().details["evicts"] == 1


def test_a_server_without_a_limit_of_memory_is_not_warned_about(
    space: Space, caplog: pytest.LogCaptureFixture
) -> None:
    space.storage.prepare()
    assert caplog.text == ""
    details = space.storage.server_info().details
    assert details["evicts"] == 0
    assert details["aof_enabled"] == 1


@pytest.mark.parametrize(("version", "accepted"), [("4.0.14", False), ("3.2.0", False), ("5.0.0", True)])
def test_a_server_that_is_too_old_is_refused(version: str, accepted: bool) -> None:
    with old_server(version) as port, closing(open_storage(f"redis://127.0.0.1:{port}", "x")) as storage:
        if accepted:
            storage.prepare()
            return
        with pytest.raises(IncompatibleStoreError, match=rf"is Redis {version}; 5.0 or newer"):
            storage.prepare()


@contextmanager
def old_server(version: str) -> Iterator[int]:
    """Answers INFO as a server of this version that has no keys."""

    def serve() -> None:
        connection, _ = listener.accept()
        with connection:
            while said := connection.recv(65536):
                text = f"redis_version:{version}\r\n"
                info = f"${len(text)}\r\n{text}\r\n".encode() if b"INFO\r\n" in said else b""
                none = b"+none\r\n" if b"TYPE\r\n" in said else b""
                connection.sendall(
                    b"+OK\r\n" * said.count(b"SETINFO") + (info + none) * (b"SETINFO" not in said)
                )

    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=serve, daemon=True).start()
        yield listener.getsockname()[1]


# TLS.


@pytest.fixture
def tls_port(start_redis: StartRedis, certificate: Path, unused_port: int) -> int:
    """The port of a server that speaks TLS, and wants no certificate of its clients."""
    options = {
        "tls-port": str(unused_port), "tls-cert-file": str(certificate), "tls-auth-clients": "no",
        "tls-key-file": str(certificate.with_name("key.pem")), "tls-ca-cert-file": str(certificate),
    }  # fmt: skip
    words = [word for name, value in options.items() for word in (f"--{name}", value)]
    try:
        start_redis(*words)
    except RuntimeError:
        pytest.skip("this redis-server was built without TLS")
    return unused_port


@pytest.fixture
def unused_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def test_tls_is_spoken_and_certificates_are_checked(tls_port: int, certificate: Path) -> None:
    url = f"rediss://127.0.0.1:{tls_port}"
    with closing(open_storage(f"{url}?ssl_ca_certs={certificate}", "resque")) as storage:
        storage.prepare()
        assert storage.jobs.enqueue(numbered(1)) == 1
        assert storage.location == f"{url}/0"
    with closing(open_storage(f"{url}?ssl_cert_reqs=none&ssl_check_hostname=no", "resque")) as storage:
        assert ids(storage) == ["0"]
    storage = open_storage(url, "resque")
    refusal = pytest.raises(StorageError, match=r"CERTIFICATE_VERIFY_FAILED.*\?ssl_ca_certs=FILE")
    with closing(storage), refusal:
        storage.prepare()
