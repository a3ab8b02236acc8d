"""Jobs of the benchmarks: one that does nothing, and one that notes the time."""

import os
import time
from pathlib import Path

from resque_core import job


@job(queue="bench")
def nothing() -> None:
    """The cheapest job there is."""


@job(queue="bench")
def note_time() -> None:
    """Marks the begin and the end of a drain, from inside."""
    with Path(os.environ["BENCH_TIMES"]).open("a") as times:
        times.write(f"{time.monotonic()}\n")
