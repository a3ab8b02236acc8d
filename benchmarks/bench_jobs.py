"""Our jobs of the benchmarks. `rq_jobs` and `huey_jobs` hold the same three for the peers."""

from bench.notes import write_delay, write_time

from resque_core import job


@job(queue="bench")
def nothing() -> None:
    """The cheapest job there is."""


@job(queue="bench")
def note_time() -> None:
    """Marks the begin and the end of a drain, from inside."""
    write_time()


@job(queue="bench")
def note_delay(since: float) -> None:
    """Tells how long it took from there to here."""
    write_delay(since)
