"""How fast is it here? Prints each figure beside its floor, measured in the same run, as a ratio.

Usage: python benchmarks/bench.py [--jobs N] [--rounds N] [--url-options synchronous=normal] [--json]

Floors: `fork floor` is fork + exit + wait by a process that has loaded what an app process has (a
fork costs what the process has mapped and touches); `bare fork floor` is the same by an interpreter
that has loaded nothing; `commit floor` is one INSERT in a transaction of its own in a SQLite file
with the same settings.
"""

import argparse
import json
import os
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bench_jobs import note_time, nothing

from resque_core import Resque

HERE = Path(__file__).parent
FORK_FLOOR = """
import os, time
{imports}
began = time.monotonic()
for _ in range({count}):
    pid = os.fork()
    if pid == 0:
        os._exit(0)
    os.waitpid(pid, 0)
print({count} / (time.monotonic() - began))
"""


def fork_floor(count: int, imports: str = "") -> float:
    """Forks per second of an interpreter that has loaded these modules."""
    code = FORK_FLOOR.format(count=count, imports=imports)
    env = os.environ | {"PYTHONPATH": os.pathsep.join([str(HERE), os.environ.get("PYTHONPATH", "")])}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, env=env)
    return float(done.stdout)


def commit_floor(folder: str, synchronous: str, count: int) -> float:
    """Single-row transactions per second."""
    connection = sqlite3.connect(f"{folder}/floor.sqlite3", isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute(f"PRAGMA synchronous={synchronous}")
    connection.execute("CREATE TABLE IF NOT EXISTS rows (value)")
    began = time.monotonic()
    for number in range(count):
        connection.execute("INSERT INTO rows VALUES (?)", (number,))
    seconds = time.monotonic() - began
    connection.close()
    return count / seconds


def enqueue_rate(resque: Resque, count: int) -> float:
    """Jobs per second, each enqueued by a call of its own."""
    began = time.monotonic()
    for _ in range(count):
        resque.enqueue(nothing)
    return count / (time.monotonic() - began)


def enqueue_many_rate(resque: Resque, count: int) -> float:
    """Jobs per second, all in one call."""
    began = time.monotonic()
    resque.enqueue_many([(nothing,)] * count)
    return count / (time.monotonic() - began)


def drain_rate(resque: Resque, url: str, count: int, *flags: str) -> float:
    """Jobs per second through one worker, between a first and a last job that note the time."""
    resque.remove_queue("bench")
    resque.enqueue_many([(note_time,), *[(nothing,)] * count, (note_time,)])
    with tempfile.NamedTemporaryFile("r") as times:
        command = [sys.executable, "-m", "resque_core.cli.main", "work", "--url", url, "--queues", "bench"]
        command += ["--require", "bench_jobs", "--burst", "--log-level", "warning", *flags]
        env = os.environ | {"PYTHONPATH": os.pathsep.join([str(HERE), os.environ.get("PYTHONPATH", "")]), "BENCH_TIMES": times.name}
        subprocess.run(command, env=env, check=True)
        first, last = (float(line) for line in times.read().split())
    return count / (last - first)


def measure(jobs: int, options: str) -> dict[str, float]:
    """All figures of one round."""
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/bench.sqlite3" + (f"?{options}" if options else "")
        synchronous = options.partition("synchronous=")[2] or "full"
        with Resque(url) as resque:
            figures = {
                "bare fork floor": fork_floor(jobs),
                "fork floor": fork_floor(jobs, "import resque_core.cli.main, bench_jobs"),
                "commit floor": commit_floor(folder, synchronous, jobs),
                "enqueue": enqueue_rate(resque, jobs),
                "enqueue_many": enqueue_many_rate(resque, jobs * 10),
                "drain, fork per job": drain_rate(resque, url, jobs),
                "drain, no fork": drain_rate(resque, url, jobs, "--no-fork"),
            }
    return figures


FLOORS = {
    "enqueue": "commit floor",
    "enqueue_many": "commit floor",
    "drain, fork per job": "fork floor",
    "drain, no fork": "commit floor",
}


def main() -> None:
    """Measure several rounds and print the medians."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--jobs", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--url-options", default="")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    rounds = [measure(given.jobs, given.url_options) for _ in range(given.rounds)]
    medians = {name: statistics.median(one[name] for one in rounds) for name in rounds[0]}
    ratios = {
        name: statistics.median(one[name] / one[floor] for one in rounds) for name, floor in FLOORS.items()
    }
    if given.json:
        print(json.dumps({"per_second": medians, "ratio": ratios}, indent=2))
        return
    print(f"medians of {given.rounds} rounds of {given.jobs} jobs, SQLite {sqlite3.sqlite_version}")
    for name, value in medians.items():
        beside = f"{ratios[name]:6.2f} x {FLOORS[name]}" if name in ratios else ""
        print(f"{name:<22}{value:>10,.0f} /s  {beside}")


if __name__ == "__main__":
    main()
