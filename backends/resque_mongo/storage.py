"""`MongoStorage`: the parts of a storage in one database, and how to open it."""

from collections.abc import Mapping, Sequence
from typing import Any

from pymongo.database import Database

from resque_core.findings import Finding
from resque_core.overview import ask_parts
from resque_core.records import Overview, ServerInfo
from resque_core.storage import Storage, Waker
from resque_mongo.batches import MongoBatches
from resque_mongo.changes import Changes
from resque_mongo.connection import Borrowed, Connection
from resque_mongo.examination import examine, load_of
from resque_mongo.failures import MongoFailures
from resque_mongo.jobs import MongoJobs
from resque_mongo.meeting_place import MeetingPlace
from resque_mongo.opening import LAYOUT
from resque_mongo.pools import MongoPools
from resque_mongo.queues import MongoQueues
from resque_mongo.records import MongoRecords
from resque_mongo.recurring import MongoRecurring
from resque_mongo.schedule import MongoSchedule
from resque_mongo.stats import MongoStats
from resque_mongo.url import parse_url
from resque_mongo.waker import MongoWaker
from resque_mongo.windows import parse_claims
from resque_mongo.workers import MongoWorkers


def open_storage(url: str, namespace: str) -> Storage:
    """The storage that `url` names. The server is not touched before the first call.

    :raises SettingsError: the URL says nothing that MongoDB has.
    """
    return MongoStorage(Connection(parse_url(url), namespace))


def storage_of(database: Database[Any], namespace: str = "resque", *, claim: str = "") -> Storage:
    """The storage in a database that the program opened, and closes itself."""
    return MongoStorage(Borrowed(database, namespace, parse_claims(claim)))


class MongoStorage:
    """An opened store in a MongoDB database, within one namespace."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self.jobs = MongoJobs(connection)
        self.queues = MongoQueues(connection)
        self.schedule = MongoSchedule(connection)
        self.recurring = MongoRecurring(connection)
        self.failures = MongoFailures(connection)
        self.workers = MongoWorkers(connection)
        self.pools = MongoPools(connection)
        self.records = MongoRecords(connection)
        self.batches = MongoBatches(connection)
        self.stats = MongoStats(connection)

    @property
    def location(self) -> str:
        """The URL without user, password and options."""
        return self._connection.location

    @property
    def shared(self) -> bool:
        """True: whoever opens the same database sees the same jobs."""
        return True

    @property
    def connection(self) -> Database[Any]:
        """PyMongo's database; of each document, the field `ns` is the namespace."""
        with self._connection.calling() as session:
            return session.jobs.database

    def waker(self) -> Waker | None:
        """One on what has change streams; none on a standalone server, or with a program's own client."""
        with self._connection.calling() as session:
            if not session.tells_changes:
                return None
        place = MeetingPlace(self._connection.location, self._connection.namespace)
        return MongoWaker(place, self._changes)

    def _changes(self) -> Changes:
        with self._connection.calling() as session:
            database, ns = session.jobs.database, session.ns
        return Changes(database, ns)

    def prepare(self) -> None:
        """Make the collections and their indexes, where they are missing."""
        self._connection.prepare()

    def close(self) -> None:
        """Let go of every connection. The next call opens them anew."""
        self._connection.close()

    def overview(self) -> Overview:
        """Everything at a glance, part by part."""
        return ask_parts(self)

    def server_info(self) -> ServerInfo:
        """The server's version, its kind, and what an acknowledged write survives."""
        with self._connection.calling() as session:
            database = session.jobs.database
            version = database.command("buildInfo")["version"]
            hello = database.command("hello")
            more = {} if session.double else load_of(database)
        details: dict[str, str | int | float] = {
            "topology": _topology(hello),
            "write_concern": "majority, journaled",
            "schema_version": LAYOUT,
            **more,
        }
        return ServerInfo(f"mongodb {version}", self.location, details)

    def inventory(self) -> Mapping[str, int]:
        """The documents of each collection, of all namespaces: the server knows these without counting."""
        with self._connection.calling() as session:
            return {it.name: it.estimated_document_count() for it in session.collections}

    def examine(self) -> Sequence[Finding]:
        """What of the server, or the set, might endanger jobs."""
        with self._connection.calling() as session:
            if session.double:
                return [
                    Finding("server", "warning", "It is none, but a double.", "Open a database of a server.")
                ]
            return list(examine(session.jobs.database, session.now()))


def _topology(hello: dict[str, Any]) -> str:
    if "setName" in hello:
        return f"replica set {hello['setName']}"
    return "sharded cluster" if hello.get("msg") == "isdbgrid" else "standalone"
