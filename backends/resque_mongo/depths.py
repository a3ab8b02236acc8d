"""The depths of queues, minute by minute: a document each, which the server deletes when it is a day old."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta

from pymongo import ASCENDING
from pymongo.errors import DuplicateKeyError

from resque_core.depths import KEPT_DEPTHS, MINUTE, Depths, depths_of
from resque_core.records import QueueInfo
from resque_mongo.fields import is_name, read_documents, read_moment, read_number
from resque_mongo.session import Document, Session
from resque_mongo.texts import shown, stored


def note(session: Session, queues: Callable[[], Sequence[QueueInfo]]) -> float:
    """Note what waits now, unless this minute has that already; seconds until the next minute."""
    now = session.now()
    start = now.replace(second=0, microsecond=0)
    if not session.depths.count_documents({"ns": session.ns, "start": start}, limit=1):
        seen = depths_of(start, queues())
        named = [{"name": stored(name), "size": size} for name, size in seen.queues.items()]
        # Or somebody else was faster.
        with suppress(DuplicateKeyError):
            session.depths.insert_one(
                {"ns": session.ns, "start": start, "total": seen.total, "queues": named}
            )
    return MINUTE - (now - start).total_seconds()


def read(session: Session, count: int) -> Sequence[Depths]:
    """What was noted in the last `count` minutes, oldest first."""
    now = session.now()
    first = now - timedelta(minutes=min(max(count, 0), KEPT_DEPTHS))
    meant = {"ns": session.ns, "start": {"$gt": first, "$lte": now}}
    return [_depths(note) for note in session.depths.find(meant).sort("start", ASCENDING)]


def _depths(note: Document) -> Depths:
    queues = [it for it in read_documents(note.get("queues")) if is_name(it.get("name"))]
    start: datetime = read_moment(note.get("start"))
    sizes = {shown(it["name"]): read_number(it.get("size")) for it in queues}
    return Depths(start, read_number(note.get("total")), sizes)
