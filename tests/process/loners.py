"""A job that wants a process of its own; for tests of workers that require this module."""

import os

from storeroom import tell

from resque_core import job


@job(queue="shop", isolate=True)
def wash() -> None:
    tell("washed", os.getpid())
