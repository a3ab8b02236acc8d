"""Slots of limits: a column of the row that runs, so that whatever ends that ends the slot."""

from resque_core.limit import Limit
from resque_core.records import Reservation
from resque_sqlite.queries import load
from resque_sqlite.queues import know
from resque_sqlite.session import Session

SQL = load("limits")


def admit(session: Session, reservation: Reservation, limit: Limit, seconds: float) -> bool:
    """Give the job a slot, if one is free; else delay it. False, too, if it is not held any more."""
    held = {"worker": reservation.worker, "token": reservation.token, "key": limit.key}
    ((taken,),) = session.rows(SQL["taken"], **held)
    if taken < limit.most:
        return session.change(SQL["take"], **held) == 1
    session.change(SQL["wait"], seconds=seconds, **held)
    return False


def wake(session: Session, key: str) -> bool:
    """Let the first that waits for a slot wait at the head of its queue."""
    rows = session.rows(SQL["wake"], key=key)
    for (queue,) in rows:
        know(session, queue)
    return bool(rows)
