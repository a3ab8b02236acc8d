"""MongoDB: a mongod for this run, alone or as a replica set of one."""

from collections.abc import Callable, Mapping
from typing import Any

from pymongo import MongoClient, WriteConcern
from pymongo.collection import Collection
from servers.server import Server

from bench.rate import rate
from bench.store import ROUND_TRIPS, WHOLE_WAY

#: What drivers and this module ask for by themselves.
MONITORING = {"hello", "isMaster", "serverStatus", "ping", "endSessions", "buildInfo"}


class MongoStore:
    """Its floors are a findAndModify by `_id`, and one with a delete: written to the journal as ours are."""

    def __init__(self, name: str, server: Server) -> None:
        self.name = name
        kind = "standalone" if name == "mongo" else "a replica set of one"
        self.title = f"mongod {server.version}, {kind}, w: majority, j: true"
        self.url = server.url
        if name == "mongo-window":
            self.url += "&claim=window"
            self.title += ", claim=window"
        self._client: MongoClient[dict[str, Any]] = MongoClient(server.url)

    @property
    def floors(self) -> Mapping[str, Callable[[int], float]]:
        """Claims of documents that are there; and such that are deleted afterwards, as a job is."""
        return {"findAndModify": self._claims, WHOLE_WAY: self._claims_and_deletes}

    def _claims(self, count: int) -> float:
        documents, ids = self._documents(count), iter(range(count))
        return rate(count, lambda: _claim(documents, next(ids)))

    def _claims_and_deletes(self, count: int) -> float:
        documents, ids = self._documents(count), iter(range(count))

        def step() -> None:
            number = next(ids)
            _claim(documents, number)
            documents.delete_one({"_id": number})

        return rate(count, step)

    def _documents(self, count: int) -> Collection[dict[str, Any]]:
        """So many, in a collection of their own."""
        database = self._client.get_default_database()
        documents = database.get_collection("floor", write_concern=WriteConcern("majority", j=True))
        documents.delete_many({})
        documents.insert_many([{"_id": number, "state": "pending"} for number in range(count)])
        return documents

    def commands(self) -> Mapping[str, float]:
        """From serverStatus. Without transactions, each command is a round trip."""
        commands = self._client.admin.command("serverStatus")["metrics"]["commands"]
        calls = {
            name: float(stat["total"])
            for name, stat in commands.items()
            if isinstance(stat, dict) and name not in MONITORING
        }
        return calls | {ROUND_TRIPS: sum(calls.values())}

    def close(self) -> None:
        """Let the measuring client go."""
        self._client.close()


def _claim(documents: Collection[dict[str, Any]], number: int) -> None:
    documents.find_one_and_update({"_id": number}, {"$set": {"state": "taken"}})
