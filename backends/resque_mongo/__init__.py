"""The MongoDB backend: one collection of jobs, claimed by find_one_and_update.

Entry points `mongodb` and `mongodb+srv` of `resque.backends`.
"""

from typing import TYPE_CHECKING

from resque_core.errors import UnknownBackendError
from resque_core.storage import Storage

if TYPE_CHECKING:
    from pymongo.database import Database

__all__ = ["open_storage", "storage_of"]


def open_storage(url: str, namespace: str) -> Storage:
    """The storage that `url` names. The server is not touched before the first call.

    :raises SettingsError: the URL says nothing that MongoDB has.
    :raises UnknownBackendError: pymongo is not installed.
    """
    try:
        # Here, so that the entry point can be loaded without the driver and say what is missing.
        from resque_mongo import storage
    except ModuleNotFoundError as error:
        raise _without_driver(error) from error
    return storage.open_storage(url, namespace)


def storage_of(
    database: "Database[dict[str, object]]", namespace: str = "resque", *, claim: str = ""
) -> Storage:
    """The storage in a database that the program opened with pymongo, and closes itself.

    Its collections all begin with `resque_`. Writes wait for a majority, whatever the client says.
    `claim` is what the option of that name is in a URL.

    :raises SettingsError: `claim` says nothing that a queue can have.
    :raises UnknownBackendError: pymongo is not installed.
    """
    try:
        from resque_mongo import storage
    except ModuleNotFoundError as error:
        raise _without_driver(error) from error
    return storage.storage_of(database, namespace, claim=claim)


def _without_driver(error: ModuleNotFoundError) -> Exception:
    if error.name not in ("pymongo", "bson"):
        return error
    return UnknownBackendError(
        'mongodb:// URLs need the package pymongo: pip install "resque-core[mongo]", or give another URL.'
    )
