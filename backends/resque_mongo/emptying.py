"""Deletes any number of jobs: in steps, because each call of the server has its deadline."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from resque_mongo.connection import Connection
from resque_mongo.session import Document, Session

#: How many jobs go in one step: a fraction of a second.
WINDOW = 10_000


@dataclass(frozen=True, slots=True)
class Listing:
    """Jobs in an order: its fields, its index, and the filter of what is behind one of them."""

    order: Sequence[tuple[str, int]]
    index: str
    behind: Callable[[Document], Document]


def delete_plainly(session: Session, which: Document) -> int:
    """Delete these, named by their `_id`; return how many."""
    return session.jobs.delete_many(which, hint=by_id(session)).deleted_count


def delete_all(
    connection: Connection,
    meant: Callable[[Session], Document],
    listing: Listing,
    delete: Callable[[Session, Document], int] = delete_plainly,
) -> int:
    """Delete all that is meant, up to the one that is the last now; return how many.

    What others put behind that meanwhile stays, so that they cannot keep this from ending. Interrupted,
    it goes on when it is called again.
    """
    with connection.calling() as session:
        place = _up_to_the_last(session, meant(session), listing)
    deleted, found = 0, WINDOW
    while found == WINDOW:
        with connection.calling() as session:
            which = {**meant(session), **place}
            ids = _some(session, which, listing.index)
            found = len(ids)
            deleted += delete(session, {**which, "_id": {"$in": ids}}) if ids else 0
    return deleted


def by_id(session: Session) -> str | None:
    """The index for changing what is named. By trial, a server may go through all that is not."""
    return None if session.double else "_id_"


def _up_to_the_last(session: Session, meant: Document, listing: Listing) -> Document:
    if session.double:
        return {}  # It cannot sort by timestamps; nor does anybody else use it.
    backwards = [(field, -direction) for field, direction in listing.order]
    fields = dict.fromkeys((field for field, _ in listing.order), True)
    last = session.jobs.find_one(meant, fields, sort=backwards, hint=listing.index)
    return {} if last is None else {"$nor": [listing.behind(last)]}


def _some(session: Session, which: Document, index: str) -> Sequence[Any]:
    found = session.jobs.find(which, {"_id": True}, limit=WINDOW).hint(index)
    # All in one answer: a server's first one would have a hundred.
    return [job["_id"] for job in found.batch_size(WINDOW + 1)]
