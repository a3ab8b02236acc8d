"""`Changes`: a change stream that tells of every job that comes to wait, and of queues made known or resumed.

It needs a replica set or a sharded cluster. PyMongo reads it by calls that wait, so it has a thread.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any

import pymongo
from pymongo.change_stream import DatabaseChangeStream
from pymongo.database import Database
from pymongo.errors import PyMongoError
from pymongo.read_concern import ReadConcern

from resque_core.records import ALL_QUEUES
from resque_mongo.fields import is_name
from resque_mongo.hints import NEW, Hints, hint_of
from resque_mongo.indexes import JOBS, QUEUES
from resque_mongo.session import Document
from resque_mongo.texts import Stored, shown

#: Seconds for which the server holds back an answer that says nothing; and by which we wait longer than that.
AWAIT, MARGIN = 30.0, 5.0
#: Changes in one answer at most: what there is of them in memory at a time.
_AT_ONCE = 1000


class Changes:
    """Opened by the constructor, at the present time of the server.

    :raises PyMongoError: the server does not answer, or does not let this user listen.
    """

    def __init__(self, database: Database[Document], ns: Stored) -> None:
        watched = database.with_options(read_concern=ReadConcern("majority"))
        with _in_time():
            self._stream: DatabaseChangeStream[Document] = watched.watch(
                _pipeline(ns),
                full_document="updateLookup",
                max_await_time_ms=int(AWAIT * 1000),
                batch_size=_AT_ONCE,
            )

    def next(self) -> Document | None:
        """The next change; None: there was none for `AWAIT` seconds.

        An election, or a server that comes back soon, is none of the caller's business: the driver goes on
        where it was.

        :raises PyMongoError: it cannot.
        """
        with _in_time():
            return self._stream.try_next()

    def close(self) -> None:
        """End it, and have the server forget it."""
        with suppress(PyMongoError), _in_time():
            self._stream.close()


def tell(change: Mapping[str, Any], hints: Hints[Any]) -> None:
    """Wake whom this change concerns: one worker for a job, all of them for a queue that goes on."""
    queue = change.get("queue")
    if not is_name(queue):
        return
    name = shown(queue)
    if change.get("resumed"):
        hints.give_all(None if name == ALL_QUEUES else hint_of(name))
    else:
        hints.give(NEW if change.get("known") else hint_of(name))


@contextmanager
def _in_time() -> Iterator[None]:
    """A socket's timeout that is longer than the wait, whatever the URL says."""
    with pymongo.timeout(AWAIT + MARGIN):
        yield


def _pipeline(ns: Stored) -> list[Document]:
    # Before a change is looked up, by what its own record says.
    return [{"$match": {"$or": _recorded()}}, {"$match": _looked_up(ns)}, {"$project": _TOLD}]


def _recorded() -> list[Document]:
    """What may be meant, of the records of changes. Claims and ends are none of these."""
    return [
        {**_OF_JOBS, "operationType": "insert"},
        {**_OF_JOBS, "operationType": "update", f"{_UPDATED}.state": "waiting"},
        {**_OF_JOBS, "operationType": "update", f"{_UPDATED}.queue": {"$exists": True}},
        {**_OF_QUEUES, "operationType": "insert"},
        {**_OF_QUEUES, "operationType": "update", f"{_UPDATED}.known": True},
        {**_OF_QUEUES, "operationType": "update", _REMOVED: "paused"},
    ]


def _looked_up(ns: Stored) -> Document:
    """What is meant: in this namespace a job that waits, or a queue that is known or goes on."""
    waiting = {**_OF_JOBS, "fullDocument.state": "waiting"}
    known = {**_OF_QUEUES, "fullDocument.known": True}
    return {"fullDocument.ns": ns, "$or": [waiting, known, {**_OF_QUEUES, _REMOVED: "paused"}]}


_OF_JOBS, _OF_QUEUES = {"ns.coll": JOBS.name}, {"ns.coll": QUEUES.name}
_UPDATED, _REMOVED = "updateDescription.updatedFields", "updateDescription.removedFields"
_TOLD = {
    "queue": {"$ifNull": ["$fullDocument.queue", "$fullDocument.name"]},
    "known": "$fullDocument.known",
    "resumed": {"$in": ["paused", {"$ifNull": [f"${_REMOVED}", []]}]},
}
