"""`make ticks`: kills schedulers and workers at random, and tells whether each tick was carried out once."""

import argparse
import json
import random
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from resque_core import Resque
from resque_core.loading import load_modules
from resque_core.reconciling import reconcile, wanted_entries
from ticks.audit import expected, runs, wrong
from ticks.crew import Crew


def main() -> int:
    """Storm, look, and print what was found, as JSON; 1 if anything was wrong."""
    parser = argparse.ArgumentParser(prog="make ticks", description=__doc__)
    parser.add_argument("--url", help="an empty store, to be filled; default: a SQLite file of its own")
    parser.add_argument("--seconds", type=float, default=120.0)
    parser.add_argument("--schedulers", type=int, default=2)
    parser.add_argument("--workers", type=int, default=4)
    parser.add_argument("--pause", type=float, default=1.0, help="seconds between two kills, on average")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="ticks-") as folder:
        report = storm(given, Path(folder))
    sys.stdout.write(json.dumps(report, indent=2) + "\n")
    return int(not report["right"])


def storm(given: argparse.Namespace, folder: Path) -> dict[str, object]:
    """One storm, and its report."""
    url = given.url or f"sqlite:///{folder}/resque.sqlite3"
    with Resque(url) as resque:
        load_modules(["tick_jobs"])
        reconcile(resque, wanted_entries(None), "development", None)
        first = resque.all_schedules()
        crew = Crew(url, folder, given.schedulers, given.workers)
        delayed = rage(resque, crew, given)
        drained = until(lambda: caught_up(resque))
        crew.stop_schedulers()
        drained = drained and until(lambda: is_empty(resque))
        crew.stop()
        wanted = expected(first, resque.all_schedules()) | {"later": delayed}
    found = wrong(wanted, runs(folder / "evidence"), set(crew.killed))
    return {
        "jobs": {name: len(ids) for name, ids in wanted.items()},
        "kills": len(crew.killed),
        "drained": drained,
        "right": drained and not any(found.values()),
        "wrong": found,
    }


def rage(resque: Resque, crew: Crew, given: argparse.Namespace) -> set[str]:
    """Kill one after the other until the time is over, and delay jobs meanwhile: their ids."""
    delayed = set[str]()
    end = time.monotonic() + given.seconds
    while time.monotonic() < end:
        time.sleep(random.uniform(0, 2 * given.pause))
        if job := resque.enqueue_in(random.uniform(0, 2), "later"):
            delayed.add(job.id)
        crew.kill_one()
    return delayed


def caught_up(resque: Resque) -> bool:
    """Whether each entry has had a tick, and none is due any more."""
    now = resque.storage.recurring.all().now
    return all(job.last_run and job.next_run and job.next_run > now for job in resque.all_schedules())


def is_empty(resque: Resque) -> bool:
    """Whether nothing is delayed, waits or runs any more."""
    return not (resque.schedule.count() or resque.size("ticks") or resque.working())


def until(condition: Callable[[], bool], seconds: float = 120.0) -> bool:
    """Whether it holds within so many seconds."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.1)
    return True


if __name__ == "__main__":
    sys.exit(main())
