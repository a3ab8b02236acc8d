"""The ledger: counters that are exact without transactions.

What happened is counted by *receipts*: the settled job's own document, or a document of its own for
any other counter. A receipt has `uncounted`, a time of the server's that no other has, until it is
*folded* into the counters. A counter's value is what was folded plus what was not.

Folding takes four steps, each of which does nothing the second time, so that any process can finish
what a dead one began, at once, and beside a living one:

1. Commit: one update of the namespace's ledger notes what is folded, and all that is to do for it. It
   demands the version that was read before the receipts were, and raises it; so of several processes
   that fold the same receipts one succeeds, and nobody folds them again.
2. Add the sums to the documents of counters, their days, and workers, unless they have seen this
   version.
3. Delete the receipts, or the marks of failed jobs, by their times.
4. Take the note away. Only now can the next one commit.
"""

from collections.abc import Callable
from itertools import islice
from typing import TypeGuard, TypeVar

from pymongo import ReturnDocument
from pymongo.errors import DuplicateKeyError

from resque_mongo import folding
from resque_mongo.fields import is_whole, read_number
from resque_mongo.session import Document, Session

T = TypeVar("T")

#: How many receipts are folded at once.
_AT_ONCE = 500
#: After how many settlements, and jobs in these, a process folds, besides at each beat: six round trips.
_PACE, _MOST = 100, 400
_VERSION = {"$type": ["int", "long"], "$gte": 0, "$lte": folding.LARGEST_VERSION}
#: How often a read is repeated because somebody folded meanwhile.
_TRIES = 20


class Pace:
    """Says when a process has settled so much that it should fold."""

    def __init__(self) -> None:
        self._settled = self._jobs = 0

    def is_due(self, jobs: int = 1) -> bool:
        """Count one settlement, of so many jobs. Of threads that count at once, some may be missed."""
        self._settled += 1
        self._jobs += jobs
        due = self._settled >= _PACE or self._jobs >= _MOST
        if due:
            self._settled = self._jobs = 0
        return due


def fold(session: Session) -> bool:
    """Fold what is there, up to some hundred receipts. False: nothing was, or somebody else folded."""
    ledger = settled(session)
    receipts = list(islice(pending(session).sort("uncounted"), _AT_ONCE))
    if not receipts:
        return False
    note = folding.note_of(receipts)
    try:
        committed = session.ledger.find_one_and_update(
            {"ns": session.ns, "version": ledger["version"], "note": {"$exists": False}},
            {"$inc": {"version": 1}, "$set": {"note": note}},
            # The first fold of a namespace makes the document; others find it in their way.
            upsert=True,
            return_document=ReturnDocument.AFTER,
        )
    except DuplicateKeyError:
        return False
    if committed:
        _finish(session, committed)
        _tidy(session, committed)
    return committed is not None


def fold_all(session: Session) -> None:
    """Fold until no receipt is left of what was there when this was called."""
    newest = next(iter(pending(session).sort("uncounted", -1).limit(1)), None)
    while newest and session.jobs.count_documents({"ns": session.ns, "uncounted": newest["uncounted"]}):
        fold(session)


def pending(session: Session) -> folding.Receipts:
    """A cursor over the receipts that are not folded yet, without payloads."""
    return session.jobs.find({"ns": session.ns, **folding.UNCOUNTED}, folding.FIELDS)


def settled(session: Session) -> Document:
    """The ledger, with no fold half done: if there is one, it is finished first."""
    ledger = _read(session)
    while "note" in ledger:
        _finish(session, ledger)
        ledger = _read(session)
    return ledger


def consistently(session: Session, read: Callable[[], T]) -> T:
    """What `read` finds, repeated if somebody folded meanwhile."""
    for _ in range(_TRIES):
        ledger = settled(session)
        found = read()
        now = _read(session)
        if now["version"] == ledger["version"]:
            break
    return found


def _read(session: Session) -> Document:
    ledger = session.ledger.find_one({"ns": session.ns}) or {"version": 0}
    sound = _is_version(ledger.get("version")) and ("note" not in ledger or folding.is_note(ledger["note"]))
    return ledger if sound else _mended(session, ledger)


def _mended(session: Session, ledger: Document) -> Document:
    """The ledger without what another program put there. The receipts that its note was of are still there.

    In place of a version that is lost there is one that the counters and workers have seen.
    """
    version = ledger.get("version")
    mended = version if _is_version(version) else folding.newest_seen(session)
    # A version has one note.
    seen = {"version": version} if _is_version(version) else {"$nor": [{"version": _VERSION}]}
    session.ledger.update_one(
        {"ns": session.ns, **seen}, {"$set": {"version": mended}, "$unset": {"note": True}}
    )
    return {"version": mended}


def _is_version(field: object) -> TypeGuard[int]:
    return is_whole(field) and 0 <= field <= folding.LARGEST_VERSION


def _finish(session: Session, ledger: Document) -> None:
    version, note = ledger["version"], ledger["note"]
    folding.carry_out(session, note, version)
    session.ledger.update_one({"ns": session.ns, "version": version}, {"$unset": {"note": True}})


def _tidy(session: Session, ledger: Document) -> None:
    """Forget what is too old, once a day."""
    today = max((count["day"] for count in ledger["note"]["counts"]), default=0)
    tidied = read_number(ledger.get("tidied"))
    if tidied < today:
        folding.forget_the_old(session, today, tidied)
        session.ledger.update_one({"ns": session.ns}, {"$set": {"tidied": today}})
