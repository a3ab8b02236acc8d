"""What folding does: the note of what is folded, and each of its sums added once."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from pymongo import DeleteMany, UpdateMany, UpdateOne
from pymongo.cursor import Cursor
from pymongo.errors import BulkWriteError

from resque_core.clock import from_epoch
from resque_mongo import timings
from resque_mongo.fields import (
    is_name,
    is_stamp,
    is_whole,
    read_document,
    read_documents,
    read_moment_if_any,
    read_number,
)
from resque_mongo.session import Document, Session
from resque_mongo.texts import Stored

Receipts = Cursor[Document]

#: A receipt that the counters do not know yet, and what is none: others may have put anything there.
#: (mongomock, which knows no timestamps, goes no further where there is none.)
UNCOUNTED: Document = {"uncounted": {"$exists": True, "$type": "timestamp", "$not": {"$type": "array"}}}
COUNTED: Document = {"$nor": [UNCOUNTED]}
#: What is read of a receipt.
FIELDS = dict.fromkeys(("uncounted", "ended_at", "counts", "worker", "token", *timings.FIELDS), True)
MINUTE, DAY = 60, 86_400
#: The `day` of the document that holds a counter's total.
TOTAL = -1
DUPLICATE_KEY = 11000
_TIMES = ("enqueued_at", "reserved_at", "spell")
_LARGEST = 2**63 - 1
#: More than anybody folds, and less than what cannot be raised any more.
LARGEST_VERSION = 2**53
#: Days for which minutes, days, and the tombstones of workers are kept.
_KEPT_MINUTES, _KEPT_DAYS, _KEPT_TOMBSTONES = 8, 400, 1


def note_of(receipts: Sequence[Document]) -> Document:
    """All that folding these receipts has to do, in one document."""
    return {
        "stamps": [receipt["uncounted"] for receipt in receipts],
        "counts": [
            {"name": name, "day": day, "minute": minute, "by": _bounded(by)}
            for (name, day, minute), by in buckets_of(receipts).items()
        ],
        "workers": [_member_of(worker, its) for worker, its in _by_worker(receipts).items()],
        "timings": timings.noted(timings.sums_of(receipts)),
    }


def buckets_of(receipts: Iterable[Document]) -> Counter[tuple[Any, int, int]]:
    """What the receipts count, by name, start of the day, and minute of the day."""
    sums: Counter[tuple[Any, int, int]] = Counter()
    for receipt in receipts:
        # Its own time tells it too, but for the last part of a second.
        ended_at = read_moment_if_any(receipt.get("ended_at")) or receipt["uncounted"].as_datetime()
        seconds = int(ended_at.timestamp())
        for name, by in counts_of(receipt):
            sums[name, seconds // DAY * DAY, seconds % DAY // MINUTE] += by
    return sums


def counts_of(receipt: Document) -> Iterator[tuple[Stored, int]]:
    """The names that the receipt counts, and how much of each."""
    for count in read_documents(receipt.get("counts")):
        if is_name(name := count.get("name")):
            yield name, read_number(count.get("by"))


def is_note(field: object) -> bool:
    """Whether it is a note as `note_of` writes them, with all that `carry_out` reads of it."""
    note = read_document(field)
    parts = [*(note.get(name) for name in ("stamps", "counts", "workers")), _timings_of(note)]
    return (
        all(isinstance(part, list) for part in parts)
        and all(map(is_stamp, note["stamps"]))
        and all(map(_is_count, note["counts"]))
        and all(map(_is_member, note["workers"]))
        and all(map(timings.is_noted, _timings_of(note)))
    )


def _is_count(field: object) -> bool:
    count = read_document(field)
    numbers = (count.get("day"), count.get("minute"), count.get("by"))
    return is_name(count.get("name")) and all(map(is_whole, numbers))


def _is_member(field: object) -> bool:
    member = read_document(field)
    settled = member.get("settled")
    return (
        is_name(member.get("id"))
        and all(is_whole(member.get(name)) for name in ("processed", "failed"))
        and (settled is None or is_stamp(read_document(settled).get("stamp")))
    )


def carry_out(session: Session, note: Document, version: int) -> None:
    """Do what the note says, where it was not done yet; then the receipts go."""
    if note["counts"]:
        _add_to_counters(session, note["counts"], version)
    if members := [_add_to_member(session, member, version) for member in note["workers"]]:
        session.workers.bulk_write(members, ordered=False)
    timed = timings.fields_of(_timings_of(note))
    if queues := [_add_to_queue(session, queue, sums, version) for queue, sums in timed.items()]:
        session.queues.bulk_write(queues, ordered=False)
    folded = {"ns": session.ns, "uncounted": {"$in": note["stamps"]}}
    session.jobs.bulk_write(
        [
            # In this order: a failed job that somebody removes meanwhile becomes a done one.
            UpdateMany(
                {**folded, "state": {"$ne": "done"}},
                {"$unset": dict.fromkeys(("uncounted", "counts", "ended_at", "reserved_at"), True)},
            ),
            # It holds a claim for a time: the server deletes it when that is over.
            UpdateMany(
                {**folded, "state": "done", "unique_expiry": {"$exists": True}},
                [{"$set": {"forget_at": "$unique_until"}}, {"$unset": ["uncounted", "counts", *_TIMES]}],
            ),
            DeleteMany({**folded, "state": "done"}),
        ]
    )


def newest_seen(session: Session) -> int:
    """The highest version that any document has seen."""
    seen = {"$match": {"ns": session.ns, "folded": {"$gte": 0, "$lte": LARGEST_VERSION}}}
    newest: list[Document] = [seen, {"$group": {"_id": None, "version": {"$max": "$folded"}}}]
    who = (session.counters, session.workers, session.queues)
    found = [it for of in who for it in of.aggregate(newest)]
    return max((read_number(it["version"]) for it in found), default=0)


def _timings_of(note: Document) -> Any:
    """None were noted by those who knew of no histograms."""
    return note.get("timings", [])


def _by_worker(receipts: Iterable[Document]) -> dict[Any, list[Document]]:
    found: dict[Any, list[Document]] = {}
    for receipt in receipts:
        if is_name(worker := receipt.get("worker")):
            found.setdefault(worker, []).append(receipt)
    return found


def _member_of(worker: Any, receipts: Sequence[Document]) -> Document:
    """A worker's part of the note: its sums, and what it settled last."""
    named = [receipt for receipt in receipts if is_name(receipt.get("token"))]
    last = max(named, key=lambda receipt: receipt["uncounted"], default=None)
    settled = last and {"stamp": last["uncounted"], "token": last["token"]}
    return {"id": worker, "settled": settled, **counted_by(receipts)}


