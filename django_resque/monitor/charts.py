"""What charts draw: jobs by minute, hour or day, as numbers that a page carries along."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django_resque.stores import resque
from resque_core.records import Bucket
from resque_core.storage import Grain


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of time, in steps."""

    grain: Grain
    count: int
    #: So many steps are drawn as one.
    fold: int = 1


SPANS = {
    "1h": Span("minute", 60),
    "24h": Span("minute", 1440, 10),
    "7d": Span("day", 7),
    "30d": Span("day", 30),
}


def jobs_chart(span: Span) -> dict[str, Any]:
    """Processed and failed jobs over a span: series for uPlot, the same as rows, and a sentence."""
    processed, failed = (
        _folded(resque.stats.history(name, span.grain, span.count), span.fold) for name in COUNTERS
    )
    times = [int(bucket.start.timestamp()) for bucket in processed]
    series = [times, [bucket.value for bucket in processed], [bucket.value for bucket in failed]]
    rows = [
        (done.start, done.value, bad.value)
        for done, bad in zip(processed, failed, strict=False)
        if done.value or bad.value
    ]
    total, bad = sum(series[1]), sum(series[2])
    step = f"{span.fold} minutes" if span.fold > 1 else span.grain
    summary = f"{total} processed, {bad} of them failed; at most {max(series[1], default=0)} in one {step}."
    return {"series": series, "rows": rows[::-1], "summary": summary, "grain": span.grain}


COUNTERS = ("processed", "failed")


def _folded(buckets: Sequence[Bucket], fold: int) -> list[Bucket]:
    parts = [buckets[place : place + fold] for place in range(0, len(buckets), fold)]
    return [Bucket(part[0].start, sum(bucket.value for bucket in part)) for part in parts]
