"""The benchmark measures all that it says, and leaves nothing. How fast it finds us is no matter here."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from bench.book import Book, Key
from bench.report import Row, rows_of
from bench.summary import in_short
from servers.fleet import mongo_program, redis_program
from servers.server import Program
from servers.wanted import or_skip

pytestmark = pytest.mark.thorough

ROOT = Path(__file__).parents[2]
SMALL = (
    *("--jobs", "5", "--samples", "2", "--interval", "0.01", "--rounds", "1"),
    *("--workers", "1,2", "--payloads", "100", "--depths", "5,20", "--idle-seconds", "0.2"),
    *("--memory-jobs", "5,10"),
)
FORK, ALONE = "drain, fork per job", "drain, fork per job, one a call"
SHARED = ["drain, 100 per fork", "drain, no fork"]
DRAINS = [FORK, ALONE, *SHARED]
RATES = ["enqueue", "enqueue_many", *DRAINS]
IDLE = [f"{what}, p{percent} of 2" for what in ("idle", "idle, no fork") for percent in (50, 99)]
MEMORY = ["idle memory, fork per job", "idle memory, no fork"]
TOGETHER = [f"{drain}, {workers} workers together" for drain in (FORK, *SHARED) for workers in (1, 2)]
DEPTHS = [f"complete and reserve at depth {depth}" for depth in (5, 20)]
AFTER = [f"memory after {jobs} jobs, {kind}" for kind in ("100 per fork", "no fork") for jobs in (5, 10)]
#: What a drain is divided by.
FLOORS = {"redis": {"PING"}, "mongo-window": {"findAndModify", "findAndModify and delete"}}
PAYLOADS = ["enqueue, 100 bytes", "drain, no fork, 100 bytes"]


@pytest.fixture
def env(tmp_path: Path) -> Mapping[str, str]:
    """As `make bench` has it; temporary folders are made where a test sees them."""
    path = f"{ROOT / 'benchmarks'}:{ROOT / 'tests/support'}"
    return os.environ | {"PYTHONPATH": path, "TMPDIR": str(tmp_path)}


def rows(env: Mapping[str, str], *arguments: str) -> dict[tuple[str, str], dict[str, Any]]:
    command = [sys.executable, "-m", "bench", *SMALL, "--json", "--no-peers", *arguments]
    done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=500, check=False)
    assert done.returncode == 0, done.stderr
    return {(row["store"], row["what"]): row for row in json.loads(done.stdout)["rows"]}


def test_on_sqlite_each_row_is_there_with_its_ratios(env: Mapping[str, str], tmp_path: Path) -> None:
    found = rows(env, "--backends", "sqlite")
    floors = [("this machine", "fork of a bare interpreter"), ("this machine", "fork of an app process")]
    rows_of_ours = ["commit", *RATES, *IDLE, *MEMORY, *PAYLOADS, *TOGETHER, *DEPTHS, *AFTER]
    ours = [("sqlite", what) for what in rows_of_ours]
    assert list(found) == floors + ours
    assert all(row["value"] > 0 for row in found.values())
    assert set(found["sqlite", "enqueue"]["ratios"]) == {"commit"}
    assert set(found["sqlite", "drain, fork per job"]["ratios"]) == {"app fork", "bare fork", "commit"}
    assert found["sqlite", "idle, p50 of 2"]["note"] == "--interval 0.01"
    assert {what: set(found["sqlite", what]["ratios"]) for what in (TOGETHER[0], TOGETHER[1], DEPTHS[1])} == {
        TOGETHER[0]: set(),
        TOGETHER[1]: {"the fewest"},
        DEPTHS[1]: {"the shortest", "commit"},
    }
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("name", "program", "command"),
    [("redis", redis_program, "evalsha"), ("mongo-window", mongo_program, "findAndModify")],
)
def test_on_a_server_the_round_trips_of_a_drain_are_counted(
    env: Mapping[str, str], tmp_path: Path, name: str, program: Callable[[], Program], command: str
) -> None:
    or_skip(program)
    found = rows(env, "--backends", name, "--only", "floor,drain,idle")
    assert found[name, "idle commands, no fork"]["value"] >= 0
    assert set(found[name, "drain, no fork"]["ratios"]) == FLOORS[name]
    assert (name, "enqueue") not in found
    for drain in DRAINS:
        trips = found[name, f"{drain}: round trips"]
        assert trips["unit"] == "per job"
        assert trips["value"] >= 1
        assert command in trips["note"]
    assert not list(tmp_path.iterdir())


NOTHING_INSTALLED = """
import servers.binaries, bench.opening, bench.__main__
servers.binaries._redis_servers = lambda _: iter(())
bench.opening.peer_version = lambda _: None
bench.__main__.main()
"""


def test_the_table_has_a_line_for_each_row_also_for_what_is_missing(env: Mapping[str, str]) -> None:
    chosen = ("--backends", "redis,sqlite", "--only", "enqueue,enqueue_many,drain")
    command = [sys.executable, "-c", NOTHING_INSTALLED, *SMALL, *chosen]
    done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=500, check=True)
    assert "No redis-server was found." in done.stdout
    assert "not installed: pip install huey" in done.stdout
    for what in RATES:
        assert f"  resque    {what} " in done.stdout
    assert "in short, by the figures above" not in done.stdout


def test_what_a_run_says_in_short_is_computed_from_its_rows() -> None:
    rows = [
        Row("this machine", "floor", "fork of an app process", 400.0, "/s", {}, ""),
        Row("redis", "floor", "PING", 1000.0, "/s", {}, ""),
        Row("redis", "resque", "enqueue", 500.0, "/s", {}, ""),
        Row("redis", "resque", "drain, fork per job", 300.0, "/s", {}, ""),
        Row("redis", "resque", "idle, p50 of 120", 3.0, "ms", {}, ""),
        Row("redis", "resque", "idle, no fork, p50 of 120", 2.0, "ms", {}, ""),
        Row("redis", "resque", "memory after 10 jobs, no fork", 40.0, "MB", {}, ""),
        Row("redis", "resque", "memory after 90 jobs, no fork", 50.0, "MB", {}, ""),
        Row("redis", "Huey", "everything", None, "", {}, "not installed"),
    ]
    assert in_short(rows) == [
        ("redis", "drain, fork per job / fork of an app process", 0.75),
        ("redis", "enqueue / PING", 0.5),
        ("redis", "idle / resque, idle, no fork", 1.5),
        ("redis", "memory after 90 jobs, no fork / memory after 10 jobs, no fork", 1.25),
    ]


def test_a_peer_that_had_none_in_a_round_is_compared_in_the_others() -> None:
    """An idle worker may send no command for seconds: a run of a quarter of an hour broke at its end."""
    book, what = Book(), "idle commands, no fork"
    book.add(Key("redis", "RQ", what), [0.0, 0.5], "a second")
    book.add(Key("redis", "Huey", what), [0.0, 0.0], "a second")
    book.add(Key("redis", "resque", what), [0.75, 1.0], "a second")
    assert rows_of(book)[-1].ratios == {"RQ": 2.0}


def test_what_is_measured_can_be_chosen_by_measure_and_by_library(env: Mapping[str, str]) -> None:
    command = [sys.executable, "-m", "bench", *SMALL, "--backends", "sqlite", "--only"]
    done = subprocess.run(
        [*command, "Enqueue,resque"], env=env, capture_output=True, text=True, timeout=300, check=True
    )
    assert [line[:24] for line in done.stdout.splitlines() if line.startswith("  ")] == [
        "  resque    enqueue     "
    ]
    refused = subprocess.run(
        [*command, "enqeue"], env=env, capture_output=True, text=True, check=False, timeout=300
    )
    assert refused.returncode == 2
    assert "enqeue is none of forks, floor, enqueue," in refused.stderr


def test_when_it_is_told_to_stop_it_ends_its_worker_and_its_folder(
    env: Mapping[str, str], tmp_path: Path
) -> None:
    command = [
        sys.executable,
        "-m",
        "bench",
        *SMALL,
        "--only",
        "latency",
        "--interval",
        "60",
        "--backends",
        "sqlite",
        "--no-peers",
    ]
    process = subprocess.Popen(command, env=env, stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    for line in process.stderr:
        if "latency" in line:
            break
    workers = children(process.pid)
    process.send_signal(signal.SIGTERM)
    assert process.wait(60) == 130
    process.stderr.close()
    assert not list(tmp_path.iterdir())
    wait_for_end(workers)


def children(pid: int) -> list[int]:
    """Once there are some."""
    limit = time.monotonic() + 30
    while time.monotonic() < limit:
        found = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        if found:
            return [int(child) for child in found]
        time.sleep(0.01)
    raise AssertionError("no worker was started")


def wait_for_end(pids: list[int]) -> None:
    limit = time.monotonic() + 30
    while any(Path(f"/proc/{pid}").exists() for pid in pids):
        assert time.monotonic() < limit, pids
        time.sleep(0.01)
