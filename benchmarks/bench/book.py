"""`Book`: every figure of a run, by what it is a figure of."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

FLOOR = "floor"
MACHINE = "this machine"


class Key(NamedTuple):
    """What a figure is about: `Key("redis", "resque", "enqueue")`."""

    store: str
    who: str
    what: str


@dataclass
class Series:
    """Values of the same thing: one a round, or all samples of all rounds."""

    unit: str
    note: str = ""
    values: list[float] = field(default_factory=list)


class Book:
    """Series in the order in which they were begun."""

    def __init__(self) -> None:
        self.series: dict[Key, Series] = {}

    def add(self, key: Key, values: Iterable[float], unit: str, note: str = "") -> None:
        """Write down more values. The note that came last stays."""
        series = self.series.setdefault(key, Series(unit))
        series.values.extend(values)
        series.note = note

    def miss(self, key: Key, why: str) -> None:
        """Write down that there is no such figure."""
        self.series[key] = Series("", why)
