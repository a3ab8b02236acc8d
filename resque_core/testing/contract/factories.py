"""Values to fill a store with. Times are whole milliseconds: not every store keeps more."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from resque_core.failure import Failure
from resque_core.job import Entry
from resque_core.records import Reservation, WorkerInfo

LONG_AGO = datetime(2026, 2, 3, 4, 5, 6, 789_000, UTC)
#: No test comes so far.
LATER = datetime(2106, 2, 3, 4, 5, 6, 0, UTC)

#: Text that some store, query language or key scheme might take for something else.
ODD_TEXTS = (
    " ",
    "failed",
    "a:b,c",
    "mail*[a-z]?{x}",
    "100%_\\",
    "'; DROP TABLE jobs; --",
    '$where"{"$ne":1}',
    "../..%2f",
    "line\nbreak\x00nul\x1b[31m",
    "\u2028\u202e\u00e9 e\u0301 🙂",
    "long-" * 500,
)


def an_entry(queue: str = "mail", **changes: Any) -> Entry:
    """A job of its own on `queue`, its id also in its bytes."""
    name = uuid4().hex
    return replace(Entry(name, queue, b'{"class":"Mail","args":["%b"]}' % name.encode()), **changes)


def numbered(count: int, queue: str = "mail", start: int = 0) -> list[Entry]:
    """Jobs whose ids are their numbers, in order."""
    return [Entry(str(number), queue, b"job %d" % number) for number in range(start, start + count)]


def sayings(count: int, queue: str = "mail") -> list[Entry]:
    """The same, and their texts say their ids, as those do that are enqueued."""
    text = b'{"class":"Mail","args":[],"id":"%d"}'
    return [Entry(str(number), queue, text % number) for number in range(count)]


def a_worker(**changes: Any) -> WorkerInfo:
    """A worker that nobody registered yet."""
    name = f"host+{uuid4().hex[:8]}:4711:critical,!slow,*"
    worker = WorkerInfo(
        id=name, host="host", pid=4711, queues=("critical", "!slow", "*"), started_at=LONG_AGO
    )
    return replace(worker, **changes)


def a_failure(of: Entry | Reservation, **changes: Any) -> Failure:
    """What a worker stores of a job that raised."""
    entry = of.entry if isinstance(of, Reservation) else of
    failure = Failure(
        id=uuid4().hex,
        job_id=entry.id,
        queue=entry.queue,
        name="Mail",
        payload=entry.payload,
        exception="app.errors.Refused",
        error="no such mailbox",
        backtrace=("mail.py:12:in send", "smtp.py:3:in connect"),
        worker="host+1:4711:*",
        failed_at=LONG_AGO,
    )
    return replace(failure, **changes)


def minutes_later(minutes: int) -> datetime:
    """A moment so long after `LONG_AGO`."""
    return LONG_AGO + timedelta(minutes=minutes)
