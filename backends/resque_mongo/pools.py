"""Managers of pools: what they say of themselves, and what they are told."""

from collections.abc import Sequence
from typing import Any

from pymongo import ReturnDocument
from pymongo.errors import DuplicateKeyError

from resque_core.records import PoolCommand, PoolReport
from resque_mongo.connection import Connection
from resque_mongo.fields import is_name, read_documents, read_moment, read_number
from resque_mongo.session import Document, Session
from resque_mongo.texts import shown, stored

#: What is there of these, whatever others have put there.
_TOLD = {"$cond": [{"$isNumber": "$told"}, "$told", 0]}
_COMMANDS = {"$cond": [{"$isArray": "$commands"}, "$commands", []]}
_LEASED = {"$expr": {"$gt": ["$lease_until", "$$NOW"]}}


class MongoPools:
    """`Pools` on MongoDB: a document for each, with all that it was told."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def report(self, pool: str, about: str, lease: float, heard: int = 0) -> Sequence[PoolCommand]:
        """Note what the pool says of itself, and hand over what it has not heard."""
        named, update = {"id": stored(pool)}, _report(about, lease, heard)
        with self._connection.calling() as session:
            try:
                found = _upsert(session, named, update)
            except DuplicateKeyError:
                found = _upsert(session, named, update)
        told = read_documents(found.get("commands"))
        return [PoolCommand(read_number(it.get("number")), shown(it.get("text"))) for it in told]

    def withdraw(self, pool: str) -> None:
        """Forget the pool, and what it was told."""
        with self._connection.calling() as session:
            session.pools.delete_one({"ns": session.ns, "id": stored(pool)})

    def all(self) -> Sequence[PoolReport]:
        """What each pool said last whose lease runs, by id."""
        with self._connection.calling() as session:
            leased = {"$match": {"ns": session.ns, **_LEASED}}
            found = list(session.pools.aggregate([leased, {"$set": {"now": "$$NOW"}}]))
        return sorted((_said(it) for it in found if is_name(it.get("id"))), key=lambda report: report.pool)

    def command(self, pool: str, text: str) -> bool:
        """Leave something for the pool's next report; False when there is none."""
        number = {"$add": [_TOLD, 1]}
        command = {"number": number, "text": {"$literal": stored(text)}}
        update = [{"$set": {"told": number, "commands": {"$concatArrays": [_COMMANDS, [command]]}}}]
        with self._connection.calling() as session:
            meant = {"ns": session.ns, "id": stored(pool), **_LEASED}
            return session.pools.update_one(meant, update).matched_count == 1


def _report(about: str, lease: float, heard: int) -> list[Document]:
    """A document whose lease is over is as one that is not there: the server deletes it in a minute or so."""
    leased = {"$gt": ["$lease_until", "$$NOW"]}
    unheard = {"$filter": {"input": _COMMANDS, "cond": {"$gt": ["$$this.number", heard]}}}
    kept = {
        # Above all that the pool has heard, also if it was forgotten meanwhile.
        "told": {"$max": [{"$cond": [leased, _TOLD, 0]}, heard]},
        "commands": {"$cond": [leased, unheard, []]},
        "about": {"$literal": stored(about)},
    }
    return [{"$set": kept}, {"$set": {"lease_until": {"$add": ["$$NOW", lease * 1000]}}}]


def _upsert(session: Session, named: Document, update: list[Document]) -> Any:
    return session.pools.find_one_and_update(
        {"ns": session.ns, **named}, update, upsert=True, return_document=ReturnDocument.AFTER
    )


def _said(document: Document) -> PoolReport:
    left = (read_moment(document.get("lease_until")) - document["now"]).total_seconds()
    return PoolReport(shown(document["id"]), shown(document.get("about")), left)
