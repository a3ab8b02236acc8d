"""The jobs of `bench_jobs` for Huey, whose tasks belong to one of its instances."""

import os
from collections.abc import Callable
from typing import Any

from huey import RedisHuey, SqliteHuey
from rq_jobs import note_delay, note_time, nothing, swallow


def open_huey(place: str) -> Any:
    """A Huey on a Redis URL, or in an SQLite file that is synced at each commit, as ours are."""
    if place.startswith("redis://"):
        return RedisHuey("bench", url=place)
    return SqliteHuey("bench", filename=place, fsync=True)


def tasks_of(huey: Any) -> dict[str, Callable[..., Any]]:
    """What enqueues each of the jobs there."""
    return {job.__name__: huey.task()(job) for job in (nothing, note_time, note_delay, swallow)}


def worker() -> Any:
    """The instance that a consumer works for: where `BENCH_HUEY` says, with its tasks."""
    huey = open_huey(os.environ["BENCH_HUEY"])
    tasks_of(huey)
    return huey
