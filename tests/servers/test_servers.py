"""The servers for tests: they answer, keep their data through a kill, and are never left over."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pymongo
import pytest
from servers.server import Server

ROOT = Path(__file__).parents[2]
SUPPORT = ROOT / "tests/support"

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


def test_a_shared_redis_is_running(redis_server: Server) -> None:
    assert f"redis_version:{redis_server.version}".encode() in ask(redis_server, b"INFO server")


def test_a_shared_mongo_is_running(mongo_server: Server, mongo_replica_set: Server) -> None:
    for server in (mongo_server, mongo_replica_set):
        with pymongo.MongoClient[dict[str, Any]](server.url) as client:
            assert client.server_info()["version"] == server.version


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
    server = start_mongo(replica_set=replica_set)
    with pymongo.MongoClient[dict[str, Any]](server.url, w="majority", journal=True) as client:
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


def test_the_servers_of_make_servers_say_where_they_are_and_end_at_ctrl_c() -> None:
    run = subprocess.Popen(
        [sys.executable, "-m", "servers"],
        env={**os.environ, "PYTHONPATH": str(SUPPORT)}, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert run.stdout
    said = list(iter(run.stdout.readline, "Ctrl-c ends both, and removes what they hold.\n"))
    ports = [urlsplit(line.strip()).port for line in said if "://" in line]
    assert len(ports) == 2
    for port in ports:
        socket.create_connection(("127.0.0.1", port or 0)).close()
    run.send_signal(signal.SIGINT)
    assert run.wait(20) == 0
    for port in ports:
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", port or 0))
    run.stdout.close()


HIDE = "import servers.binaries as b\nb._redis_servers = b._mongods = lambda _: ()\n"


@pytest.mark.parametrize(("ci", "outcome"), [("", "skipped"), ("true", "error")])
@pytest.mark.parametrize("kind", ["redis", "mongo"])
def test_a_missing_server_skips_a_test_but_fails_it_in_ci(
    kind: str, ci: str, outcome: str, tmp_path: Path
) -> None:
    (tmp_path / "hide.py").write_text(HIDE)
    options = ("-p", "hide", "-p", "no:cacheprovider", "-rsE", "-c", str(ROOT / "tox.ini"))
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *options, f"{__file__}::test_a_shared_{kind}_is_running"],
        env={**os.environ, "CI": ci, "PYTHONPATH": os.pathsep.join([str(tmp_path), str(SUPPORT)])},
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert re.search(rf"=+ 1 {outcome} in ", done.stdout), done.stdout
    assert (done.returncode == 0) is (ci == "")
    assert re.search(r"No (redis-server|mongod) was found\. Install the extra", done.stdout)
