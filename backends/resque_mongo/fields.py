"""Reads fields as they should be, whatever another program has put there; `None` is a field that is missing.

What names a document (a queue, a worker, an entry) has to be a text as we store it, else nothing could find
the document again: one that has no such name is none of ours and is left alone.
"""

import math
from datetime import datetime
from typing import TypeGuard

from bson import Timestamp

from resque_core.clock import LATEST, from_epoch
from resque_mongo.session import Document, in_utc
from resque_mongo.texts import Stored, shown, stored

#: What is shown for a time that is none.
UNKNOWN = from_epoch(0)


def is_name(field: object) -> TypeGuard[Stored]:
    """Whether it is what `stored` makes of a text."""
    return isinstance(field, str | bytes) and stored(shown(field)) == field


def as_seen(name: str, field: object) -> Document:
    """The filter of documents in which the field still is this text, or still is none."""
    if isinstance(field, str | bytes):
        return {name: field}
    return {"$expr": {"$not": [{"$in": [{"$type": f"${name}"}, ["string", "binData"]]}]}}


def is_whole(field: object) -> TypeGuard[int]:
    """Whether it is a whole number."""
    return isinstance(field, int) and not isinstance(field, bool)


def read_bytes(field: object) -> bytes:
    """Bytes, or those of a text; of anything else such as are no job and no note."""
    return bytes(field) if isinstance(field, bytes) else shown(field).encode("utf-8", "surrogatepass")


def read_texts(field: object) -> tuple[str, ...]:
    """The texts of a list; none of anything else."""
    return tuple(map(shown, field)) if isinstance(field, list) else ()


def read_number(field: object) -> int:
    """A whole number; 0 for anything else."""
    if isinstance(field, float):
        return int(field) if math.isfinite(field) else 0
    return field if is_whole(field) else 0


def read_seconds(field: object) -> float:
    """A span of time, of thirty years at most; 0.0 for anything else."""
    return min(max(0.0, float(field)), 1e9) if isinstance(field, int | float) else 0.0


def read_moment(field: object) -> datetime:
    """The moment of a date, aware; `LATEST` of one that is beyond it."""
    if isinstance(field, datetime) and field.year == datetime.max.year:
        return LATEST
    return in_utc(field) if _is_moment(field) else UNKNOWN


def read_moment_if_any(field: object) -> datetime | None:
    """The moment of a date, aware; None for anything else."""
    return in_utc(field) if _is_moment(field) else None


def read_document(field: object) -> Document:
    """A document; an empty one for anything else."""
    return field if isinstance(field, dict) else {}


def read_documents(field: object) -> list[Document]:
    """The documents of a list; none of anything else."""
    return [it for it in field if isinstance(it, dict)] if isinstance(field, list) else []


def is_stamp(field: object) -> TypeGuard[Timestamp]:
    """Whether it is a time of the server's that no other document has."""
    return isinstance(field, Timestamp)


def _is_moment(field: object) -> TypeGuard[datetime]:
    # The driver makes the first or the last year of a date that Python cannot have.
    return isinstance(field, datetime) and datetime.min.year < field.year < datetime.max.year
