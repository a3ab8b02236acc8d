"""The command line."""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass

ABOUT = "Measures enqueueing and workers on this machine, beside their floors and beside other libraries."
STORES = ("sqlite", "redis", "mongo", "mongo-rs")


@dataclass(frozen=True)
class Options:
    """What is to be measured, and how often."""

    jobs: int
    rounds: int
    samples: int
    interval: float
    backends: tuple[str, ...]
    peers: bool
    json: bool


def parse(arguments: Sequence[str] | None = None) -> Options:
    """What the command line says; a wrong one ends the process."""
    given = _parser().parse_args(arguments)
    return Options(**vars(given))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="make bench", description=ABOUT)
    add = parser.add_argument
    add("--jobs", type=_positive, default=1000, help="of each drain (default %(default)s)")
    add("--rounds", type=_positive, default=3, help="medians of so many (default %(default)s)")
    add("--samples", type=_positive, default=40, help="of the latency, in each round (default %(default)s)")
    add(
        "--interval", type=_seconds, default=0.1, help="between polls of an idle worker (default %(default)s)"
    )
    add("--backends", type=_stores, default="sqlite,redis,mongo-rs", help=f"of {', '.join(STORES)}")
    add("--peers", action=argparse.BooleanOptionalAction, default=True, help="RQ and Huey too")
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
