"""Chores: what is done beside a call, for everybody. If one fails the call has still done its own work."""

import logging
from collections.abc import Callable
from typing import TypeVar

from resque_mongo.errors import DRIVER_ERRORS, explain
from resque_mongo.folding import UNCOUNTED
from resque_mongo.histories import HALF_DONE, mend
from resque_mongo.ledger import fold
from resque_mongo.session import Session

T = TypeVar("T")

_log = logging.getLogger(__name__)


class Chores:
    """Runs chores for one connection, and logs each kind of failure once."""

    def __init__(self, location: str) -> None:
        self._location = location
        self._said: set[tuple[str, type[Exception]]] = set()

    def run(self, chore: Callable[[Session], T], session: Session) -> T | None:
        """Do it, if it can be done; its answer. The next beat of any worker tries again."""
        try:
            return chore(session)
        except Exception as error:  # Whatever it is: workers must go on.
            self._log_once(chore.__name__, error)
            return None

    def run_what_is_left(self, session: Session) -> None:
        """Fold and mend, if anybody left anything of either. One look tells that an idle store has none."""
        if self.run(_is_anything_left, session):
            self.run(fold, session)
            self.run(mend, session)

    def _log_once(self, chore: str, error: Exception) -> None:
        kind = (chore, type(error))
        if kind not in self._said:
            self._said.add(kind)
            said = explain(error, self._location) if isinstance(error, DRIVER_ERRORS) else repr(error)
            _log.warning("%s failed beside another call and will be tried again: %s", chore, said)


def _is_anything_left(session: Session) -> bool:
    left = [{"ns": session.ns, **kind} for kind in (UNCOUNTED, HALF_DONE)]
    return session.jobs.find_one({"$or": left}, {"_id": True}) is not None
