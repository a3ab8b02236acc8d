"""Histograms of how long jobs waited and took: the buckets that every store counts in."""

import math
from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import accumulate

#: The upper bounds of the buckets, in whole milliseconds. Above the last there is one more.
BOUNDS = (
    *(1, 5, 10, 25, 50, 100, 250, 500),
    *(1_000, 2_500, 5_000, 10_000, 30_000),
    *(60_000, 300_000, 1_800_000, 7_200_000),
)
#: By what a store calls each bucket: its bound, so that counts of other bounds are not mistaken for these.
BUCKETS = (*map(str, BOUNDS), "inf")


@dataclass(frozen=True, slots=True)
class Histogram:
    """How often something took how long."""

    #: How many fell into each of `BUCKETS`: up to its bound, and above the one before.
    counts: tuple[int, ...] = (0,) * len(BUCKETS)
    #: The sum of all, in seconds.
    seconds: float = 0.0

    @property
    def total(self) -> int:
        """How many there were."""
        return sum(self.counts)

    def within(self, share: float) -> float:
        """Seconds within which this share of them, 0.5 for half, was at least: the bound of a bucket.

        Infinite, if it is above the last bound; 0.0, if there were none.
        """
        if not self.total:
            return 0.0
        wanted = share * self.total
        place = next(at for at, so_far in enumerate(accumulate(self.counts)) if so_far >= wanted)
        return BOUNDS[place] / 1000 if place < len(BOUNDS) else math.inf


@dataclass(frozen=True, slots=True)
class Timings:
    """How long the jobs of a queue waited and took: attempts whose end a worker told."""

    #: From when the job could be had until it was reserved. Nobody knows it of what Ruby's programs enqueued.
    wait: Histogram = Histogram()
    #: From when it was reserved until it was settled.
    duration: Histogram = Histogram()


def bucket_of(seconds: float) -> str:
    """The bucket that counts what took so long: one of `BUCKETS`."""
    return BUCKETS[bisect_left(BOUNDS, seconds * 1000)]


def histogram(counts: Mapping[str, int], seconds: float) -> Histogram:
    """The histogram of counts by bucket. What is in no bucket of ours is left out."""
    return Histogram(tuple(counts.get(bucket, 0) for bucket in BUCKETS), seconds)
