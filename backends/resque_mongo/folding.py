"""What folding does: the note of what is folded, and each of its sums added once."""

from collections import Counter
from collections.abc import Iterable, Sequence
from contextlib import suppress
from typing import Any

from pymongo import DeleteMany, UpdateMany, UpdateOne
from pymongo.cursor import Cursor
from pymongo.errors import DuplicateKeyError

from resque_core.clock import from_epoch
from resque_mongo.session import Document, Session
from resque_mongo.texts import field_of, shown

Receipts = Cursor[Document]

#: What is read of a receipt.
FIELDS = dict.fromkeys(("uncounted", "ended_at", "counts", "worker", "token"), True)
MINUTE, DAY = 60, 86_400
#: Days for which minutes, days, and the tombstones of workers are kept.
_KEPT_MINUTES, _KEPT_DAYS, _KEPT_TOMBSTONES = 8, 400, 1


def note_of(receipts: Sequence[Document]) -> Document:
    """All that folding these receipts has to do, in one document."""
    return {
        "stamps": [receipt["uncounted"] for receipt in receipts],
        "counts": [
            {"name": name, "day": day, "minute": minute, "by": by}
            for (name, day, minute), by in buckets_of(receipts).items()
        ],
        "workers": [_member_of(worker, its) for worker, its in _by_worker(receipts).items()],
    }


def buckets_of(receipts: Iterable[Document]) -> Counter[tuple[Any, int, int]]:
    """What the receipts count, by name, start of the day, and minute of the day."""
    sums: Counter[tuple[Any, int, int]] = Counter()
    for receipt in receipts:
        seconds = int(receipt["ended_at"].timestamp())
        for count in receipt["counts"]:
            sums[count["name"], seconds // DAY * DAY, seconds % DAY // MINUTE] += count["by"]
    return sums


def sums(note: Document) -> dict[str, int]:
    """What the note adds to the totals."""
    found: Counter[str] = Counter()
    for count in note["counts"]:
        found[f"counts.{field_of(shown(count['name']))}"] += count["by"]
    return dict(found)


def carry_out(session: Session, note: Document, version: int) -> None:
    """Do what the note says, where it was not done yet; then the receipts go."""
    for day in sorted({count["day"] for count in note["counts"]}):
        _add_to_day(session, day, [count for count in note["counts"] if count["day"] == day], version)
    if members := [_add_to_member(session, member, version) for member in note["workers"]]:
        session.workers.bulk_write(members, ordered=False)
    folded = {"ns": session.ns, "uncounted": {"$in": note["stamps"]}}
    session.jobs.bulk_write(
        [
            # In this order: a failed job that somebody removes meanwhile becomes a done one.
            UpdateMany(
                {**folded, "state": "failed"},
                {"$unset": {"uncounted": True, "counts": True, "ended_at": True}},
            ),
            DeleteMany({**folded, "state": "done"}),
        ]
    )


def _by_worker(receipts: Iterable[Document]) -> dict[Any, list[Document]]:
    found: dict[Any, list[Document]] = {}
    for receipt in receipts:
        if "worker" in receipt:
            found.setdefault(receipt["worker"], []).append(receipt)
    return found


def _member_of(worker: Any, receipts: Sequence[Document]) -> Document:
    """A worker's part of the note: its sums, and what it settled last."""
    named = [receipt for receipt in receipts if "token" in receipt]
    last = max(named, key=lambda receipt: receipt["uncounted"], default=None)
    settled = last and {"stamp": last["uncounted"], "token": last["token"]}
    return {"id": worker, "settled": settled, **counted_by(receipts)}


def counted_by(receipts: Iterable[Document]) -> dict[str, int]:
    """How many jobs the receipts say that were processed, and how many failed."""
    found = Counter(count["name"] for receipt in receipts for count in receipt["counts"])
    return {"processed": found["processed"], "failed": found["failed"]}


def _add_to_day(session: Session, day: int, counts: Sequence[Document], version: int) -> None:
    added: Counter[str] = Counter()
    for count in counts:
        name = field_of(shown(count["name"]))
        added[f"days.{name}"] += count["by"]
        added[f"minutes.{name}.{count['minute']}"] += count["by"]
    meant = {"ns": session.ns, "day": day, "folded": {"$lt": version}}
    # A duplicate key: the document is there, and has seen this version.
    with suppress(DuplicateKeyError):
        update = {"$inc": dict(added), "$set": {"folded": version}}
        if session.stats.update_one(meant, update, upsert=True).upserted_id is not None:
            _forget_the_old(session, day)


def _forget_the_old(session: Session, today: int) -> None:
    """Once a day, when the first of its receipts is folded."""
    ns, days = {"ns": session.ns}, session.stats
    days.delete_many({**ns, "day": {"$gte": 0, "$lt": today - _KEPT_DAYS * DAY}})
    days.update_many(
        {**ns, "day": {"$gte": 0, "$lt": today - _KEPT_MINUTES * DAY}}, {"$unset": {"minutes": True}}
    )
    left = {"$lt": from_epoch(today - _KEPT_TOMBSTONES * DAY)}
    session.jobs.delete_many({**ns, "slot": {"$exists": True}, "state": "gone", "gone_at": left})


def _add_to_member(session: Session, member: Document, version: int) -> UpdateOne:
    sums = {name: member[name] for name in ("processed", "failed")}
    settled = {"$max": {"settled": member["settled"]}} if member["settled"] else {}
    meant = {"ns": session.ns, "id": member["id"], "folded": {"$lt": version}}
    return UpdateOne(meant, {"$inc": sums, "$set": {"folded": version}, **settled})
