"""What the jobs write: moments and delays, one a line, to the pipe that `BENCH_NOTES` names."""

import os
import time

VARIABLE = "BENCH_NOTES"


def write_time() -> None:
    """Write the present moment, in seconds of the clock that all processes share."""
    _write(time.monotonic())


def write_delay(since: float) -> None:
    """Write the seconds that have passed since that moment."""
    _write(time.monotonic() - since)


def _write(seconds: float) -> None:
    # One short write: lines of several processes do not mix.
    descriptor = os.open(os.environ[VARIABLE], os.O_WRONLY)
    os.write(descriptor, f"{seconds!r}\n".encode())
    os.close(descriptor)
