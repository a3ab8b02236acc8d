"""What of a MongoDB server, or set, endangers jobs."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from pymongo.database import Database
from pymongo.errors import OperationFailure

from resque_core.findings import Finding, Level, clock_finding
from resque_mongo.opening import OLDEST_SERVER

#: Members of a set that hold data: primary and secondary.
_BEARING = (1, 2)


def examine(database: Database[Any], now: datetime) -> Iterator[Finding]:
    """Findings about a database whose clock shows this time."""
    version = database.command("buildInfo")["version"]
    yield Finding("version", "ok", f"MongoDB {version}; {OLDEST_SERVER[0]}.0 or newer is needed.")
    hello = database.command("hello")
    if "setName" in hello:
        yield _members(database, hello)
    elif hello.get("msg") == "isdbgrid":
        yield Finding("topology", "ok", "A sharded cluster.")
    else:
        yield Finding(
            "topology",
            "warning",
            "A server alone: what its disk loses is lost.",
            "Make it a replica set of three.",
        )
    yield Finding(
        "write concern", "ok", "Each write waits for a majority and its journal, whatever the URL says."
    )
    yield from _engine(database)
    yield clock_finding(now.timestamp())


def load_of(database: Database[Any]) -> dict[str, int]:
    """How much the database holds, and what its server bears: what of it this user may be told."""
    size, status = _ask(database, "dbStats"), _ask(database.client.admin, "serverStatus")
    told: dict[str, int] = {}
    if size is not None:
        told |= {"objects": int(size["objects"]), "bytes": int(size["storageSize"] + size["indexSize"])}
    if status is not None:
        told |= {"connections": status["connections"]["current"], "uptime": int(status["uptime"])}
    return told


def _members(database: Database[Any], hello: dict[str, Any]) -> Finding:
    name, hosts = hello["setName"], len(hello.get("hosts", ()))
    status = _ask(database.client.admin, "replSetGetStatus")
    if status is None:
        return Finding(
            "topology", "ok", f"Replica set {name} of {hosts} members (this user may not see more)."
        )
    up = sum(member["state"] in _BEARING for member in status["members"])
    missing = len(status["members"]) - up
    if not missing:
        level: Level = "ok" if up > 1 else "warning"
        advice = "" if up > 1 else "Add members: one alone has no copy, and no successor."
        return Finding("topology", level, f"Replica set {name}: {up} members, all up.", advice)
    needed = status.get("majorityVoteCount", len(status["members"]) // 2 + 1)
    return Finding(
        "topology", "danger" if up <= needed else "warning",
        f"Replica set {name}: {missing} of {len(status['members'])} members are down.",
        "Bring them back: with one more down, no write may be acknowledged.",
    )  # fmt: skip


def _engine(database: Database[Any]) -> Iterator[Finding]:
    status = _ask(database.client.admin, "serverStatus")
    if status is None:
        return
    engine = status.get("storageEngine", {})
    if engine.get("persistent", True):
        yield Finding("persistence", "ok", f"Storage engine {engine.get('name', 'unknown')}, on disk.")
    else:
        yield Finding(
            "persistence", "danger", f"Storage engine {engine.get('name')}: nothing outlives a restart.",
            "Use WiredTiger.",
        )  # fmt: skip


def _ask(database: Database[Any], command: str) -> dict[str, Any] | None:
    """The answer of an administrator's command; None if this user may not ask."""
    try:
        return dict(database.command(command))
    except OperationFailure:
        return None
