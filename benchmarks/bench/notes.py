"""What the jobs write: moments and delays, one a line, to the pipe that `BENCH_NOTES` names."""

import os
import time
from pathlib import Path

VARIABLE = "BENCH_NOTES"
#: What follows the name of the pipe in that of the file for which `wait_for_others` waits.
GO = ".go"


def write_time() -> None:
    """Write the present moment, in seconds of the clock that all processes share."""
    _write(time.monotonic())


def write_delay(since: float) -> None:
    """Write the seconds that have passed since that moment."""
    _write(time.monotonic() - since)


def wait_for_others() -> None:
    """Write the present moment, and wait until the file is there that `go` makes."""
    write_time()
    gate = Path(os.environ[VARIABLE] + GO)
    while not gate.exists():
        time.sleep(0.005)


def _write(seconds: float) -> None:
    # One short write: lines of several processes do not mix.
    descriptor = os.open(os.environ[VARIABLE], os.O_WRONLY)
    os.write(descriptor, f"{seconds!r}\n".encode())
    os.close(descriptor)
