"""What each backend's examination finds: dangers are named, with the way out, and health is not one."""

import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
import redis
from servers.server import Server

from resque_core.discovery import open_storage
from resque_core.findings import Finding
from resque_redis.examination import examine as examine_redis
from resque_sqlite.examination import examine as examine_sqlite
from resque_sqlite.examination import kind_of_file_system

StartRedis = Callable[..., Server]


def found_at(url: str) -> dict[str, Finding]:
    """The findings about a store, by subject."""
    storage = open_storage(url, "resque")
    storage.prepare()
    findings = storage.examine()
    storage.close()
    return {found.subject: found for found in findings}


def dangers(findings: dict[str, Finding]) -> set[str]:
    """What is grave."""
    return {subject for subject, found in findings.items() if found.level == "danger"}


def test_a_redis_as_it_should_be_is_in_no_danger(redis_server: Server) -> None:
    findings = found_at(redis_server.url)
    assert dangers(findings) == set()
    assert {"version", "persistence", "eviction", "scripts", "clock", "role"} <= findings.keys()


def test_a_redis_without_its_file_and_with_eviction_is(start_redis: StartRedis) -> None:
    server = start_redis("--appendonly", "no", "--maxmemory", "100mb", "--maxmemory-policy", "allkeys-lru")
    findings = found_at(server.url)
    assert dangers(findings) == {"persistence", "eviction"}
    assert "appendonly yes" in findings["persistence"].advice
    assert "noeviction" in findings["eviction"].advice


@pytest.mark.parametrize(
    "lock", ["resque:resque:resque_scheduler_master_lock", "resque:resque_scheduler_master_lock"]
)
def test_a_resque_scheduler_on_the_same_redis_is_warned_of(start_redis: StartRedis, lock: str) -> None:
    """It enqueues what is due without the attempt, so that a retry never ends."""
    server = start_redis()
    assert "resque-scheduler" not in found_at(server.url)
    with redis.Redis.from_url(server.url) as client:
        client.set(lock, "ruby-1:4711")
    found = found_at(server.url)["resque-scheduler"]
    assert (found.level, "ruby-1:4711" in found.says) == ("warning", True)


@pytest.mark.parametrize(
    ("said", "subject", "level"),
    [
        ({"role": "slave"}, "role", "danger"),
        ({"aof_last_write_status": "err"}, "disk", "danger"),
        ({"maxmemory": "100", "used_memory": "95"}, "memory", "warning"),
        ({"maxmemory": "100", "used_memory": "120"}, "memory", "danger"),
        ({"maxmemory_policy": "allkeys-lru"}, "eviction", "warning"),
        ({}, "server", "warning"),
    ],
)
def test_what_a_redis_says_is_judged(said: dict[str, str], subject: str, level: str) -> None:
    (found,) = [it for it in examine_redis(said, 0.0) if it.subject == subject]
    assert found.level == level
    assert found.advice


def test_a_clock_that_is_an_hour_off_is_told_and_no_danger() -> None:
    (found,) = [it for it in examine_redis({}, 0.0) if it.subject == "clock"]
    assert found.level == "warning"
    assert "Leases go by the server's alone" in found.advice


def test_a_replica_set_is_in_no_danger(mongo_replica_set: Server) -> None:
    findings = found_at(mongo_replica_set.url)
    assert dangers(findings) == set()
    assert {"version", "topology", "write concern", "persistence", "clock"} <= findings.keys()


def test_a_mongod_alone_is_warned_about(mongo_server: Server) -> None:
    assert found_at(mongo_server.url)["topology"].level == "warning"


def test_a_file_as_it_should_be_is_in_no_danger(tmp_path: Path) -> None:
    assert dangers(found_at(f"sqlite:///{tmp_path}/store")) == set()


def test_a_damaged_file_is(tmp_path: Path) -> None:
    path = tmp_path / "store"
    findings = {it.subject: it for it in examine_sqlite(path, "wal", 2, "row 1 missing from index")}
    assert dangers(findings) == {"file"}
    assert "backup" in findings["file"].advice


@pytest.mark.parametrize(
    ("mode", "level", "danger"), [("delete", 2, True), ("wal", 0, True), ("wal", 1, False)]
)
def test_how_a_file_is_written_is_judged(tmp_path: Path, mode: str, level: int, danger: bool) -> None:
    (found,) = [
        it for it in examine_sqlite(tmp_path / "store", mode, level, "ok") if it.subject == "persistence"
    ]
    assert found.level == ("danger" if danger else "warning")


def test_a_network_file_system_is_recognized(tmp_path: Path) -> None:
    mounts = tmp_path / "mounts"
    mounts.write_text("/dev/sda / ext4 rw 0 0\nserver:/x /mnt/a\\040b nfs4 rw 0 0\n")
    assert kind_of_file_system(Path("/mnt/a b/store"), mounts) == "nfs4"
    assert kind_of_file_system(Path("/var/store"), mounts) == "ext4"
    assert kind_of_file_system(Path("/var/store"), tmp_path / "nowhere") == ""


def test_memory_is_no_place_for_workers() -> None:
    findings = {it.subject: it for it in examine_sqlite(None, "memory", 2, "ok")}
    assert dangers(findings) == {"file"}
    assert sqlite3.sqlite_version in findings["version"].says
