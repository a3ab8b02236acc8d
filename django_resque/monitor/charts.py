"""What charts draw: jobs by minute or day, and the depths of queues, as numbers that a page carries along."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django_resque.monitor.instance import resque
from resque_core.clock import from_epoch, utc_now
from resque_core.depths import KEPT_DEPTHS, MINUTE, Depths
from resque_core.records import Bucket
from resque_core.storage import Grain

#: So many queues have a line of their own; the others share one.
LINES = 5


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of time, in steps."""

    grain: Grain
    count: int
    #: So many steps are drawn as one.
    fold: int = 1

    @property
    def step(self) -> str:
        """What one point of a line stands for."""
        return f"{self.fold} minutes" if self.fold > 1 else f"one {self.grain}"


DAY = Span("minute", KEPT_DEPTHS, 10)
SPANS = {
    "1h": Span("minute", 60),
    "24h": DAY,
    "7d": Span("day", 7),
    "30d": Span("day", 30),
}
COUNTERS = ("processed", "failed")


@dataclass(frozen=True, slots=True)
class Chart:
    """Lines over time, and what they say in a sentence. None is a time of which nothing is known."""

    grain: Grain
    starts: Sequence[datetime]
    labels: Sequence[str]
    lines: Sequence[Sequence[int | None]]
    summary: str
    #: Whether the lines are parts of a sum, and drawn on top of each other.
    stacked: bool = False

    @property
    def data(self) -> dict[str, Any]:
        """What `charts.js` reads."""
        times = [int(start.timestamp()) for start in self.starts]
        return {"labels": self.labels, "series": [times, *self.lines], "stacked": self.stacked}

    @property
    def rows(self) -> Sequence[tuple[datetime, Sequence[int | None]]]:
        """The same for a table, newest first: the times at which there was anything."""
        found = zip(self.starts, zip(*self.lines, strict=True), strict=True)
        return [(start, values) for start, values in found if any(values)][::-1]


def jobs_chart(span: Span) -> Chart:
    """Processed and failed jobs over a span."""
    processed, failed = (
        _folded(resque.stats.history(name, span.grain, span.count), span.fold) for name in COUNTERS
    )
    lines = [[bucket.value for bucket in line] for line in (processed, failed)]
    done, bad = map(sum, lines)
    most = max(lines[0], default=0)
    summary = f"{done} processed, {bad} of them failed; at most {most} in {span.step}."
    return Chart(span.grain, [bucket.start for bucket in processed], COUNTERS, lines, summary)


def noted_in(span: Span) -> Sequence[Depths]:
    """What was noted of the depths of queues in a span, or in the last day of a longer one."""
    return resque.depths(_known(span).count)


def depths_chart(span: Span, noted: Sequence[Depths] | None = None) -> Chart:
    """How many jobs waited: the deepest queues, one on top of the other, and all others together.

    What is drawn as one is the moment at which most waited. Of more than a day nothing is known.
    `noted` is what `noted_in` has read, if it did.
    """
    starts, seen = _steps(_known(span), noted_in(span) if noted is None else noted)
    names = _deepest(seen)
    lines = [[None if it is None else it.queues.get(name, 0) for it in seen] for name in names]
    rest = [None if it is None else it.total - sum(it.queues.get(name, 0) for name in names) for it in seen]
    others = any(rest) or not names
    return Chart(
        "minute",
        starts,
        [*names, *(["others" if names else "all queues"] if others else [])],
        [*lines, *([rest] if others else [])],
        _told(seen),
        stacked=True,
    )


def depth_chart(queue: str) -> Chart:
    """How many jobs waited on one queue in the last day."""
    starts, seen = _steps(DAY, noted_in(DAY))
    line = [None if it is None else it.of(queue) for it in seen]
    return Chart("minute", starts, [queue], [line], _told(seen, queue), stacked=True)


def _known(span: Span) -> Span:
    return span if span.grain == "minute" else DAY


def _steps(span: Span, depths: Sequence[Depths]) -> tuple[list[datetime], list[Depths | None]]:
    """The steps of a span, and what was noted in each when most waited."""
    noted = {it.start: it for it in depths}
    latest = max([from_epoch(utc_now().timestamp() // MINUTE * MINUTE), *noted])
    minutes = [latest - timedelta(minutes=back) for back in range(span.count - 1, -1, -1)]
    parts = [minutes[place : place + span.fold] for place in range(0, span.count, span.fold)]
    seen = [[noted[start] for start in part if start in noted] for part in parts]
    return [part[0] for part in parts], [max(part, key=lambda it: it.total, default=None) for part in seen]


def _deepest(seen: Sequence[Depths | None]) -> list[str]:
    """The queues that were deepest at any time, the deepest first."""
    peaks: dict[str, int] = {}
    for name, size in (pair for it in seen if it for pair in it.queues.items()):
        peaks[name] = max(size, peaks.get(name, 0))
    return sorted(peaks, key=lambda name: (-peaks[name], name))[:LINES]


def _told(seen: Sequence[Depths | None], queue: str | None = None) -> str:
    depths = [it.total if queue is None else it.of(queue) or 0 for it in seen if it]
    if not depths:
        return "Nothing was noted: workers and schedulers do that once a minute, while they run."
    return f"At most {max(depths)} jobs waited, {depths[-1]} when it was noted last."


def _folded(buckets: Sequence[Bucket], fold: int) -> list[Bucket]:
    parts = [buckets[place : place + fold] for place in range(0, len(buckets), fold)]
    return [Bucket(part[0].start, sum(bucket.value for bucket in part)) for part in parts]
