"""Helpers for tests of a Django project: run the jobs that code enqueues, or look at them.

They work inside `TestCase`, too: jobs are caught as they are enqueued, whether or not a commit ever comes.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from django_resque.conf import DEFAULT_ALIAS
from django_resque.stores import resques
from resque_core import testing
from resque_core.client import Resque
from resque_core.job import Job
from resque_core.testing import WorkedOff

__all__ = ["WorkedOff", "captured", "inline", "work_off"]


@contextmanager
def inline(alias: str = DEFAULT_ALIAS) -> Iterator[Resque]:
    """Perform each job as it is enqueued, in this process; what it raises is raised by `enqueue`."""
    with testing.inline(resques[alias]) as resque:
        yield resque


@contextmanager
def captured(alias: str = DEFAULT_ALIAS) -> Iterator[list[Job]]:
    """Store nothing: the list that this gives grows by each job that is enqueued."""
    with testing.captured(resques[alias]) as jobs:
        yield jobs


def work_off(queues: str = "*", *, alias: str = DEFAULT_ALIAS, limit: int = 1000) -> WorkedOff:
    """Perform what waits, in this process, until the queues are empty. `limit` jobs at most."""
    return testing.work_off(resques[alias], queues, limit=limit)