def counted_by(receipts: Iterable[Document]) -> dict[str, int]:
    """How many jobs the receipts say that were processed, and how many failed."""
    found = Counter(name for receipt in receipts for name, _ in counts_of(receipt))
    return {"processed": found["processed"], "failed": found["failed"]}


def _add_to_counters(session: Session, counts: Sequence[Document], version: int) -> None:
    """To each counter's total, and to its days."""
    minutes: dict[tuple[Any, int], Counter[int]] = {}
    for count in counts:
        minutes.setdefault((count["name"], count["day"]), Counter())[count["minute"]] += count["by"]
    totals: Counter[Any] = Counter()
    for (name, _), its in minutes.items():
        totals[name] += its.total()
    named = {"ns": session.ns, **_unseen(version)}
    updates = [_adding({**named, "name": name, "day": TOTAL}, by, {}, version) for name, by in totals.items()]
    updates += [
        _adding({**named, "name": name, "day": day}, its.total(), its, version)
        for (name, day), its in minutes.items()
    ]
    try:
        session.counters.bulk_write(updates, ordered=False)
    except BulkWriteError as error:
        # A duplicate key: the document is there, and has seen this version.
        problems = error.details["writeErrors"]
        if error.details.get("writeConcernErrors") or any(it["code"] != DUPLICATE_KEY for it in problems):
            raise


def _adding(meant: Document, by: int, minutes: Mapping[int, int], version: int) -> UpdateMany:
    sums = {"total": by, **{f"minutes.{minute}": value for minute, value in minutes.items()}}
    added = {field: _sum(field, value) for field, value in sums.items()}
    update = [{"$set": {"folded": version, **added}}]
    if minutes:
        is_document = {"$eq": [{"$type": "$minutes"}, "object"]}
        update.insert(0, {"$set": {"minutes": {"$cond": [is_document, "$minutes", {}]}}})
    return UpdateMany(meant, update, upsert=True)


def _unseen(version: int) -> Document:
    """That a document has not seen this version: it names an earlier one, or none."""
    return {"folded": {"$not": {"$gte": version}}}


def _sum(field: str, by: int) -> Document:
    """What the field becomes: 64 bits, and no more if that is too few, rather than an error for ever."""
    was = {"$cond": [{"$isNumber": f"${field}"}, f"${field}", 0]}
    return {"$max": [-_LARGEST, {"$min": [_LARGEST, {"$add": [was, _bounded(by)]}]}]}


def _bounded(value: int) -> int:
    return max(-_LARGEST, min(_LARGEST, value))


def forget_the_old(session: Session, today: int, tidied: int) -> None:
    """Drop what is too old, and the minutes that grew too old since the day when it was `tidied`."""
    ns, days = {"ns": session.ns}, session.counters
    days.delete_many({**ns, "day": {"$gte": 0, "$lt": today - _KEPT_DAYS * DAY}})
    aged = {"$gte": max(0, tidied - _KEPT_MINUTES * DAY), "$lt": today - _KEPT_MINUTES * DAY}
    days.update_many({**ns, "day": aged}, {"$unset": {"minutes": True}})
    left = {"$lt": from_epoch(today - _KEPT_TOMBSTONES * DAY)}
    session.jobs.delete_many({**ns, "slot": {"$exists": True}, "state": "gone", "gone_at": left})


def _add_to_member(session: Session, member: Document, version: int) -> UpdateOne:
    sums = {name: _sum(name, member[name]) for name in ("processed", "failed")}
    last = member.get("settled") and {"$literal": member["settled"]}
    settled = {"settled": {"$max": ["$settled", last]}} if last else {}
    meant = {"ns": session.ns, "id": member["id"], **_unseen(version)}
    return UpdateOne(meant, [{"$set": {**sums, "folded": version, **settled}}])


def _add_to_queue(session: Session, queue: Any, sums: Mapping[str, int], version: int) -> UpdateOne:
    """To the histograms of a queue, unless it was removed."""
    added = {field: _sum(field, by) for field, by in sums.items()}
    meant = {"ns": session.ns, "name": queue, **_unseen(version)}
    return UpdateOne(meant, [{"$set": {"folded": version, **added}}])
