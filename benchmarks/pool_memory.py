"""How much memory a pool saves: ten workers with Django, forked from one manager, beside ten separate ones.

`make bench-memory` prints it. It adds up PSS: of a page that several processes share, each has its part.
"""

import argparse
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from resque_core import Resque
from resque_core.process.memory import family, share

HERE = Path(__file__).parent
MODULE = "django_jobs"
#: Seconds within which all workers have to be there, or the jobs to be done.
PATIENCE = 300.0


def main() -> int:
    """Measure as the command line says."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--workers", type=int, default=10)
    parser.add_argument("--jobs", type=int, default=200, help="run before the second look")
    options = parser.parse_args()
    figures = {
        "separate": measure(_separate(options.workers), options.workers, options.jobs),
        "pool": measure([["pool", "--config", "pool.yml"]], options.workers, options.jobs),
    }
    print(f"{options.workers} workers with Django, megabytes of PSS, all their processes:")
    for when, place in (("idle", 0), (f"after {options.jobs} jobs", 1)):
        apart, together = figures["separate"][place], figures["pool"][place]
        print(f"  {when:<16} separate {apart:7.1f}   pool {together:7.1f}   {together / apart:6.1%}")
    return 0


def measure(commands: Sequence[Sequence[str]], workers: int, jobs: int) -> tuple[float, float]:
    """Start these commands, which make so many workers; what they use when idle, and after the jobs."""
    with _started(commands, workers) as (resque, pids):
        _wait(lambda: len(resque.workers()) == workers and _is_settled(pids, workers), "workers")
        idle = _pss(pids)
        for number in range(jobs):
            resque.enqueue_to("bench", f"{MODULE}.render", number)
        _wait(lambda: resque.stats.all().get("processed", 0) == jobs and not resque.working(), "jobs")
        _wait(lambda: _is_settled(pids, workers), "children that stand by")
        return idle, _pss(pids)


@contextmanager
def _started(commands: Sequence[Sequence[str]], workers: int) -> Iterator[tuple[Resque, list[int]]]:
    folder = Path(tempfile.mkdtemp(prefix="resque-memory-"))
    (folder / "pool.yml").write_text(f"bench: {workers}\n")
    url = f"sqlite:///{folder}/jobs.sqlite3"
    path = os.pathsep.join([str(HERE), *filter(None, [os.environ.get("PYTHONPATH")])])
    env = {key: value for key, value in os.environ.items() if not key.startswith("RESQUE")}
    running = [
        subprocess.Popen(
            [sys.executable, "-m", "resque_core.cli.main", *words, "--url", url, "--require", MODULE],
            cwd=folder, env=env | {"PYTHONPATH": path}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )
        for words in commands
    ]  # fmt: skip
    try:
        with Resque(url) as resque:
            yield resque, [process.pid for process in running]
    finally:
        for process in running:
            process.send_signal(signal.SIGTERM)
        for process in running:
            process.wait(60)
        shutil.rmtree(folder)


def _separate(workers: int) -> list[list[str]]:
    return [["work", "--queues", "bench"] for _ in range(workers)]


def _processes(pids: Sequence[int]) -> list[int]:
    return [pid for root in pids for pid in family(root)] + _helpers(pids)


def _helpers(pids: Sequence[int]) -> list[int]:
    """A pool's helper is no child of it, and counts all the same."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = path.read_text(errors="replace")
        except OSError:
            continue
        if words.startswith("resque-pool-helper") and any(f":{pid}:" in words for pid in pids):
            found.append(int(path.parent.name))
    return found


def _is_settled(pids: Sequence[int], workers: int) -> bool:
    """Whether each worker has all its processes: the keeper, its app process, and those that stand by."""
    return len(_processes(pids)) >= workers * 5


def _pss(pids: Sequence[int]) -> float:
    return share(_processes(pids))


def _wait(condition: Callable[[], bool], what: str) -> None:
    limit = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > limit:
            raise SystemExit(f"The {what} were not there within {PATIENCE:.0f} s.")
        time.sleep(0.2)


if __name__ == "__main__":
    sys.exit(main())
