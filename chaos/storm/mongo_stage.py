"""MongoDB: a replica set of three, whose members are killed and whose primary steps down."""

import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pymongo import MongoClient
from pymongo.errors import AutoReconnect, PyMongoError
from servers.binaries import Binary
from servers.fleet import Fleet, mongo_program
from servers.mongo_program import MongoProgram
from servers.server import Server

from resque_core.discovery import open_storage
from resque_core.ids import new_id
from resque_core.job import Entry
from storm.crew import NAMESPACE
from storm.stage import Contents

SET = "storm"
DATABASE = "resque"
MEMBERS = 3


@dataclass(frozen=True)
class Member:
    """A mongod that belongs to the set."""

    binary: Binary

    @property
    def version(self) -> str:
        """`6.0.5`."""
        return self.binary.version

    def command(self, port: int, folder: Path) -> list[str]:
        """As a test's, with the set's name."""
        return [*MongoProgram(self.binary).command(port, folder), "--replSet", SET, "--oplogSize", "64"]

    def answers(self, port: int) -> bool:
        """Whether it answers at all: who is primary is for the set to decide."""
        try:
            with MongoClient[dict[str, Any]](
                port=port, directConnection=True, serverSelectionTimeoutMS=500
            ) as client:
                client.admin.command("ping")
        except PyMongoError:
            return False
        return True

    def url(self, port: int) -> str:
        """Of this one alone."""
        return f"mongodb://127.0.0.1:{port}/{DATABASE}?directConnection=true"


class MongoStage:
    """Three of them."""

    def __init__(self, folder: Path) -> None:
        self._fleet = Fleet(folder)
        program = Member(mongo_program().binary)
        self._servers = [self._fleet.start(program) for _ in range(MEMBERS)]
        self._found()
        self._client: MongoClient[dict[str, Any]] = MongoClient(self.url, serverSelectionTimeoutMS=60_000)
        self._client.admin.command("ping")

    @property
    def url(self) -> str:
        """Of the set."""
        hosts = ",".join(f"127.0.0.1:{server.port}" for server in self._servers)
        return f"mongodb://{hosts}/{DATABASE}?replicaSet={SET}"

    @property
    def server(self) -> str:
        """The version."""
        return f"mongod {self._servers[0].version}, replica set of {MEMBERS}, majority, journal"

    def befall(self, turn: int) -> str:
        """In turn: the primary steps down, the primary is killed, a secondary is killed."""
        if turn % 3 == 0:
            # Whoever steps down may hang up before it answers.
            with suppress(AutoReconnect):
                self._client.admin.command("replSetStepDown", 2, secondaryCatchUpPeriodSecs=1, force=True)
            return "store: stepdown"
        primary = self._primary()
        if turn % 3 == 1:
            self._restart(primary)
            return "store: kill -9 of the primary"
        self._restart(next(server for server in self._servers if server is not primary))
        return "store: kill -9 of a secondary"

    def poison(self, queue: str, payload: bytes) -> None:
        """By the storage: an insert has to be whole."""
        storage = open_storage(self.url, NAMESPACE)
        storage.jobs.enqueue([Entry(new_id(), queue, payload)])
        storage.close()

    def look(self) -> Contents:
        """Collection by collection, at the primary."""
        database = self._client[DATABASE]
        jobs, workers = database["resque_jobs"], database["resque_workers"]
        groups = jobs.aggregate([{"$group": {"_id": "$state", "count": {"$sum": 1}}}])
        states: dict[str, int] = {group["_id"]: group["count"] for group in groups}
        failed = jobs.find({"state": "failed"}, {"payload": True})
        # A tombstone is kept for a day, and a receipt until it is counted: see the reference.
        odd = {state: count for state, count in states.items() if state not in ("failed", "gone", "done")}
        registered = workers.count_documents({})
        return Contents(
            waiting=states.get("waiting", 0),
            running=states.get("running", 0),
            failed=[bytes(job["payload"]) for job in failed],
            leftovers=[f"{count} jobs {state}" for state, count in odd.items()]
            + ([f"{registered} workers"] if registered else []),
        )

    def close(self) -> None:
        """End all."""
        self._client.close()
        self._fleet.close()

    def _found(self) -> None:
        members = [{"_id": i, "host": f"127.0.0.1:{it.port}"} for i, it in enumerate(self._servers)]
        settings = {"electionTimeoutMillis": 2000, "heartbeatIntervalMillis": 500}
        with MongoClient[dict[str, Any]](port=self._servers[0].port, directConnection=True) as client:
            client.admin.command("replSetInitiate", {"_id": SET, "members": members, "settings": settings})

    def _primary(self) -> Server:
        self._client.admin.command("ping")
        port = (self._client.primary or ("", 0))[1]
        return next((it for it in self._servers if it.port == port), self._servers[0])

    def _restart(self, server: Server) -> None:
        server.kill()
        time.sleep(0.5)
        server.start()
