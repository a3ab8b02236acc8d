"""`immediately`: a stretch of code whose jobs do not wait for a commit."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_now: ContextVar[bool] = ContextVar("resque_immediately", default=False)


@contextmanager
def immediately() -> Iterator[None]:
    """Store the jobs that are enqueued within the block at once, whatever transaction is open."""
    token = _now.set(True)
    try:
        yield
    finally:
        _now.reset(token)


def is_immediate() -> bool:
    """Whether this code is inside such a block."""
    return _now.get()
