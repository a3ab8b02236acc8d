"""`walk`: looks at a long list of jobs from its head, a window at a time, for as long as a page may take."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

#: As many are read at once, in so many calls at most.
WINDOW, CALLS = 1000, 3

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class FoundJobs(Generic[T]):
    """What was found, each with its place in the list from 1 on; from where, and where it stopped."""

    jobs: tuple[tuple[int, T], ...]
    start: int
    stop: int
    #: Whether there is nothing left to look at.
    complete: bool


def walk(
    read: Callable[[int, int], Sequence[T]], wanted: Callable[[T], bool], start: int, until: float
) -> FoundJobs[T]:
    """Those from index `start` on that are wanted; about until `until`, of `time.monotonic`.

    `read` gets an index and a number, and returns as many from there on as there are.
    """
    found: list[tuple[int, T]] = []
    stop = start
    for _ in range(CALLS):
        window = read(stop, WINDOW)
        found += [(place, one) for place, one in enumerate(window, stop + 1) if wanted(one)]
        stop += len(window)
        if len(window) < WINDOW:
            return FoundJobs(tuple(found), start, stop, complete=True)
        if time.monotonic() > until:
            break
    return FoundJobs(tuple(found), start, stop, complete=False)
