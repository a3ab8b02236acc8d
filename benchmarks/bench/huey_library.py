"""Huey, on Redis and on SQLite: one worker thread, its default. It never forks for a job."""

import sys
from collections.abc import Mapping, Sequence

from huey_jobs import open_huey, tasks_of

from bench.library import NO_FORK, Call, WorkerKind


class HueyLibrary:
    """A Huey with its defaults. On SQLite it polls: every `interval` seconds, if that is given."""

    name = "Huey"
    # `map` is a loop of calls.
    bulk = False

    def __init__(self, url: str, interval: float | None) -> None:
        place = f"{url.rpartition('/')[0]}/2" if url.startswith("redis") else _file_beside(url)
        self.env: Mapping[str, str] = {"BENCH_HUEY": place}
        self._huey = open_huey(place)
        self._tasks = tasks_of(self._huey)
        polls = "polls, and less often the longer it finds nothing"
        waits = "blocks in the server" if self._huey.storage.blocking else polls
        work = [sys.executable, "-m", "huey.bin.huey_consumer", "huey_app.huey", "--quiet"]
        if interval is not None:
            work += ["--delay", str(interval), "--max-delay", str(interval), "--backoff", "1"]
        self.workers: Sequence[WorkerKind] = [WorkerKind(NO_FORK, work, work, waits, "one thread")]

    def enqueue(self, job: str, *arguments: object) -> None:
        """Enqueue one job."""
        self._tasks[job](*arguments)

    def enqueue_many(self, calls: Sequence[Call]) -> None:
        """Enqueue all of these, one by one."""
        for job, arguments in calls:
            self._tasks[job](*arguments)

    def clear(self) -> None:
        """Forget what is enqueued."""
        self._huey.storage.flush_all()

    def close(self) -> None:
        """Let the store go."""
        self._huey.storage.close()


def _file_beside(url: str) -> str:
    return url.removeprefix("sqlite:///") + ".huey"
