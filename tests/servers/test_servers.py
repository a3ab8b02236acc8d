"""The servers for tests: they answer, keep their data through a kill, and are never left over."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from servers.server import Server

SUPPORT = Path(__file__).parents[1] / "support"

STARTS_A_SERVER = """
import sys, time
from pathlib import Path
from servers.fleet import Fleet, redis_program
server = Fleet(Path(sys.argv[1])).start(redis_program())
print(server.pid, server.folder, flush=True)
time.sleep(60)
"""


def ask(server: Server, command: bytes) -> bytes:
    with socket.create_connection(("127.0.0.1", server.port), 5) as connection:
        connection.sendall(command + b"\r\n")
        return connection.recv(1000)


def gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


def wait_for(condition: Callable[[], bool]) -> None:
    limit = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < limit
        time.sleep(0.01)


def test_a_redis_server_says_its_version(redis_server: Server) -> None:
    assert f"redis_version:{redis_server.version}".encode() in ask(redis_server, b"INFO server")


def test_a_killed_redis_server_comes_back_on_its_port_with_its_data(
    start_redis: Callable[..., Server],
) -> None:
    server = start_redis()
    assert ask(server, b"SET name value") == b"+OK\r\n"
    before = (server.pid, server.url)
    server.kill()
    assert gone(before[0])
    server.start()
    assert server.url == before[1]
    assert server.pid != before[0]
    assert ask(server, b"GET name") == b"$5\r\nvalue\r\n"


@pytest.mark.parametrize("replica_set", [False, True], ids=["alone", "replica set"])
def test_a_killed_mongod_comes_back_on_its_port_with_its_data(
    start_mongo: Callable[..., Server], replica_set: bool
) -> None:
    pymongo = pytest.importorskip("pymongo")
    server = start_mongo(replica_set=replica_set)
    with pymongo.MongoClient(server.url, w="majority", journal=True) as client:
        client.resque.names.insert_one({"_id": 1})
        server.kill()
        server.restart()
        assert client.resque.names.find_one() == {"_id": 1}


def test_a_closed_server_leaves_neither_a_process_nor_a_folder(start_redis: Callable[..., Server]) -> None:
    server = start_redis()
    server.close()
    assert gone(server.pid)
    assert not server.folder.exists()


def test_a_servers_arguments_win_over_ours(start_redis: Callable[..., Server]) -> None:
    assert b"\r\nno\r\n" in ask(start_redis("--appendonly", "no"), b"CONFIG GET appendonly")


def test_a_server_ends_with_a_test_run_that_is_killed(tmp_path: Path) -> None:
    run = subprocess.Popen(
        [sys.executable, "-c", STARTS_A_SERVER, str(tmp_path)],
        env={**os.environ, "PYTHONPATH": str(SUPPORT)}, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert run.stdout
    pid, folder = run.stdout.readline().split()
    assert not gone(int(pid))
    run.send_signal(signal.SIGKILL)
    run.communicate()
    wait_for(lambda: gone(int(pid)))
    wait_for(lambda: not Path(folder).exists())
