"""Helpers for tests of code that enqueues jobs: run them at once, or look at what was enqueued."""

from collections.abc import Iterator
from contextlib import contextmanager

from resque_core.client import Resque
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


@contextmanager
def _sending(resque: Resque, outbox: Outbox) -> Iterator[None]:
    before, resque.outbox = resque.outbox, outbox
    try:
        yield
    finally:
        resque.outbox = before
