"""Our jobs of the benchmarks. `rq_jobs` and others hold the same for the peers."""

from bench.notes import wait_for_others, write_delay, write_time

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


@job(queue="bench")
def swallow(_text: str) -> None:
    """A job with an argument of some size."""


@job(queue="bench")
def meet() -> None:
    """Keeps its worker until all have begun one of these: then each of them is warm."""
    wait_for_others()
