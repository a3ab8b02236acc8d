"""Registered workers, their leases, and commands. How they end is in `sweeping.py`."""

from collections.abc import Sequence
from datetime import datetime

from pymongo import ReturnDocument
from pymongo.errors import DuplicateKeyError

from resque_core.records import Beat, Lapsed, Reservation, Verdict, WorkerInfo
from resque_mongo import ledger, sweeping
from resque_mongo.claims import ALIVE
from resque_mongo.connection import Connection
from resque_mongo.fields import is_name, read_moment, read_moment_if_any, read_number, read_texts
from resque_mongo.folding import counted_by
from resque_mongo.session import Document, Session
from resque_mongo.texts import Stored, shown, stored


class MongoWorkers:
    """`Workers` on MongoDB."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def register(self, worker: WorkerInfo, lease: float) -> None:
        """Make the worker known, with a lease of so many seconds."""
        named = {"id": stored(worker.id)}
        with self._connection.calling() as session:
            registered = _register(session, {"ns": session.ns, **named}, _described(worker), lease)
            if registered:
                sweeping.open_slot(session, worker.id)

    def beat(self, worker: str, lease: float) -> Beat:
        """Renew the lease, if the worker is registered, and hand over its commands.

        After that, what anybody counted since the last beat is folded, and what was left half done mended.
        """
        with self._connection.calling() as session:
            member = session.workers.find_one_and_update(
                {"ns": session.ns, "id": stored(worker), **ALIVE},
                [{"$set": {**_leased(lease), "heartbeat_at": "$$NOW", "taken": "$commands", "commands": []}}],
                return_document=ReturnDocument.AFTER,
            )
            self._connection.chores.run_what_is_left(session)
            if member is None:
                return Beat(False, session.now().timestamp())
            return Beat(True, member["heartbeat_at"].timestamp(), read_texts(member.get("taken")))

    def unregister(self, worker: str) -> bool:
        """Forget the worker, unless it holds a job."""
        with self._connection.calling() as session:
            if not sweeping.close_slot(session, worker):
                return False
            session.workers.delete_one({"ns": session.ns, "id": stored(worker)})
            return True

    def all(self) -> Sequence[WorkerInfo]:
        """Every registered worker, by id."""
        with self._connection.calling() as session:
            found = ledger.consistently(session, lambda: _members(session))
        return sorted(found, key=lambda worker: worker.id)

    def lapsed(self, limit: int = 100) -> Sequence[Lapsed]:
        """Up to `limit` workers whose lease is over, longest first, then jobs whose worker is unknown."""
        with self._connection.calling() as session:
            return sweeping.lapsed(session, max(limit, 0))

    def sweep(self, lapsed: Lapsed, verdict: Verdict, *, forced: bool = False) -> bool:
        """Carry out the verdict and forget the worker, if it is still as `lapsed` says."""
        with self._connection.calling() as session:
            return sweeping.sweep(session, lapsed, verdict, forced=forced)

    def command(self, worker: str, verb: str) -> bool:
        """Leave a verb for the worker's next beat; False when it is not registered."""
        with self._connection.calling() as session:
            meant = {"ns": session.ns, "id": stored(worker), **ALIVE}
            commands = {"$cond": [{"$isArray": "$commands"}, "$commands", []]}
            more = {"$concatArrays": [commands, [{"$literal": stored(verb)}]]}
            return session.workers.update_one(meant, [{"$set": {"commands": more}}]).matched_count == 1


def _register(session: Session, named: Document, description: Document, lease: float) -> bool:
    """Whether the worker was not registered before. Literally: a text with a dollar names a field else."""
    kept = {name: {"$ifNull": [f"${name}", {"$literal": value}]} for name, value in description.items()}
    update = [{"$set": {**kept, **_leased(lease)}}]
    try:
        return session.workers.update_one(named, update, upsert=True).upserted_id is not None
    except DuplicateKeyError:
        return session.workers.update_one(named, update, upsert=True).upserted_id is not None


def _described(worker: WorkerInfo) -> Document:
    return {
        "host": stored(worker.host),
        "pid": worker.pid,
        "queues": [stored(queue) for queue in worker.queues],
        "started_at": worker.started_at,
        "commands": [],
        "processed": 0,
        "failed": 0,
        "folded": 0,
    }


def _leased(seconds: float) -> Document:
    return {"lease_until": {"$add": ["$$NOW", seconds * 1000]}}


def _members(session: Session) -> list[WorkerInfo]:
    held = sweeping.held_by(session)
    receipts: dict[Stored, list[Document]] = {}
    for receipt in ledger.pending(session):
        if is_name(worker := receipt.get("worker")):
            receipts.setdefault(worker, []).append(receipt)
    found = session.workers.aggregate([{"$match": {"ns": session.ns}}, {"$set": {"now": "$$NOW"}}])
    members = [member for member in found if is_name(member.get("id"))]
    return [_worker(member, held.get(member["id"]), receipts.get(member["id"], [])) for member in members]


def _worker(member: Document, held: Reservation | None, receipts: Sequence[Document]) -> WorkerInfo:
    uncounted = counted_by(receipts)
    now: datetime = member["now"]
    return WorkerInfo(
        id=shown(member["id"]),
        host=shown(member.get("host")),
        pid=read_number(member.get("pid")),
        queues=read_texts(member.get("queues")),
        started_at=read_moment(member.get("started_at")),
        heartbeat_at=read_moment_if_any(member.get("heartbeat_at")),
        lease_left=(read_moment(member.get("lease_until")) - now).total_seconds(),
        reservation=held,
        processed=read_number(member.get("processed")) + uncounted["processed"],
        failed=read_number(member.get("failed")) + uncounted["failed"],
    )
