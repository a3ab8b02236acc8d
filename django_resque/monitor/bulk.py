"""What is done to failures, one or many: many in slices, of which one request does as many as it may.

The page that says how far that came asks for the next request by itself, and has in its form all that this
one needs. So no worker has to run, and whoever dies in between leaves failures that are where they were.
"""

import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest

from django_resque.monitor.confirm import snapshot_of
from django_resque.monitor.instance import resque
from django_resque.monitor.numbers import whole
from django_resque.monitor.options import option
from resque_core.failure import Failure

#: What happens to one failure: done, gone, or not retryable.
DONE, GONE, REFUSED = "done", "already gone", "not retryable (retried before, or its job waits or runs)"
#: The fields of a form that say how often each of them happened before.
FIELDS = {"done": DONE, "gone": GONE, "refused": REFUSED}
#: After so many seconds a request begins no further slice.
SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Course:
    """How far it came: what became of how many, and whether some are left."""

    became: Counter[str]
    finished: bool = False

    @classmethod
    def before(cls, request: HttpRequest) -> "Course":
        """What the requests before this one have done, as its form says."""
        return cls(Counter({became: whole(request.POST.get(field, "")) for field, became in FIELDS.items()}))

    @property
    def fields(self) -> dict[str, int]:
        """For the form of the next request."""
        return {field: self.became[became] for field, became in FIELDS.items()}

    def __str__(self) -> str:
        parts = [f"{count:,} {became}" for became, count in self.became.items() if count]
        return ", ".join(parts) or "nothing matched"


def next_slices(request: HttpRequest, rows: Any, verb: str) -> tuple[Course, Course]:
    """Do it to as many of all that are meant as one request may; what it did, and the course by now."""
    before, began = Course.before(request), time.monotonic()
    if verb != "remove" and rows.which.retried is None:
        rows = rows.matching(retried=False)
    did, finished, most = Counter[str](), True, option("BULK_LIMIT")
    # What could not be retried has stayed, and is not tried again.
    for failures in rows.slices_until(snapshot_of(request), skip=before.became[REFUSED]):
        if did and (did.total() >= most or time.monotonic() - began > SECONDS):
            finished = False
            break
        some = failures[: most - did.total()]
        did += many_steps(verb, some)
        finished = len(some) == len(failures)
    return Course(did, finished), Course(before.became + did, finished)


def ticked_steps(verb: str, keys: Sequence[str]) -> Course:
    """Do it to each of a few."""
    return Course(Counter(one_step(verb, key) for key in keys), finished=True)


def one_step(verb: str, key: str) -> str:
    """Do it to one failure; what became of it."""
    steps: dict[str, Callable[[], bool]] = {
        "retry": lambda: resque.failures.requeue(key),
        "keep": lambda: resque.failures.requeue(key, keep=True),
        "remove": lambda: resque.failures.remove(key),
    }
    if steps[verb]():
        return DONE
    return GONE if resque.failures.get(key) is None else REFUSED


def many_steps(verb: str, failures: Sequence[Failure]) -> Counter[str]:
    """Do it to all of these; how often what became of them."""
    if verb == "remove":
        done = resque.failures.remove_many(failure.id for failure in failures)
    else:
        done = resque.failures.requeue_many(failures, keep=verb == "keep")
    others = {failure.id for failure in failures}.difference(done)
    became = Counter(GONE if resque.failures.get(key) is None else REFUSED for key in others)
    return Counter({DONE: len(done)}) + became
