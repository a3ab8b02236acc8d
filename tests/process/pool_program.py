"""A program that runs a pool of its own: its loader says what a file holds, and raises if that is no JSON."""

import json
import os
import sys
from pathlib import Path

from storeroom import tell

from resque_core import Pool, Resque


class Counts:
    """A loader with a reset."""

    def __call__(self, environment: str | None) -> dict[str, int]:
        tell("asked", environment)
        answer: dict[str, int] = json.loads(Path("counts.json").read_text())
        return answer

    def reset(self) -> None:
        tell("reset")


class Titled(Pool):
    """Tells each new title that it has."""

    shown = ""

    def _show(self, state: str) -> None:
        super()._show(state)
        title = Path("/proc/self/cmdline").read_text().rstrip("\0")
        if title != self.shown:
            self.shown = title
            tell("title", title)


if __name__ == "__main__":
    pool = Titled(
        Counts(),
        resque=Resque(sys.argv[1]),
        app_name="shop",
        worker={"interval": 0.05, "lease": 1.0, "require": ["storeroom"]},
        pidfile="run/pool.pid",
        lock="run/pool.lock",
        stdout="run/out.log",
    )
    tell("manager", os.getpid())
    print("begins", flush=True)
    sys.exit(pool.run())
