"""`Session`: the collections of one namespace, with the promises that every call makes of its writes."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from bson.codec_options import CodecOptions, DatetimeConversion
from pymongo import ReadPreference, WriteConcern
from pymongo.collection import Collection
from pymongo.database import Database
from pymongo.read_concern import ReadConcern

from resque_mongo.indexes import (
    BATCHES,
    COUNTERS,
    DEPTHS,
    JOBS,
    LEDGER,
    MEMBERS,
    META,
    POOLS,
    QUEUES,
    RECORDS,
    RECURRING,
    WORKERS,
)
from resque_mongo.pauses import Pauses
from resque_mongo.texts import Stored, stored
from resque_mongo.windows import Windows

Document = dict[str, Any]

#: An acknowledged write is in the journal of a majority: no failover and no power failure undoes it.
DURABLE = WriteConcern("majority", j=True)
#: It will be, as soon as a later one is.
SOON = WriteConcern(1)


@dataclass(frozen=True, slots=True)
class Session:
    """What a call works on. Safe to use from several threads."""

    ns: Stored
    jobs: Collection[Document]
    #: The same, for writes that another one follows at once, and waits for both.
    jobs_soon: Collection[Document]
    queues: Collection[Document]
    recurring: Collection[Document]
    workers: Collection[Document]
    pools: Collection[Document]
    ledger: Collection[Document]
    counters: Collection[Document]
    depths: Collection[Document]
    meta: Collection[Document]
    records: Collection[Document]
    batches: Collection[Document]
    members: Collection[Document]
    #: How the jobs of each queue are claimed.
    windows: Windows
    #: What a worker that goes on remembers of them.
    pauses: Pauses
    #: Whether this is no server but a double such as mongomock: its clock is that of this process.
    double: bool = False
    #: Whether the server has change streams, and we may read one.
    tells_changes: bool = False

    @property
    def collections(self) -> tuple[Collection[Document], ...]:
        """All of them."""
        return (
            *(self.jobs, self.queues, self.recurring, self.workers, self.pools, self.ledger),
            *(self.counters, self.depths, self.meta, self.records, self.batches, self.members),
        )

    @property
    def with_now(self) -> Document:
        """Adds the server's clock to what a `find` answers, as the field `now`; not on a double."""
        return {} if self.double else {"now": "$$NOW"}

    def now(self) -> datetime:
        """The server's clock, the one that everything compares."""
        if self.double:
            return datetime.now(UTC)
        return in_utc(self.jobs.database.command("hello")["localTime"])


def in_utc(moment: datetime) -> datetime:
    """A time as the driver gives it, aware: those of commands and of doubles are not."""
    return moment.replace(tzinfo=UTC)


def promising(database: Database[Any]) -> Database[Document]:
    """The database, read where it is written, and written for good, whatever its client was told."""
    if is_double(database):
        return database  # It takes no such options, and needs none.
    options: CodecOptions[Document] = CodecOptions(
        tz_aware=True,
        # A date that Python cannot have, which others may have written, is no error.
        datetime_conversion=DatetimeConversion.DATETIME_CLAMP,
    )
    return database.with_options(
        codec_options=options,
        read_preference=ReadPreference.PRIMARY,
        write_concern=DURABLE,
        read_concern=ReadConcern("local"),
    )


def session_of(database: Database[Document], namespace: str, windows: Windows, pauses: Pauses) -> Session:
    """The session of a namespace in a database."""
    double = is_double(database)
    return Session(
        ns=stored(namespace),
        jobs=database[JOBS.name],
        jobs_soon=database[JOBS.name] if double else database[JOBS.name].with_options(write_concern=SOON),
        queues=database[QUEUES.name],
        recurring=database[RECURRING.name],
        workers=database[WORKERS.name],
        pools=database[POOLS.name],
        ledger=database[LEDGER.name],
        counters=database[COUNTERS.name],
        depths=database[DEPTHS.name],
        meta=database[META],
        records=database[RECORDS.name],
        batches=database[BATCHES.name],
        members=database[MEMBERS.name],
        windows=windows,
        pauses=pauses,
        double=double,
    )


def is_double(database: object) -> bool:
    """Whether it is mongomock's, say: enough for tests of programs that enqueue and look."""
    return not isinstance(database, Database)
