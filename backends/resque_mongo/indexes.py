"""The collections and their indexes. Each begins with the namespace, so that several share one database.

`docs/reference/mongodb.md` says what each field means.
"""

from dataclasses import dataclass

from pymongo import ASCENDING, DESCENDING, IndexModel

from resque_core.depths import KEPT_DEPTHS, MINUTE

_UP, _DOWN = ASCENDING, DESCENDING

#: The index that claims, peeks and counts use: a queue from head to tail. Jobs put to the head have
#: the time of that, the latest first; all others have none, which sorts behind, and their arrival.
WAITING = "waiting"
#: The index of the delayed jobs, by the time at which they are due.
DELAYED = "delayed"


@dataclass(frozen=True, slots=True)
class Layout:
    """One collection: its name in the database, and its indexes."""

    name: str
    indexes: tuple[IndexModel, ...]


JOBS = Layout(
    "resque_jobs",
    (
        IndexModel(
            [("ns", _UP), ("state", _UP), ("queue", _UP), ("head", _DOWN), ("seq", _UP)],
            name=WAITING,
            partialFilterExpression={"state": "waiting"},
        ),
        # What is due first. No claim meets any of these.
        IndexModel(
            [("ns", _UP), ("state", _UP), ("run_at", _UP), ("_id", _UP)],
            name=DELAYED,
            partialFilterExpression={"state": "delayed"},
        ),
        # What is delayed until another attempt.
        IndexModel(
            [("ns", _UP), ("retrying", _UP), ("state", _UP)],
            name="retrying",
            partialFilterExpression={"retrying": True},
        ),
        # An id waits, is delayed, or runs once.
        IndexModel(
            [("ns", _UP), ("id", _UP)],
            name="live",
            unique=True,
            partialFilterExpression={"live": True},
        ),
        # The job of a tick, before its entry names it.
        IndexModel(
            [("ns", _UP), ("recurrence", _UP), ("revision", _UP)],
            name="staged",
            unique=True,
            partialFilterExpression={"state": "staged"},
        ),
        # The job that waits for the end of a batch.
        IndexModel(
            [("ns", _UP), ("batch", _UP)],
            name="batch",
            unique=True,
            partialFilterExpression={"state": "batch"},
        ),
        # What is in a worker's hands: one job, or the tombstone that keeps all jobs out of them.
        IndexModel(
            [("ns", _UP), ("slot", _UP)],
            name="slot",
            unique=True,
            partialFilterExpression={"slot": {"$exists": True}},
        ),
        # What came along with the job in a worker's hands.
        IndexModel(
            [("ns", _UP), ("along", _UP)],
            name="along",
            partialFilterExpression={"along": {"$exists": True}},
        ),
        # A claim of a unique job is held by one.
        *(
            IndexModel(
                [("ns", _UP), (name, _UP)],
                name=name,
                unique=True,
                partialFilterExpression={name: {"$exists": True}},
            )
            for name in ("unique_start", "unique_done", "unique_expiry")
        ),
        # A slot of a limit is taken by one.
        IndexModel(
            [("ns", _UP), ("limit_key", _UP), ("limit_slot", _UP)],
            name="limit_slot",
            unique=True,
            partialFilterExpression={"limit_slot": {"$exists": True}},
        ),
        # Who waits for one.
        IndexModel(
            [("ns", _UP), ("limit_line", _UP), ("run_at", _UP)],
            name="limit_line",
            partialFilterExpression={"limit_line": {"$exists": True}},
        ),
        # Jobs that are done, and held a claim for a time: the server deletes them.
        IndexModel([("forget_at", _UP)], name="forget_at", expireAfterSeconds=0),
        # What the counters do not know yet.
        IndexModel(
            [("ns", _UP), ("uncounted", _UP), ("worker", _UP)],
            name="uncounted",
            partialFilterExpression={"uncounted": {"$exists": True}},
        ),
        # A requeue that keeps its failure, half done.
        IndexModel(
            [("ns", _UP), ("history.id", _UP)],
            name="history",
            partialFilterExpression={"history.id": {"$exists": True}},
        ),
        IndexModel(
            [("ns", _UP), ("failure.id", _UP)],
            name="failure",
            partialFilterExpression={"state": "failed"},
        ),
        *(
            IndexModel(
                [
                    *(("ns", _UP), ("state", _UP), *first, ("failure.order", _DOWN)),
                    *(("failure.failed_at", _UP), ("retried_at", _UP), *last),
                ],
                name=name,
                partialFilterExpression={"state": "failed"},
            )
            for name, first, last in (
                ("failed", [], []),
                ("failed_by_queue", [("queue", _UP)], []),
                ("failed_by_name", [("failure.name", _UP)], []),
                ("failed_by_kind", [("failure.kind", _UP)], [("failure.exception", _UP)]),
                ("failed_by_host", [("failure.host", _UP)], [("failure.worker", _UP)]),
            )
        ),
    ),
)
QUEUES = Layout(
    "resque_queues",
    (
        IndexModel([("ns", _UP), ("name", _UP)], name="name", unique=True),
        IndexModel([("ns", _UP), ("paused", _UP)], name="paused", partialFilterExpression={"paused": True}),
    ),
)
RECURRING = Layout("resque_recurring", (IndexModel([("ns", _UP), ("name", _UP)], name="name", unique=True),))
WORKERS = Layout(
    "resque_workers",
    (
        IndexModel([("ns", _UP), ("id", _UP)], name="id", unique=True),
        IndexModel([("ns", _UP), ("lease_until", _UP)], name="lease"),
    ),
)
#: What pools say of themselves. The server deletes those whose lease is over.
POOLS = Layout(
    "resque_pools",
    (
        IndexModel([("ns", _UP), ("id", _UP)], name="id", unique=True),
        IndexModel([("lease_until", _UP)], name="lease", expireAfterSeconds=0),
    ),
)
#: Of each namespace one document: what was folded last, and what is left to do of it.
LEDGER = Layout("resque_ledger", (IndexModel([("ns", _UP)], name="ns", unique=True),))
#: Of each counter one document for its total, and one for each day with its minutes: none grows for ever.
COUNTERS = Layout(
    "resque_counters",
    (IndexModel([("ns", _UP), ("day", _UP), ("name", _UP)], name="counter", unique=True),),
)
#: How many jobs waited on the queues, minute by minute. The server deletes what is a day old.
DEPTHS = Layout(
    "resque_depths",
    (
        IndexModel([("ns", _UP), ("start", _UP)], name="start", unique=True),
        IndexModel([("start", _UP)], name="old", expireAfterSeconds=KEPT_DEPTHS * MINUTE),
    ),
)
#: What is kept of jobs that ask for it. The server deletes what its time has ended.
RECORDS = Layout(
    "resque_records",
    (
        IndexModel([("ns", _UP), ("id", _UP)], name="id", unique=True),
        IndexModel([("kept_until", _UP)], name="kept_until", expireAfterSeconds=0),
    ),
)
#: Jobs that were enqueued together. The server deletes what its time has ended.
BATCHES = Layout(
    "resque_batches",
    (
        IndexModel([("ns", _UP), ("id", _UP)], name="id", unique=True),
        IndexModel([("ns", _UP), ("state", _UP)], name="state"),
        # The one begun last first.
        IndexModel([("ns", _UP), ("since", _DOWN), ("_id", _DOWN)], name="since"),
        IndexModel([("kept_until", _UP)], name="kept_until", expireAfterSeconds=0),
    ),
)
MEMBERS = Layout(
    "resque_members",
    (
        IndexModel([("ns", _UP), ("batch", _UP), ("job", _UP)], name="member", unique=True),
        IndexModel(
            [("ns", _UP), ("pending", _UP), ("batch", _UP), ("job", _UP)],
            name="pending",
            partialFilterExpression={"pending": True},
        ),
    ),
)
#: Holds the layout's version, once all of the above is there.
META = "resque_meta"
ALL = (JOBS, QUEUES, WORKERS, POOLS, LEDGER, COUNTERS, DEPTHS, RECORDS, RECURRING, BATCHES, MEMBERS)
