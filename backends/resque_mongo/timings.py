"""How long jobs waited and took: the sums of each queue, in its own document.

A receipt keeps the three times that it takes, and what its worker has measured, until it is folded. What is
folded into the document of a queue goes with it: nobody keeps count of a queue that was removed.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from resque_core.records import Spell
from resque_core.timing import Timings, bucket_of, histogram
from resque_mongo.fields import is_name, is_whole, read_document, read_moment_if_any, read_number
from resque_mongo.session import Document, Session
from resque_mongo.texts import Stored, shown, stored

#: What a receipt keeps for this.
FIELDS = ("queue", "enqueued_at", "reserved_at", "spell")
#: What is in the place of a bucket, for the sum of all, in milliseconds.
_SUM = "sum"

#: By queue, measure, and bucket.
Sums = Counter[tuple[Any, str, str]]


def sums_of(receipts: Iterable[Document]) -> Sums:
    """What the receipts add to the histograms of their queues."""
    sums: Sums = Counter()
    for receipt in receipts:
        if is_name(queue := receipt.get("queue")):
            for measure, milliseconds in _measured(receipt):
                sums[queue, measure, bucket_of(milliseconds / 1000)] += 1
                sums[queue, measure, _SUM] += milliseconds
    return sums


def noted(sums: Sums) -> list[Document]:
    """The same for the note of what is to be folded."""
    return [
        {"queue": queue, "measure": measure, "bucket": bucket, "by": by}
        for (queue, measure, bucket), by in sums.items()
    ]


def is_noted(field: object) -> bool:
    """Whether it is one of those."""
    sums = read_document(field)
    texts = (sums.get("measure"), sums.get("bucket"))
    return (
        is_name(sums.get("queue"))
        and is_whole(sums.get("by"))
        and all(isinstance(it, str) and it.isalnum() for it in texts)
    )


def fields_of(note: Sequence[Document]) -> dict[Any, dict[str, int]]:
    """Of each queue, the fields of its document that the note's sums are added to, and how much to each."""
    fields: dict[Any, dict[str, int]] = {}
    for sums in note:
        fields.setdefault(sums["queue"], {})[f"timings.{sums['measure']}.{sums['bucket']}"] = sums["by"]
    return fields


def read(session: Session, queues: Sequence[str], receipts: Iterable[Document]) -> dict[str, Timings]:
    """The histograms of those of the queues that have any: what was folded, plus what the receipts add."""
    named = {"ns": session.ns, "name": {"$in": [stored(queue) for queue in queues]}}
    documents = {it["name"]: it for it in session.queues.find(named, {"name": True, "timings": True})}
    by_queue: dict[Stored, Counter[tuple[str, str]]] = {}
    for (queue, measure, bucket), by in sums_of(receipts).items():
        if queue in documents:
            by_queue.setdefault(queue, Counter())[measure, bucket] += by
    for queue, document in documents.items():
        for measure, bucket, by in _folded(document):
            by_queue.setdefault(queue, Counter())[measure, bucket] += by
    return {shown(queue): _timings(its) for queue, its in by_queue.items()}


def forget(session: Session, queue: str) -> None:
    """Have nobody add to a queue, should it come back, what was not folded yet."""
    receipts = {"ns": session.ns, "uncounted": {"$exists": True}, "queue": stored(queue)}
    session.jobs.update_many(receipts, {"$unset": {"reserved_at": True}})


def told(spell: Spell) -> Document:
    """When a job ran, as its worker has measured it: milliseconds after it was reserved, and how many.

    Both are whole, and so that those of a bundle add up to what all of it took.
    """
    began, ended = round(spell.began * 1000), round(spell.ended * 1000)
    return {"began": began, "took": ended - began}


def _measured(receipt: Document) -> Iterator[tuple[str, int]]:
    came, begun, ended = (
        read_moment_if_any(receipt.get(name)) for name in ("enqueued_at", "reserved_at", "ended_at")
    )
    if begun is None or ended is None:
        return
    spell = read_document(receipt.get("spell"))
    yield "duration", max(0, read_number(spell["took"])) if "took" in spell else _milliseconds(begun, ended)
    if came is not None:
        yield "wait", _milliseconds(came, begun) + max(0, read_number(spell.get("began")))


def _milliseconds(since: datetime, until: datetime) -> int:
    return max(0, round((until - since).total_seconds() * 1000))


def _folded(document: Document) -> Iterator[tuple[str, str, int]]:
    for measure, buckets in read_document(document.get("timings")).items():
        for bucket, by in read_document(buckets).items():
            yield measure, bucket, read_number(by)


def _timings(sums: Mapping[tuple[str, str], int]) -> Timings:
    wait, duration = (
        histogram(
            {bucket: by for (of, bucket), by in sums.items() if of == measure},
            sums.get((measure, _SUM), 0) / 1000,
        )
        for measure in ("wait", "duration")
    )
    return Timings(wait, duration)
