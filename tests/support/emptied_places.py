"""Where any number of jobs may be: what tests of their deletion share."""

from collections.abc import Callable

import pytest

from resque_core.storage import Storage
from resque_core.testing.contract.factories import LATER, an_entry
from resque_core.testing.contract.scenes import bury

Add = Callable[[Storage], object]
Count = Callable[[Storage], int]

#: How a job comes there, how all are deleted, and how many there are.
PLACES: dict[str, tuple[Add, Count, Count]] = {
    "clear": (
        lambda it: it.jobs.enqueue([an_entry()]),
        lambda it: it.queues.clear("mail"),
        lambda it: it.queues.size("mail"),
    ),
    "remove": (
        lambda it: it.jobs.enqueue([an_entry()]),
        lambda it: it.queues.remove("mail"),
        lambda it: it.queues.size("mail"),
    ),
    "delayed": (
        lambda it: it.jobs.enqueue([an_entry()], run_at=LATER),
        lambda it: it.schedule.clear(),
        lambda it: it.schedule.size(),
    ),
    "failed": (bury, lambda it: it.failures.clear(), lambda it: it.failures.count()),
}
each_place = pytest.mark.parametrize(("add", "delete", "count"), PLACES.values(), ids=PLACES)
