"""Jobs of the storm. Each writes to an append-only log what happens to it: evidence of its own."""

import os
import random
import signal
import time

from resque_core import job

#: The parent of the app process, which imports this. A job is its keeper's, also if that is dead by then.
KEEPER = os.getppid()


def note(what: str, number: int) -> None:
    """One line, in one write: what, which job, when, and which worker's it was."""
    line = f"{what} {number} {time.monotonic():.6f} {os.environ['STORM_WORKER']}\n"
    descriptor = os.open(os.environ["STORM_LOG"], os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.write(descriptor, line.encode())
    os.close(descriptor)


@job(queue="storm")
def run(number: int, _padding: str = "") -> None:
    """Takes a moment, as jobs do."""
    note("began", number)
    time.sleep(random.expovariate(1 / 0.02))
    note("ended", number)


@job(queue="storm")
def fail(number: int) -> None:
    """Raises."""
    note("began", number)
    raise ValueError(number)


@job(queue="storm")
def vanish(number: int) -> None:
    """Leaves with status 0, and without a word."""
    note("began", number)
    os._exit(0)


@job(queue="storm")
def poison(number: int) -> None:
    """Ends whatever worker runs it."""
    note("began", number)
    note("poisoned", number)
    os.kill(KEEPER, signal.SIGKILL)
    time.sleep(60)
