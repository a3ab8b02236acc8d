"""Reads what `scripts/_timings.lua` counts: how long the jobs of a queue waited and took."""

from collections.abc import Mapping, Sequence

from resque_core.timing import Histogram, Timings, histogram
from resque_redis.text import is_number, to_text


def read_timings(fields: Sequence[bytes]) -> Timings:
    """The histograms in the fields and values of a hash. What is no number is left out."""
    values = {to_text(fields[place]): fields[place + 1] for place in range(0, len(fields), 2)}
    numbers = {name: int(value) for name, value in values.items() if is_number(value)}
    return Timings(_histogram("wait:", numbers), _histogram("duration:", numbers))


def _histogram(measure: str, numbers: Mapping[str, int]) -> Histogram:
    its = {name.removeprefix(measure): by for name, by in numbers.items() if name.startswith(measure)}
    return histogram(its, its.get("sum", 0) / 1_000_000)
