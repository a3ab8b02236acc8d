"""How long jobs waited and took: counted within the transaction that settles them."""

from collections.abc import Sequence

from resque_core.timing import Timings, bucket_of, histogram
from resque_sqlite.columns import read_number, read_seconds
from resque_sqlite.queries import load
from resque_sqlite.session import Session

SQL = load("timings")


def count(session: Session, queue: str, times: Sequence[tuple[float, float]]) -> None:
    """Add attempts, by how many seconds each waited and took, unless their queue was removed."""
    sums: dict[tuple[str, str], tuple[int, float]] = {}
    for attempt in times:
        for measure, seconds in zip(("wait", "duration"), attempt, strict=True):
            key = (measure, bucket_of(max(0.0, seconds)))
            count_, total = sums.get(key, (0, 0.0))
            sums[key] = count_ + 1, total + max(0.0, seconds)
    for (measure, bucket), (count_, total) in sums.items():
        session.change(SQL["add"], queue=queue, measure=measure, bucket=bucket, count=count_, seconds=total)


def read(session: Session, queues: Sequence[str]) -> dict[str, Timings]:
    """The histograms of those of the queues that have any."""
    found = {queue: _read(session, queue) for queue in queues}
    return {queue: timings for queue, timings in found.items() if timings != Timings()}


def _read(session: Session, queue: str) -> Timings:
    counts: dict[str, dict[str, int]] = {"wait": {}, "duration": {}}
    sums = dict.fromkeys(counts, 0.0)
    for measure, bucket, count_, seconds in session.rows(SQL["of"], queue=queue):
        counts[measure][bucket] = read_number(count_)
        sums[measure] += read_seconds(seconds)
    return Timings(*(histogram(counts[of], sums[of]) for of in ("wait", "duration")))
