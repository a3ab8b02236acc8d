"""Huey, on Redis and on SQLite: one worker thread, its default. It never forks for a job."""

import sys
from collections.abc import Mapping, Sequence

from huey_jobs import open_huey, tasks_of

from bench.library import NO_FORK, WorkerKind


class HueyLibrary:
    """A Huey with its defaults; on SQLite, where it polls, it does so every `interval` seconds."""

    name = "Huey"
    # `map` is a loop of calls.
    bulk = False

    def __init__(self, url: str, interval: float) -> None:
        place = f"{url.rpartition('/')[0]}/2" if url.startswith("redis") else _file_beside(url)
        self.env: Mapping[str, str] = {"BENCH_HUEY": place}
        self._huey = open_huey(place)
        self._tasks = tasks_of(self._huey)
        waits = "blocks in the server" if self._huey.storage.blocking else f"polls every {interval:g} s"
        work = [sys.executable, "-m", "huey.bin.huey_consumer", "huey_app.huey", "--quiet"]
        work += ["--delay", str(interval), "--max-delay", str(interval), "--backoff", "1"]
        self.workers: Sequence[WorkerKind] = [WorkerKind(NO_FORK, work, work, waits, "one thread")]

    def enqueue(self, job: str, *arguments: float) -> None:
        """Enqueue one job."""
        self._tasks[job](*arguments)

    def enqueue_many(self, jobs: Sequence[str]) -> None:
        """Enqueue all of these, one by one."""
        for job in jobs:
            self._tasks[job]()

    def clear(self) -> None:
        """Forget what is enqueued."""
        self._huey.storage.flush_all()

    def close(self) -> None:
        """Let the store go."""
        self._huey.storage.close()


def _file_beside(url: str) -> str:
    return url.removeprefix("sqlite:///") + ".huey"
