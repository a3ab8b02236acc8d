"""Jobs that are tried again, for the process tests."""

import os
import signal
import time

from storeroom import tell

from resque_core import Retry, RetryJob, current_job, job


@job(queue="shop", retry=Retry(limit=2))
class Flaky:
    """Fails until the attempt that it is told."""

    @staticmethod
    def perform(good: int) -> None:
        """The job."""
        running = current_job()
        assert running
        tell("attempt", running.attempt, running.id)
        if running.attempt < good:
            raise ConnectionError(f"attempt {running.attempt}")

    @staticmethod
    def on_retry(error: BaseException, good: int) -> None:
        """Told of each retry."""
        tell("on_retry", type(error).__name__, good)

    @staticmethod
    def on_give_up(error: BaseException, good: int) -> None:
        """Told of the end."""
        tell("on_give_up", type(error).__name__, good)


@job(queue="shop", retry=Retry(limit=3, never_on=ConnectionError))
def picky() -> None:
    """Fails as its policy does not forgive."""
    raise ConnectionError("never")


@job(queue="shop", retry=Retry(limit=1))
def fragile() -> None:
    """Its process dies."""
    tell("dying", os.getpid())
    os.kill(os.getpid(), signal.SIGKILL)
    time.sleep(60)


@job(queue="shop")
def asks() -> None:
    """Asks to be tried again, once."""
    running = current_job()
    assert running
    tell("asked", running.attempt)
    if running.attempt == 1:
        raise RetryJob(delay=3600)
