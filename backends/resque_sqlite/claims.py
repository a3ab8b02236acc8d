"""What unique jobs hold. Triggers of the layout end a claim with its job."""

from collections.abc import Sequence

from resque_core.claim import Claim
from resque_core.job import Entry
from resque_sqlite.queries import load
from resque_sqlite.session import Session

SQL = load("claims")

Claimed = tuple[Entry, Claim | None]


def choose(
    session: Session, entries: Sequence[Entry], claims: Sequence[Claim | None]
) -> tuple[list[Claimed], dict[str, str]]:
    """The entries that may be stored, each id once; and of the others, which job holds their claim."""
    chosen: dict[str, Claimed] = {}
    refused: dict[str, str] = {}
    taken: dict[str, str] = {}
    for entry, claim in zip(entries, claims, strict=True):
        other = claim and (taken.get(claim.key) or holder(session, entry.id, claim))
        if other and other != entry.id:
            refused[entry.id] = other
        elif entry.id not in chosen:
            chosen[entry.id] = (entry, claim)
            taken |= {claim.key: entry.id} if claim else {}
    return list(chosen.values()), refused


def holder(session: Session, job: str, claim: Claim) -> str | None:
    """The id of another job that holds it; None too for a job that waits or runs itself already."""
    for (other,) in session.rows(SQL["holder"], key=claim.key, id=job):
        return None if session.rows(SQL["live"], id=job) else str(other)
    return None


def hold(session: Session, job: str, claim: Claim) -> None:
    """Let the job hold it. Nobody else does."""
    session.change(SQL["hold"], key=claim.key, id=job, until=claim.until, seconds=claim.seconds)


def trim(session: Session) -> None:
    """Forget what time has ended."""
    session.change(SQL["forget_expired"])
