"""A mongod as tests want it: alone, or as the only member of a replica set."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pymongo import MongoClient
from pymongo.errors import OperationFailure, PyMongoError

from servers.binaries import Binary

REPLICA_SET = "rs0"
NOT_YET_INITIALIZED = 94


@dataclass(frozen=True)
class MongoProgram:
    """Journals as by default; keeps its caches small."""

    binary: Binary
    replica_set: bool = False
    #: More of mongod's command line.
    arguments: tuple[str, ...] = ()

    @property
    def version(self) -> str:
        """`6.0.5`."""
        return self.binary.version

    def command(self, port: int, folder: Path) -> list[str]:
        """Its whole configuration."""
        options = {
            "port": str(port), "bind_ip": "127.0.0.1", "dbpath": str(folder), "logpath": str(folder / "log"),
            "wiredTigerCacheSizeGB": "0.25", "setParameter": "diagnosticDataCollectionEnabled=false",
        }  # fmt: skip
        if self.replica_set:
            options |= {"replSet": REPLICA_SET, "oplogSize": "64"}
        words = [word for name, value in options.items() for word in (f"--{name}", value)]
        return [str(self.binary.path), "--nounixsocket", "--logappend", *words, *self.arguments]

    def answers(self, port: int) -> bool:
        """Whether it takes writes. A replica set is founded when there is none yet."""
        client: MongoClient[dict[str, Any]] = MongoClient(
            "127.0.0.1", port, directConnection=True, serverSelectionTimeoutMS=500, socketTimeoutMS=5000
        )
        try:
            if self.replica_set:
                self._found(client, port)
            return bool(client.admin.command("hello").get("isWritablePrimary"))
        except PyMongoError:
            return False
        finally:
            client.close()

    def url(self, port: int) -> str:
        """Its database `resque`."""
        more = f"?replicaSet={REPLICA_SET}" if self.replica_set else ""
        return f"mongodb://127.0.0.1:{port}/resque{more}"

    def _found(self, client: "MongoClient[dict[str, Any]]", port: int) -> None:
        try:
            client.admin.command("replSetGetStatus")
        except OperationFailure as error:
            if error.code != NOT_YET_INITIALIZED:
                raise
            members = [{"_id": 0, "host": f"127.0.0.1:{port}"}]
            client.admin.command("replSetInitiate", {"_id": REPLICA_SET, "members": members})
