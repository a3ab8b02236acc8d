"""`Row`: a figure of a finished run, beside what it is to be compared with."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from statistics import median, quantiles

from bench.book import FLOOR, Book, Key, Series
from bench.library import BATCH, FORK, FORK_ALONE, NO_FORK
from bench.resque_library import NAME
from bench.rounds import APP_FORK, BARE_FORK, DEPTH, ENQUEUE, ENQUEUE_MANY, SECONDS, TOGETHER
from bench.store import WHOLE_WAY

RATES = (ENQUEUE, ENQUEUE_MANY, FORK, FORK_ALONE, BATCH, NO_FORK)
#: What tells figures apart that are of more and more.
NUMBER = re.compile(r"[\d,]+(?= workers|$)")


@dataclass(frozen=True)
class Row:
    """One line of the table."""

    store: str
    who: str
    what: str
    #: None when it could not be measured; the note says why.
    value: float | None
    unit: str
    #: This figure divided by that one: a floor of the same run, or a peer's figure of the same name.
    ratios: dict[str, float]
    note: str


def rows_of(book: Book) -> list[Row]:
    """All of them, in the order of measuring."""
    return [row for key, series in book.series.items() for row in _rows(book, key, series)]


def _rows(book: Book, key: Key, series: Series) -> Iterator[Row]:
    if not series.values:
        yield Row(*key, None, series.unit, {}, series.note)
    elif series.unit == SECONDS:
        for percent in (50, 99):
            yield _latency(book, key, series, percent)
    else:
        beside = {name: _ratios(series, book.series[other]) for name, other in _beside(book, key)}
        ratios = {name: median(found) for name, found in beside.items() if found}
        yield Row(*key, median(series.values), series.unit, ratios, series.note)


def _latency(book: Book, key: Key, series: Series, percent: int) -> Row:
    value = percentile(series.values, percent)
    ratios = {
        name: value / percentile(book.series[other].values, percent) for name, other in _beside(book, key)
    }
    what = f"{key.what}, p{percent} of {len(series.values)}"
    return Row(key.store, key.who, what, value * 1000, "ms", ratios, series.note)


def percentile(values: list[float], percent: int) -> float:
    """The value below which so many percent lie."""
    return quantiles(values, n=100, method="inclusive")[percent - 1] if len(values) > 1 else values[0]


def _ratios(series: Series, other: Series) -> list[float]:
    """Of each round: what slows a whole round down is no part of it.

    Of a round in which the other had none there is no ratio: an idle worker may send no command.
    """
    pairs = zip(series.values, other.values, strict=True)
    return [one / another for one, another in pairs if another]


def _beside(book: Book, key: Key) -> Iterator[tuple[str, Key]]:
    """What a figure is divided by, and how that is called."""
    if key.who == FLOOR:
        return
    if key.what in {FORK, FORK_ALONE}:
        floors = {"app fork": APP_FORK, "bare fork": BARE_FORK}
        ours = ("app fork", "bare fork") if key.who == NAME else ("bare fork",)
        yield from ((name, floors[name]) for name in ours if floors[name] in book.series)
    if key.what in RATES or DEPTH in key.what:
        yield from ((other.what, other) for other in _floors_of(book, key))
    if key.who == NAME:
        yield from ((other.who, other) for other in _peers_of(book, key))
        yield from _ours_beside(book, key)


def _floors_of(book: Book, key: Key) -> Iterator[Key]:
    """The store's; that of a job's whole way only for what goes all of it."""
    for other in book.series:
        if other[:2] == (key.store, FLOOR) and not (other.what == WHOLE_WAY and ENQUEUE in key.what):
            yield other


def _ours_beside(book: Book, key: Key) -> Iterator[tuple[str, Key]]:
    """Ours with the fewest workers, or the shortest queue: where a figure is of more."""
    kind = NUMBER.sub("", key.what)
    for name, mark in (("the fewest", TOGETHER), ("the shortest", DEPTH)):
        same = [it for it in book.series if it[:2] == key[:2] and NUMBER.sub("", it.what) == kind]
        if mark in key.what and same[0] != key:
            yield name, same[0]


def _peers_of(book: Book, key: Key) -> Iterator[Key]:
    """Of what runs many jobs in one process, those that never fork."""
    what = NO_FORK if key.what == BATCH else key.what
    for other, series in book.series.items():
        same = (other.store, other.what) == (key.store, what)
        if same and other.who not in {NAME, FLOOR} and series.values:
            yield other
