"""What a run says in short: of each store, our ratios that people ask for first."""

from collections.abc import Iterator, Sequence

from bench.book import FLOOR, MACHINE
from bench.library import BATCH, FORK, FORK_ALONE, NO_FORK
from bench.report import Row
from bench.rounds import COMMANDS, DEPTH, ENQUEUE, ENQUEUE_MANY, LATENCY, LATENCY_NO_FORK, MEMORY_AFTER

#: A row of ours, and what it is divided by: whose row of which name; an empty name: of the same.
_RATIOS = (
    (FORK, FLOOR, "fork of an app process"), (FORK, FLOOR, "fork of a bare interpreter"), (FORK, "RQ", ""),
    (FORK_ALONE, FLOOR, "fork of an app process"),
    (BATCH, "Huey", NO_FORK), (NO_FORK, "Huey", ""), (NO_FORK, "RQ", ""), (NO_FORK, "django-q2", ""),
    (NO_FORK, FLOOR, "PING"), (NO_FORK, FLOOR, "findAndModify"),
    (ENQUEUE, FLOOR, "PING"), (ENQUEUE, FLOOR, "commit"), (ENQUEUE, FLOOR, "findAndModify"),
    (ENQUEUE_MANY, "RQ", ""),
    (LATENCY, "resque", LATENCY_NO_FORK), (LATENCY, "RQ", LATENCY_NO_FORK),
)  # fmt: skip
Line = tuple[str, str, float]


def in_short(rows: Sequence[Row]) -> list[Line]:
    """Store, what is divided by what, and how much that is; for whatever of it was measured."""
    values = {(row.store, row.who, _plain(row.what)): row.value for row in rows if row.value}
    stores = dict.fromkeys(row.store for row in rows if row.store != MACHINE)
    return [line for store in stores for line in _lines(store, values)]


def _lines(store: str, values: dict[tuple[str, str, str], float]) -> Iterator[Line]:
    for what, who, other in _RATIOS:
        place = MACHINE if other.startswith("fork of") else store
        ours, theirs = values.get((store, "resque", what)), values.get((place, who, other or what))
        if ours and theirs:
            name = other if who == FLOOR else f"{who}, {other or what}"
            yield store, f"{what} / {name}", ours / theirs
    own = {what: value for (place, who, what), value in values.items() if (place, who) == (store, "resque")}
    yield from _growth(store, own, DEPTH, "")
    for kind in (BATCH, NO_FORK):
        yield from _growth(store, own, MEMORY_AFTER, kind.removeprefix("drain"))
    for what, value in own.items():
        if what.startswith(COMMANDS):
            yield store, f"{what}, a second", value


def _growth(store: str, own: dict[str, float], begin: str, end: str) -> Iterator[Line]:
    """The last of what is measured of more and more, divided by the first."""
    found = [what for what in own if what.startswith(begin) and what.endswith(end)]
    if len(found) > 1:
        yield store, f"{found[-1]} / {found[0]}", own[found[-1]] / own[found[0]]


def _plain(what: str) -> str:
    """Of a latency the median: `idle, p50 of 120` is `idle`."""
    return what.partition(", p50 of")[0]
