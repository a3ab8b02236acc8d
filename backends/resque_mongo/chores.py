"""Chores: what is done beside a call, for everybody. If one fails the call has still done its own work."""

import logging
from collections.abc import Callable

from resque_mongo.errors import DRIVER_ERRORS, explain
from resque_mongo.session import Session

_log = logging.getLogger(__name__)


class Chores:
    """Runs chores for one connection, and logs each kind of failure once."""

    def __init__(self, location: str) -> None:
        self._location = location
        self._said: set[tuple[str, type[Exception]]] = set()

    def run(self, chore: Callable[[Session], object], session: Session) -> None:
        """Do it, if it can be done. The next beat of any worker tries again."""
        try:
            chore(session)
        except Exception as error:  # Whatever it is: workers must go on.
            self._log_once(chore.__name__, error)

    def _log_once(self, chore: str, error: Exception) -> None:
        kind = (chore, type(error))
        if kind not in self._said:
            self._said.add(kind)
            said = explain(error, self._location) if isinstance(error, DRIVER_ERRORS) else repr(error)
            _log.warning("%s failed beside another call and will be tried again: %s", chore, said)
