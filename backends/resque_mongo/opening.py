"""Opens a database: connects, checks that server and layout are ones that this version can use."""

from contextlib import suppress
from typing import Any

import pymongo
from pymongo import MongoClient
from pymongo.collection import Collection
from pymongo.database import Database
from pymongo.errors import DuplicateKeyError

from resque_core.errors import IncompatibleStoreError
from resque_mongo.fields import read_number
from resque_mongo.indexes import ALL, META, Layout
from resque_mongo.session import Document, is_double
from resque_mongo.url import SELECTION, Target

#: The layout that this version reads and writes. A higher one has more indexes, and so far nothing else.
LAYOUT = 12
#: Pipelines in updates with `$$NOW`, and their use of indexes.
OLDEST_SERVER = (5, 0)
#: What the URL may set otherwise. Few connections: a worker makes one call at a time.
_DEFAULTS: dict[str, Any] = {
    "appname": "resque",
    "maxpoolsize": 8,
    "connecttimeoutms": 3000,
    "serverselectiontimeoutms": int(SELECTION * 1000),
    # Only our code repeats a call.
    "retryreads": False,
}


def connect(target: Target) -> MongoClient[Document]:
    """A client for the target.

    The driver may repeat writes (`retryWrites`, its default): a replica set knows a repeated write
    by its number and carries it out once, so that a failover costs no call; a standalone server
    has no such numbers, and the driver repeats nothing there. Either way each of our steps is known
    by a token or an id, and the caller may repeat it.
    """
    chosen = {name: value for name, value in _DEFAULTS.items() if name not in target.options}
    return MongoClient(target.url, **chosen)


def reach(database: Database[Document], seconds: float) -> None:
    """Look for the server, for a second or so many: within a call's deadline the driver would look that long.

    :raises PyMongoError: it does not answer.
    """
    if not is_double(database):
        with pymongo.timeout(max(seconds, 1.0)):
            database.client.admin.command("ping")


def check(database: Database[Document], location: str) -> None:
    """Refuse a server or a layout that this version cannot use; make what is missing of the layout.

    :raises IncompatibleStoreError: the server is too old, or the layout is another one.
    """
    version = database.client.server_info()
    if tuple(version["versionArray"][:2]) < OLDEST_SERVER:
        raise IncompatibleStoreError(
            f"{location} is MongoDB {version['version']}; "
            f"{'.'.join(map(str, OLDEST_SERVER))} or newer is needed."
        )
    if not _is_there(database, location):
        prepare(database, location)


def tells_changes(database: Database[Document]) -> bool:
    """Whether it has change streams, as all but a server alone have, and our client a connection for one."""
    if database.client.options.pool_options.max_pool_size == 1:
        return False
    hello = database.client.admin.command("hello")
    return "setName" in hello or hello.get("msg") == "isdbgrid"


def prepare(database: Database[Document], location: str) -> None:
    """Make what is missing; safe in many processes at once, since each index has a name and one form.

    :raises IncompatibleStoreError: the layout is another one.
    """
    _is_there(database, location)
    for layout in ALL:
        _make_indexes(database[layout.name], layout)
    # Last: whoever finds it finds everything.
    with suppress(DuplicateKeyError):
        older = {"_id": "layout", "version": {"$not": {"$gte": LAYOUT}}}
        database[META].update_one(older, {"$set": {"version": LAYOUT}}, upsert=True)


def _make_indexes(collection: Collection[Document], layout: Layout) -> None:
    if not is_double(collection.database):
        collection.create_indexes(list(layout.indexes))
        return
    for index in layout.indexes:
        # mongomock forgets of an IndexModel that it is partial.
        options = dict(index.document)
        collection.create_index(list(options.pop("key").items()), **options)


def _is_there(database: Database[Document], location: str) -> bool:
    version = read_number((database[META].find_one({"_id": "layout"}) or {}).get("version"))
    if version > LAYOUT:
        raise IncompatibleStoreError(
            f"{location} has layout {version}, and this version knows {LAYOUT}. Upgrade resque-core."
        )
    return version == LAYOUT
