"""MongoDB: a mongod for this run, alone or as a replica set of one."""

from collections.abc import Mapping
from itertools import count as count_from
from typing import Any

from pymongo import MongoClient, WriteConcern
from servers.server import Server

from bench.rate import rate
from bench.store import ROUND_TRIPS

#: What drivers and this module ask for by themselves.
MONITORING = {"hello", "isMaster", "serverStatus", "ping", "endSessions", "buildInfo"}


class MongoStore:
    """Its floor is a findAndModify by `_id`, written to the journal as each of ours is."""

    floor = "findAndModify"

    def __init__(self, name: str, server: Server) -> None:
        self.name = name
        kind = "a replica set of one" if name == "mongo-rs" else "standalone"
        self.title = f"mongod {server.version}, {kind}, w: majority, j: true"
        self.url = server.url
        self._client: MongoClient[dict[str, Any]] = MongoClient(server.url)

    def floor_rate(self, count: int) -> float:
        """Claims per second of documents that are there."""
        database = self._client.get_default_database()
        documents = database.get_collection("floor", write_concern=WriteConcern("majority", j=True))
        documents.delete_many({})
        documents.insert_many([{"_id": number, "state": "pending"} for number in range(count)])
        numbers = count_from()
        change = {"$set": {"state": "taken"}}
        return rate(count, lambda: documents.find_one_and_update({"_id": next(numbers)}, change))

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
