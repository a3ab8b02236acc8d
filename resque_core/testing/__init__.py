"""Helpers for tests of code that enqueues jobs: run them, or look at what was enqueued."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from resque_core.client import Resque
from resque_core.failure import Failure
from resque_core.job import Job
from resque_core.outbox import CaptureOutbox, InlineOutbox, Outbox
from resque_core.registry import registry


@contextmanager
def inline(resque: Resque) -> Iterator[Resque]:
    """Perform each job as it is enqueued, in this process; what it raises is raised by `enqueue`."""
    with _sending(resque, InlineOutbox(registry)):
        yield resque


@contextmanager
def captured(resque: Resque) -> Iterator[list[Job]]:
    """Store nothing: the list that this gives grows by each job that would have been stored."""
    outbox = CaptureOutbox()
    with _sending(resque, outbox):
        yield outbox.jobs


@dataclass(frozen=True, slots=True)
class WorkedOff:
    """What `work_off` did."""

    #: Every job that was performed, in order, failed ones included.
    jobs: tuple[Job, ...]
    #: Those of them that failed, in order.
    failures: tuple[Failure, ...]


def work_off(resque: Resque, queues: str = "*", *, limit: int = 1000) -> WorkedOff:
    """Perform what waits, in this process and without forks, until the queues are empty.

    Jobs that these jobs enqueue are performed too, `limit` of them at most in all.
    """
    before = resque.failures.count()
    jobs: list[Job] = []
    while len(jobs) < limit:
        with resque.reserve(queues) as held:
            if held is None:
                break
            held.perform()
            jobs.append(held.job)
    failures = resque.failures.all(0, resque.failures.count() - before)
    return WorkedOff(tuple(jobs), tuple(reversed(failures)))


@contextmanager
def _sending(resque: Resque, outbox: Outbox) -> Iterator[None]:
    before, resque.outbox = resque.outbox, outbox
    try:
        yield
    finally:
        resque.outbox = before
