"""The jobs of `bench_jobs` as plain functions, for RQ, django-q2 and those that make tasks of them."""

from bench.notes import write_delay, write_time


def nothing() -> None:
    """The cheapest job there is."""


def note_time() -> None:
    """Marks the begin and the end of a drain, from inside."""
    write_time()


def note_delay(since: float) -> None:
    """Tells how long it took from there to here."""
    write_delay(since)


def swallow(_text: str) -> None:
    """A job with an argument of some size."""
