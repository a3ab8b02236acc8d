"""Named counters and their history by minute and day: what was folded, plus what was not (`ledger.py`)."""

from collections import Counter
from collections.abc import Mapping, Sequence

from bson import ObjectId

from resque_core.clock import from_epoch
from resque_core.errors import StorageError
from resque_core.records import Bucket
from resque_core.storage import Grain
from resque_mongo import ledger
from resque_mongo.connection import Connection
from resque_mongo.fields import is_name, read_document, read_number
from resque_mongo.folding import DAY, MINUTE, TOTAL, buckets_of, counts_of
from resque_mongo.session import Document, Session
from resque_mongo.texts import shown, stored

#: Characters: the names of all receipts that are folded at once fit into one document.
_LONGEST = 4000
#: So many receipts of this size as are folded at once add up to less than 64 bits.
_LARGEST = 2**53
_SECONDS: dict[Grain, int] = {"minute": MINUTE, "day": DAY}


class MongoStats:
    """`Stats` on MongoDB."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._pace = ledger.Pace()

    def increment(self, name: str, by: int = 1) -> None:
        """Add to a counter and to its current minute and day, by a receipt that says so.

        :raises StorageError: the name is too long, or the number too large.
        """
        _check(name, by)
        counts = [{"name": stored(name), "by": by}]
        with self._connection.calling() as session:
            # An upsert that never finds anything: only updates get the server's time.
            session.jobs.update_one(
                {"_id": ObjectId()},
                {
                    "$setOnInsert": {"ns": session.ns, "state": "done", "counts": counts},
                    "$currentDate": {"uncounted": {"$type": "timestamp"}, "ended_at": True},
                },
                upsert=True,
            )
            if self._pace.is_due():
                self._connection.chores.run(ledger.fold, session)

    def all(self) -> Mapping[str, int]:
        """Every counter that was ever incremented and not cleared."""
        with self._connection.calling() as session:
            return ledger.consistently(session, lambda: _totals(session))

    def clear(self, name: str) -> None:
        """Set a counter back; its history stays."""
        with self._connection.calling() as session:
            ledger.fold_all(session)
            # The document stays: it knows what it has seen, should a late helper come.
            meant = {"ns": session.ns, "day": TOTAL, "name": stored(name)}
            session.counters.update_one(meant, {"$unset": {"total": True}})

    def history(self, name: str, grain: Grain, count: int) -> Sequence[Bucket]:
        """The last `count` minutes or days up to now, oldest first, zeros included."""
        seconds = _SECONDS[grain]
        with self._connection.calling() as session:
            latest = int(session.now().timestamp()) // seconds * seconds
            first = latest - (count - 1) * seconds
            values = ledger.consistently(session, lambda: _buckets(session, name, grain, first))
        return [Bucket(from_epoch(start), values[start]) for start in range(first, latest + 1, seconds)]


def _check(name: str, by: int) -> None:
    if len(name) > _LONGEST:
        raise StorageError(
            f"A counter's name may have {_LONGEST} characters, and {name[:40]!r}... has {len(name)}. "
            f"Count under a shorter name."
        )
    if not -_LARGEST <= by <= _LARGEST:
        raise StorageError(
            f"Counter {name[:40]!r} cannot grow by {by}: at most 2**53 can be added at once. "
            f"Count in a larger unit."
        )


def _totals(session: Session) -> dict[str, int]:
    meant = {"ns": session.ns, "day": TOTAL, "total": {"$exists": True}}
    sums: Counter[str] = Counter()
    for counter in session.counters.find(meant):
        if is_name(name := counter.get("name")):
            sums[shown(name)] += read_number(counter["total"])
    for receipt in ledger.pending(session):
        for name, by in counts_of(receipt):
            sums[shown(name)] += by
    return dict(sums)


def _buckets(session: Session, name: str, grain: Grain, first: int) -> Counter[int]:
    """The counter's values from the bucket on that begins at `first`, by the start of each."""
    values: Counter[int] = Counter()
    meant = {"ns": session.ns, "day": {"$gte": first // DAY * DAY}, "name": stored(name)}
    for day in session.counters.find(meant):
        _add_day(values, day, grain)
    for (counted, start, minute), by in buckets_of(ledger.pending(session)).items():
        if counted == stored(name):
            values[start + minute * MINUTE if grain == "minute" else start] += by
    return values


def _add_day(values: Counter[int], day: Document, grain: Grain) -> None:
    start = read_number(day["day"])
    if grain == "day":
        values[start] += read_number(day.get("total"))
        return
    for minute, value in read_document(day.get("minutes")).items():
        if minute.isdecimal():
            values[start + int(minute) * MINUTE] += read_number(value)
