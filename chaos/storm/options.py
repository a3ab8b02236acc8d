"""What can be chosen of a storm."""

import argparse
import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from resque_core.worker_options import WorkerOptions

BACKENDS = ("redis", "mongodb", "sqlite")


@dataclass(frozen=True)
class Options:
    """One storm over one backend."""

    backend: str
    #: How many jobs are enqueued, at least.
    jobs: int = 10_000
    #: SIGKILLs by us, of which at least half hit keepers.
    kills: int = 2_000
    #: Restarts, elections and squeezes of the store.
    store_faults: int = 12
    workers: int = 8
    #: Seconds.
    lease: float = 2.0
    sweep: float = 0.5
    #: The storm ends after so many seconds, whatever has happened by then; None: when all has.
    seconds: float | None = None
    seed: int = 0
    #: Seconds beyond leases and sweeps until the last job is done, on a machine that has other things to do.
    slack: float = 20.0
    #: Whether all jobs count as short, so that they come in bundles; half of the workers have children then
    #: that perform job after job. Without it they come one by one.
    bundles: bool = False

    @property
    def at_once(self) -> int:
        """How many jobs a worker may hold."""
        return WorkerOptions().bundle if self.bundles else 1


def parse(arguments: Sequence[str]) -> tuple[list[Options], Path, str]:
    """The storms that a command line asks for, the file for the report, and the command that repeats them."""
    parser = argparse.ArgumentParser(prog="make chaos", description=__doc__)
    parser.add_argument("--backend", choices=BACKENDS, action="append", help="one of them; repeatable")
    parser.add_argument("--jobs", type=int, default=Options.jobs)
    parser.add_argument("--kills", type=int, default=Options.kills)
    parser.add_argument("--store-faults", type=int, default=Options.store_faults)
    parser.add_argument("--workers", type=int, default=Options.workers)
    parser.add_argument("--lease", type=float, default=Options.lease)
    parser.add_argument("--slack", type=float, default=Options.slack, help="seconds until all is drained")
    parser.add_argument("--seconds", type=float, help="end each storm after so many seconds")
    parser.add_argument("--seed", type=int, help="repeat the choices of a storm (not its timing)")
    parser.add_argument("--bundles", action="store_true", help="with workers that hold several jobs at once")
    parser.add_argument("--report", type=Path, default=Path("build/chaos.json"))
    given = parser.parse_args(arguments)
    seed = random.SystemRandom().randrange(10**6) if given.seed is None else given.seed
    storms = [
        Options(
            backend, given.jobs, given.kills, given.store_faults, given.workers,
            lease=given.lease, seconds=given.seconds, seed=seed, slack=given.slack,
            bundles=given.bundles,
        )
        for backend in given.backend or BACKENDS
    ]  # fmt: skip
    words = arguments if given.seed is not None else [*arguments, "--seed", str(seed)]
    command = f'make chaos ARGS="{" ".join(words)}"'
    return storms, given.report, command
