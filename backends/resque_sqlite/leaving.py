"""Jobs leave their batches, within a step that does more."""

from resque_core.batch import KEPT_BATCH, lasting
from resque_core.clock import from_epoch
from resque_core.job import Entry
from resque_core.sequel import Leaving
from resque_sqlite.queries import load
from resque_sqlite.session import Session

SQL = load("batches")


def leave(session: Session, job: str, leaving: Leaving) -> Entry | None:
    """Let a job leave its batch, if it is still one of it; the callback, if it was the last one."""
    if not session.change(SQL["leave"], batch=leaving.batch, job=job):
        return None
    if leaving.failed:
        session.change(SQL["count_failed"], batch=leaving.batch)
    return end(session, leaving.batch)


def end(session: Session, batch: str) -> Entry | None:
    """End the batch, if none of its jobs is left; the callback, if it has one."""
    for callback, queue, payload, lasts, now in session.rows(SQL["end"], batch=batch, seconds=KEPT_BATCH):
        if callback is not None:
            text = lasting(bytes(payload), from_epoch(now + lasts)) if lasts else bytes(payload)
            return Entry(str(callback), str(queue), text)
    return None


def trim(session: Session) -> None:
    """Forget the batches that ended long ago."""
    session.change(SQL["forget_expired"])
