"""Says of pymongo's exceptions which store they are about and what to do."""

from collections.abc import Sequence

from bson.errors import BSONError
from pymongo.errors import (
    ConfigurationError,
    ConnectionFailure,
    DocumentTooLarge,
    NetworkTimeout,
    OperationFailure,
    PyMongoError,
    WriteConcernError,
    WTimeoutError,
)

from resque_core.errors import StorageError

#: The roots of all that pymongo raises.
DRIVER_ERRORS = (PyMongoError, BSONError)

_UNAUTHORIZED, _AUTHENTICATION_FAILED, _TIME_LIMIT = 13, 18, 50
_AUTH = "Check user, password and authSource in the URL; the user needs the role readWrite on this database."
_SLOW = (
    "The server, or a majority of its replica set, is too slow: "
    "look at its load, or allow more with timeoutMS."
)
_ADVICE_BY_CODE = {_UNAUTHORIZED: _AUTH, _AUTHENTICATION_FAILED: _AUTH, _TIME_LIMIT: _SLOW}
_ADVICE: Sequence[tuple[type[Exception], str]] = (
    (DocumentTooLarge, "A document has 16 MB at most: pass a reference to the data instead of the data."),
    (WTimeoutError, _SLOW),
    (NetworkTimeout, _SLOW),
    (
        WriteConcernError,
        "A majority of the replica set must be up, each with its journal: look at rs.status().",
    ),
    (ConnectionFailure, "Start the server, or check address, TLS and network; the next call connects anew."),
    (ConfigurationError, "Correct the URL; mongodb+srv:// needs dnspython and a name server."),
)


def explain(error: Exception, location: str) -> StorageError:
    """What to raise, from `error`, for a call on the store at `location`."""
    # pymongo goes on with the state of each server, which nobody reads in a log.
    said = str(error).partition(", Timeout: ")[0].partition(", full error: ")[0].rstrip(".")
    return StorageError(f"{location}: {said}. {_advice(error)}")


def _advice(error: Exception) -> str:
    if isinstance(error, OperationFailure) and error.code in _ADVICE_BY_CODE:
        return _ADVICE_BY_CODE[error.code]
    return next(
        (advice for kind, advice in _ADVICE if isinstance(error, kind)), "Look into the server's log."
    )
