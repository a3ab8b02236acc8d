"""`leaf_through`: goes through failures by `peek`, for stores that have no other way."""

from collections.abc import Iterator

from resque_core.failure import Failure, FailureFilter
from resque_core.storage import Failures

#: How many failures are held in memory at once.
WINDOW = 100


def leaf_through(failures: Failures, which: FailureFilter) -> Iterator[Failure]:
    """Every failure that matches, newest first, a window at a time. They may be removed meanwhile."""
    start = 0
    while window := failures.peek(start, WINDOW, which):
        yield from window
        # What the caller removed has let the others move up.
        left = {failure.id for failure in failures.peek(start, WINDOW, which)}
        start += sum(failure.id in left for failure in window)
