"""Receipts of settlements: what a settled job's document keeps, and who settled what last."""

from collections.abc import Sequence
from typing import Any

from resque_core.failure import Failure, host_of
from resque_core.records import Reservation, Spell
from resque_mongo import limits
from resque_mongo.fields import is_name, is_stamp, read_document, read_moment, read_moment_if_any, read_texts
from resque_mongo.folding import UNCOUNTED
from resque_mongo.queues import entry_of
from resque_mongo.session import Document, Session
from resque_mongo.texts import Stored, shown, stored
from resque_mongo.timings import FIELDS as TIMED
from resque_mongo.timings import told
from resque_mongo.uniques import OVER_AT_END

#: What a settlement adds to the counters.
COMPLETED = [{"name": "processed", "by": 1}]
RETRIED = [{"name": "processed", "by": 1}, {"name": "retried", "by": 1}]
FAILED = [{"name": "processed", "by": 1}, {"name": "failed", "by": 1}]

#: Turns a running job into the receipt of its end. The time of its claim becomes the receipt's own; when it
#: came to its queue and was reserved stays for the histograms.
SETTLED: Document = {
    "$rename": {"since": "uncounted"},
    "$currentDate": {"ended_at": True},
    "$unset": dict.fromkeys(
        (
            *("slot", "live", "payload", "seq", "head"),
            *(*OVER_AT_END, *limits.OVER_AT_END),
        ),
        True,
    ),
}
#: The same of a job that is done.
DONE: Document = {**SETTLED, "$set": {"state": "done", "counts": COMPLETED}}
#: What a receipt loses that was in no slot: its head's alone says what its worker has settled.
_BESIDE = ("along", "token")
#: What none of a worker's settlements is: the end of a job that came along.
_NOT_BESIDE: Document = {"$nor": [{"state": "done", "token": {"$exists": False}}]}
#: Characters of a failure's message, and of its backtrace: beside a payload they fit into a document.
_LONGEST = 100_000


def done_in(spell: Spell) -> Document:
    """As `DONE`, of a job whose worker says when it ran."""
    return {**DONE, "$set": {**DONE["$set"], "spell": told(spell)}}


def done_along(spells: Sequence[Spell]) -> list[Document]:
    """The same of all these, which came along with another that the worker's settlement is of."""
    ids, all_told = [stored(spell.job_id) for spell in spells], [told(spell) for spell in spells]
    its = {"$arrayElemAt": [{"$literal": all_told}, {"$indexOfArray": [{"$literal": ids}, "$id"]}]}
    times = {"uncounted": "$since", "ended_at": "$$NOW", "spell": its}
    return [
        {"$set": {"state": "done", "counts": {"$literal": COMPLETED}, **times}},
        {"$unset": ["since", *_BESIDE, *SETTLED["$unset"]]},
    ]


def keep_failure(failure: Failure, counts: list[dict[str, Any]]) -> Document:
    """The update that turns a running job into a failed one; the payload stays in the document."""
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
        "$unset": {name: True for name in SETTLED["$unset"] if name != "payload"},
    }


def failure_of(job: Document) -> Failure:
    """The failure in a failed job's document."""
    failure = read_document(job.get("failure"))
    entry = entry_of(job)
    return Failure(
        id=failure_id(job),
        job_id=entry.id,
        queue=shown(failure.get("queue")),
        name=shown(failure.get("name")),
        payload=entry.payload,
        exception=shown(failure.get("exception")),
        error=shown(failure.get("error")),
        backtrace=read_texts(failure.get("backtrace")),
        worker=shown(failure.get("worker")),
        failed_at=read_moment(failure.get("failed_at")),
        retried_at=read_moment_if_any(job.get("retried_at")),
    )


def failure_id(job: Document) -> str:
    """The id of the failure in a failed job's document. One without goes by its document's."""
    found = read_document(job.get("failure")).get("id")
    return shown(found) if is_name(found) else shown(job["_id"])


def last_part(exception: str) -> str:
    """`Refused` of `app.errors.Refused`."""
    return exception.rpartition(".")[2]


def count_retry(session: Session, reservation: Reservation, job: Document) -> None:
    """Leave the receipt of an attempt whose job goes on: a document of its own, at the time of the claim.

    If that is none, because another program has changed it, nothing is counted.
    """
    if not is_stamp(job.get("since")):
        return
    session.jobs.insert_one(
        {
            "ns": session.ns,
            "state": "done",
            "worker": stored(reservation.worker),
            "token": stored(reservation.token),
            "uncounted": job["since"],
            "counts": RETRIED,
            "ended_at": session.now(),
            **{name: job[name] for name in TIMED if name in job},
        }
    )


def note_settled(session: Session, worker: str, stamp: object, token: Stored) -> None:
    """Have the worker's own document say that this was settled last, unless it names a later one."""
    if is_stamp(stamp):
        session.workers.update_one(
            {"ns": session.ns, "id": stored(worker)}, {"$max": {"settled": {"stamp": stamp, "token": token}}}
        )


def settled_last(session: Session, reservation: Reservation) -> bool:
    """Whether this token is the one that the worker settled last: then the reply was lost, not the job."""
    worker, token = stored(reservation.worker), stored(reservation.token)
    receipt = session.jobs.find_one(
        {"ns": session.ns, **UNCOUNTED, "worker": worker, **_NOT_BESIDE}, sort=[("uncounted", -1)]
    )
    released = _unnoted_release(session, reservation)
    # After the receipts: these are noted here before they go.
    member = session.workers.find_one({"ns": session.ns, "id": worker}) or {}
    said = [read_document(member.get("settled")), _stamped(receipt, "uncounted"), _stamped(released, "since")]
    last = max((it for it in said if is_stamp(it.get("stamp"))), key=lambda it: it["stamp"], default={})
    return last.get("token") == token


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
        note_settled(session, reservation.worker, job.get("since"), job["token"])
    return job


def _stamped(job: Document | None, stamp: str) -> Document:
    return {"stamp": job.get(stamp), "token": job.get("token")} if job else {}


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
        "host": stored(host_of(failure.worker)),
        "failed_at": failure.failed_at,
    }


def _cut(backtrace: tuple[str, ...]) -> tuple[str, ...]:
    left = _LONGEST
    for number, line in enumerate(backtrace):
        left -= len(line)
        if left < 0:
            return backtrace[:number]
    return backtrace
