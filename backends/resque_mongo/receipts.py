"""Receipts of settlements: what a settled job's document keeps, and who settled what last."""

from typing import Any

from bson import Timestamp

from resque_core.failure import Failure
from resque_core.records import Reservation
from resque_mongo import limits
from resque_mongo.session import Document, Session
from resque_mongo.texts import Stored, shown, stored
from resque_mongo.uniques import OVER_AT_END

#: What a settlement adds to the counters.
COMPLETED = [{"name": "processed", "by": 1}]
RETRIED = [{"name": "processed", "by": 1}, {"name": "retried", "by": 1}]
FAILED = [{"name": "processed", "by": 1}, {"name": "failed", "by": 1}]

#: Turns a running job into the receipt of its end. The time of its claim becomes the receipt's own.
SETTLED: Document = {
    "$rename": {"since": "uncounted"},
    "$currentDate": {"ended_at": True},
    "$unset": dict.fromkeys(
        (
            *("slot", "live", "payload", "seq", "head", "enqueued_at", "reserved_at"),
            *(*OVER_AT_END, *limits.OVER_AT_END),
        ),
        True,
    ),
}
#: Characters of a failure's message, and of its backtrace: beside a payload they fit into a document.
_LONGEST = 100_000


def keep_failure(failure: Failure, counts: list[dict[str, Any]]) -> Document:
    """The update that turns a running job into a failed one; the payload stays in the document."""
    stays = {"payload", "enqueued_at"}
    return {
        "$set": {
            "state": "failed",
            "counts": counts,
            "id": stored(failure.job_id),
            "queue": stored(failure.queue),
            "payload": failure.payload,
            **{f"failure.{name}": value for name, value in _fields(failure).items()},
            **({"retried_at": failure.retried_at} if failure.retried_at else {}),
        },
        "$rename": SETTLED["$rename"],
        "$currentDate": {"ended_at": True, "failure.order": {"$type": "timestamp"}},
        "$unset": {name: True for name in SETTLED["$unset"] if name not in stays},
    }


def failure_of(job: Document) -> Failure:
    """The failure in a failed job's document."""
    failure = job["failure"]
    return Failure(
        id=shown(failure["id"]),
        job_id=shown(job["id"]),
        queue=shown(failure["queue"]),
        name=shown(failure["name"]),
        payload=bytes(job["payload"]),
        exception=shown(failure["exception"]),
        error=shown(failure["error"]),
        backtrace=tuple(map(shown, failure["backtrace"])),
        worker=shown(failure["worker"]),
        failed_at=failure["failed_at"],
        retried_at=job.get("retried_at"),
    )


def last_part(exception: str) -> str:
    """`Refused` of `app.errors.Refused`."""
    return exception.rpartition(".")[2]


def count_retry(session: Session, reservation: Reservation, since: Timestamp) -> None:
    """Leave the receipt of an attempt whose job goes on: a document of its own, at the time of the claim."""
    session.jobs.insert_one(
        {
            "ns": session.ns,
            "state": "done",
            "worker": stored(reservation.worker),
            "token": stored(reservation.token),
            "uncounted": since,
            "counts": RETRIED,
            "ended_at": session.now(),
        }
    )


def note_settled(session: Session, worker: str, stamp: Timestamp, token: Stored) -> None:
    """Have the worker's own document say that this was settled last, unless it names a later one."""
    session.workers.update_one(
        {"ns": session.ns, "id": stored(worker)}, {"$max": {"settled": {"stamp": stamp, "token": token}}}
    )


def settled_last(session: Session, reservation: Reservation) -> bool:
    """Whether this token is the one that the worker settled last: then the reply was lost, not the job."""
    worker, token = stored(reservation.worker), stored(reservation.token)
    receipt = session.jobs.find_one(
        {"ns": session.ns, "uncounted": {"$exists": True}, "worker": worker}, sort=[("uncounted", -1)]
    )
    released = _unnoted_release(session, reservation)
    # After the receipts: these are noted here before they go.
    member = session.workers.find_one({"ns": session.ns, "id": worker}) or {}
    said = [member.get("settled"), _stamped(receipt, "uncounted"), _stamped(released, "since")]
    last = max((it for it in said if it), key=lambda it: it["stamp"], default={})
    return bool(last) and last.get("token") == token


def _unnoted_release(session: Session, reservation: Reservation) -> Document | None:
    """The job, if it was put back under this token and was not claimed since."""
    meant = {
        "ns": session.ns,
        "id": stored(reservation.entry.id),
        "live": True,
        "state": {"$in": ["waiting", "delayed"]},
    }
    held = {"worker": stored(reservation.worker), "token": stored(reservation.token)}
    job = session.jobs.find_one({**meant, **held}, {"since": True, "token": True})
    if job is not None:
        note_settled(session, reservation.worker, job["since"], job["token"])
    return job


def _stamped(job: Document | None, stamp: str) -> Document | None:
    return job and {"stamp": job[stamp], "token": job.get("token")}


def _fields(failure: Failure) -> Document:
    return {
        "id": stored(failure.id),
        "name": stored(failure.name),
        "queue": stored(failure.queue),
        "exception": stored(failure.exception),
        "kind": stored(last_part(failure.exception)),
        "error": stored(failure.error[:_LONGEST]),
        "backtrace": [stored(line) for line in _cut(failure.backtrace)],
        "worker": stored(failure.worker),
        "failed_at": failure.failed_at,
    }


def _cut(backtrace: tuple[str, ...]) -> tuple[str, ...]:
    left = _LONGEST
    for number, line in enumerate(backtrace):
        left -= len(line)
        if left < 0:
            return backtrace[:number]
    return backtrace
