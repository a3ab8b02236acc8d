"""Jobs that are tracked, for the process tests."""

import contextlib
import time

from storeroom import tell

from resque_core import JobCancelled, Retry, current_job, job


@job(queue="shop", track=True)
def count(upto: int) -> list[int]:
    """Says how far it is, and returns something."""
    running = current_job()
    for number in range(upto):
        running.progress(number + 1, upto, f"number {number}")  # type: ignore[union-attr]
    return list(range(upto))


@job(queue="shop")
def take(numbers: list[int]) -> None:
    """Gets what another returned."""
    tell("took", *numbers)


@job(queue="shop", track=True)
def go_on() -> None:
    """Goes on until it is told that it was cancelled."""
    running = current_job()
    tell("going")
    while True:
        running.progress(1, 2)  # type: ignore[union-attr]
        time.sleep(0.01)


@job(queue="shop", track=True)
def sleep() -> None:
    """Never looks whether anybody wants it."""
    tell("sleeping")
    try:
        time.sleep(60)
    except JobCancelled:
        tell("interrupted")
        raise


@job(queue="shop", track=True)
def deaf() -> None:
    """Goes on whatever is raised in it."""
    tell("deaf")
    while True:
        with contextlib.suppress(BaseException):
            time.sleep(60)


@job(queue="shop", track=True, retry=Retry(limit=5))
def stumble() -> None:
    """Fails in its own way once it was cancelled."""
    tell("stumbling")
    while not current_job().cancelled:  # type: ignore[union-attr]
        time.sleep(0.01)
    raise ValueError("half done")
