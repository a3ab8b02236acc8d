"""Bundles: jobs that came along with the one that a worker holds, fenced by its token."""

from collections.abc import Iterable, Sequence

from resque_core.job import Entry
from resque_core.records import Reservation, Spell
from resque_sqlite.queries import load
from resque_sqlite.queues import know
from resque_sqlite.session import Row, Session

SQL = load("bundles")
#: Seconds that a job waited, and seconds that it took.
Times = tuple[float, float]


def take(session: Session, held: Row, more: int) -> tuple[Entry, ...]:
    """Take up to so many that wait behind a job which was just taken, in their order."""
    token, worker, _, queue, _, rescues, _ = held
    if more < 1 or rescues:
        return ()
    return _entries(session.rows(SQL["take"], queue=queue, worker=worker, token=token, more=more))


def of(session: Session, worker: object, token: object) -> tuple[Entry, ...]:
    """What came along with the job that this worker holds under this token, in order."""
    return _entries(session.rows(SQL["of"], worker=worker, token=token))


def finish(session: Session, held: Reservation, spells: Iterable[Spell]) -> list[Times]:
    """Delete those that are done, but for the one that is held. How long each waited and took."""
    times = []
    for spell in spells:
        rows = session.rows(SQL["finish"], worker=held.worker, token=held.token, id=spell.job_id)
        times += [times_of(spell, waited) for (waited,) in rows]
    return times


def times_of(spell: Spell, waited: float) -> Times:
    """How long a job waited and took that had waited so long when its bundle was reserved."""
    return waited + spell.began, spell.ended - spell.began


def put_back(session: Session, held: Reservation, *, rescued: int = 0, but: str = "") -> None:
    """Let all (`but` one) wait at the head of their queue again, in their order."""
    back = [entry for entry in of(session, held.worker, held.token) if entry.id != but]
    for entry in reversed(back):
        session.change(SQL["put_back"], id=entry.id, token=held.token, rescued=rescued)
        know(session, entry.queue)


def hold(session: Session, held: Reservation, job_id: str, token: str, began: float) -> Row | None:
    """Let this one, begun so many seconds after the reservation, be held under a new token."""
    ids = {"id": job_id, "worker": held.worker, "token": held.token}
    rows = session.rows(SQL["hold"], new=token, began=began, **ids)
    return rows[0] if rows else None


def _entries(rows: Sequence[Row]) -> tuple[Entry, ...]:
    return tuple(Entry(job, queue, payload) for _, job, queue, payload in sorted(rows))
