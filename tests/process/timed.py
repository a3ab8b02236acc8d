"""Jobs with time limits, for the process tests."""

import contextlib
import os
import subprocess
import sys
import time

from storeroom import tell

from resque_core import JobTimeout, job


@job(queue="shop", timeout=0.5)
def dawdle() -> None:
    """Cleans up when its time is over, and lets that end it."""
    tell("dawdling", os.getpid())
    try:
        time.sleep(60)
    except JobTimeout:
        tell("cleaned", os.getpid())
        raise


@job(queue="shop", timeout=0.3)
class Deaf:
    """Goes on whatever is raised in it, and has started a program."""

    @staticmethod
    def perform() -> None:
        """The job."""
        program = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
        tell("deaf", os.getpid(), program.pid)
        while True:
            with contextlib.suppress(BaseException):
                time.sleep(60)

    @staticmethod
    def on_failure_tell(error: BaseException) -> None:
        """Told of the end that it had."""
        tell("on_failure", type(error).__name__)


@job(queue="shop", timeout=30)
def brief() -> None:
    """May run for longer than its worker would let it."""
    time.sleep(0.6)
    tell("brief", os.getpid())


@job(queue="shop", timeout=0.3)
def forgiving() -> None:
    """Takes the end of its time for the end of its work."""
    with contextlib.suppress(JobTimeout):
        time.sleep(60)


@job(queue="shop", expires=0.001)
def perishable() -> None:
    """Worth nothing a moment later."""
    tell("perishable", os.getpid())
