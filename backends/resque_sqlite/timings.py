"""How long jobs waited and took: counted within the transaction that settles them."""

from collections.abc import Sequence

from resque_core.timing import Timings, bucket_of, histogram
from resque_sqlite.columns import read_number, read_seconds
from resque_sqlite.queries import load
from resque_sqlite.session import Session

SQL = load("timings")


def count(session: Session, queue: str, waited: float, took: float) -> None:
    """Add one attempt to the histograms of its queue, unless the queue was removed."""
    for measure, seconds in (("wait", max(0.0, waited)), ("duration", max(0.0, took))):
        session.change(SQL["add"], queue=queue, measure=measure, bucket=bucket_of(seconds), seconds=seconds)


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
