"""`Sparks`: how many jobs waited on each queue in the last hour, as a line of the height of a row."""

from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import groupby

from django.utils.html import format_html_join

from django_resque.monitor.instance import resque
from django_resque.monitor.markup import format_html
from resque_core.clock import utc_now
from resque_core.depths import MINUTE, Depths

#: So many minutes are drawn, each so wide.
MINUTES, WIDTH, HEIGHT = 60, 1.5, 16


class Sparks:
    """The lines of one page: the store is asked once, and only if there is a queue."""

    def __init__(self, noted: Sequence[Depths] | None = None) -> None:
        #: What was noted in the last hour at least, if that was read already.
        self._noted = noted

    def of(self, queue: str) -> str:
        """The line of a queue, with gaps; a dash where nothing was noted of it."""
        sizes = [None if seen is None else seen.of(queue) for seen in self._minutes]
        known = [size for size in sizes if size is not None]
        return spark(sizes, f"At most {max(known)} waited in the last hour") if known else "–"

    @cached_property
    def _minutes(self) -> Sequence[Depths | None]:
        """What was noted in each of the last minutes, the oldest first."""
        noted = {int(it.start.timestamp()) // MINUTE: it for it in self._read()}
        last = max([int(utc_now().timestamp()) // MINUTE, *noted])
        return [noted.get(minute) for minute in range(last - MINUTES + 1, last + 1)]

    def _read(self) -> Sequence[Depths]:
        return resque.depths(MINUTES) if self._noted is None else self._noted


def spark(sizes: Sequence[int | None], words: str) -> str:
    """A line through these sizes, with a gap where one is not known; `words` say what it shows."""
    most = max(1, *(size or 0 for size in sizes))
    lines = format_html_join(
        "",
        '<polyline fill="none" stroke="currentColor" stroke-width="1.5" points="{}"/>',
        ((points,) for points in _lines(sizes, most)),
    )
    return format_html(
        '<svg class="rq-spark" viewBox="0 0 {0} {1}" width="{0}" height="{1}" role="img" aria-label="{2}">'
        "{3}</svg>",
        *(f"{len(sizes) * WIDTH:g}", HEIGHT),
        words,
        lines,
    )


def _lines(sizes: Sequence[int | None], most: int) -> Iterator[str]:
    """The points of each stretch without a gap; a single one is drawn as long as its minute."""
    for known, stretch in groupby(enumerate(sizes), key=lambda it: it[1] is not None):
        if known:
            points = [(place * WIDTH, 1 + (HEIGHT - 2) * (1 - (size or 0) / most)) for place, size in stretch]
            points.append((points[-1][0] + WIDTH, points[-1][1]))
            yield " ".join(f"{x:g},{y:.1f}" for x, y in points)
