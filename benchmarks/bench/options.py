"""The command line."""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass

from bench.opening import PEERS
from bench.resque_library import NAME

ABOUT = "Measures enqueueing and workers on this machine, beside their floors and beside other libraries."
STORES = ("sqlite", "redis", "mongo", "mongo-rs", "mongo-window")
MEASURES = (
    "forks",
    "floor",
    "enqueue",
    "enqueue_many",
    "drain",
    "latency",
    "idle",
    "workers",
    "payloads",
    "depths",
    "memory",
)
LIBRARIES = (NAME, *PEERS)


@dataclass(frozen=True)
class Options:
    """What is to be measured, and how often."""

    jobs: int
    rounds: int
    samples: int
    #: None: as they do by default.
    interval: float | None
    workers: tuple[int, ...]
    payloads: tuple[int, ...]
    depths: tuple[int, ...]
    #: The memory of a worker is looked at after so many jobs.
    memory_jobs: tuple[int, ...]
    idle_seconds: float
    backends: tuple[str, ...]
    #: Of `MEASURES`.
    measures: frozenset[str]
    #: Names of libraries.
    libraries: frozenset[str]
    json: bool


def parse(arguments: Sequence[str] | None = None) -> Options:
    """What the command line says; a wrong one ends the process."""
    given = vars(_parser().parse_args(arguments))
    only, peers = given.pop("only"), given.pop("peers")
    libraries = frozenset(only & set(LIBRARIES)) or frozenset(LIBRARIES)
    return Options(
        measures=frozenset(only & set(MEASURES)) or frozenset(MEASURES),
        libraries=libraries if peers else libraries & {NAME},
        **given,
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="make bench", description=ABOUT)
    add = parser.add_argument
    add("--jobs", type=_positive, default=1000, help="of each drain (default %(default)s)")
    add("--rounds", type=_positive, default=3, help="medians of so many (default %(default)s)")
    add("--samples", type=_positive, default=15, help="of the latency, in each round (default %(default)s)")
    add("--interval", type=_seconds, help="between polls of an idle worker (default: as by its own default)")
    add("--workers", type=_numbers, default="1,2,8", help="so many drain together (default %(default)s)")
    add("--payloads", type=_numbers, default="100,10000", help="bytes of an argument (default %(default)s)")
    add("--depths", type=_numbers, default="1000,1000000", help="jobs that wait (default %(default)s)")
    add(
        "--memory-jobs",
        type=_numbers,
        default="1000,100000",
        help="after which memory is looked at, once (default %(default)s)",
    )
    add(
        "--idle-seconds",
        type=_seconds,
        default=20.0,
        help="of looking at an idle worker (default %(default)s)",
    )
    add("--only", type=_names, default="", help=f"of {', '.join((*MEASURES, *LIBRARIES))}; default: all")
    add("--backends", type=_stores, default="sqlite,redis,mongo-rs", help=f"of {', '.join(STORES)}")
    add("--peers", action=argparse.BooleanOptionalAction, default=True, help="other libraries too")
    add("--json", action="store_true", help="print JSON instead of a table")
    return parser


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text} is not at least 1")
    return number


def _seconds(text: str) -> float:
    seconds = float(text)
    # To a worker, 0 means that it shall end.
    if not 0 < seconds <= 60:
        raise argparse.ArgumentTypeError(f"{text} is not between 0 and 60")
    return seconds


def _stores(text: str) -> tuple[str, ...]:
    names = tuple(dict.fromkeys(name.strip() for name in text.split(",")))
    if unknown := set(names) - set(STORES):
        raise argparse.ArgumentTypeError(f"{', '.join(unknown)} is none of {', '.join(STORES)}")
    return names


def _names(text: str) -> set[str]:
    known = {name.lower(): name for name in (*MEASURES, *LIBRARIES)}
    names = {name.strip().lower() for name in text.split(",") if name.strip()}
    if unknown := names - known.keys():
        raise argparse.ArgumentTypeError(
            f"{', '.join(sorted(unknown))} is none of {', '.join(known.values())}"
        )
    return {known[name] for name in names}


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(sorted({_positive(number) for number in text.split(",")}))
