"""Going on from one job to the next: two documents, so two steps, but one wait for the journal.

The end of a job need not wait until it is in the journal of a majority if a claim follows that does: a
server writes its journal in order, and a write waits for all before it, even one that changes nothing.
Whoever hears of the claim may rely on both. If a failover undoes the end alone, the claim finds the worker's
hands full.
"""

from collections.abc import Sequence
from functools import partial

from resque_core.errors import WorkerBusyError
from resque_core.records import ALL_QUEUES, Idle, Lost, Reservation, Spell, Stale
from resque_core.sequel import Sequel
from resque_mongo import bundles
from resque_mongo.claims import claim, reserve, stops
from resque_mongo.ending import carry_out, end, held_under
from resque_mongo.queues import names_of
from resque_mongo.receipts import DONE, settled_last
from resque_mongo.session import Session


def go_on(
    session: Session,
    done: Reservation,
    queues: Sequence[str],
    token: str,
    *,
    discover: bool = False,
    sequel: Sequel | None = None,
    spells: Sequence[Spell] = (),
    most: int = 1,
) -> Reservation | Idle | Lost | Stale | None:
    """Drop what is done, and take the next of the same queue; None, and nothing done, if that is not next.

    The look before the claim is only at what is paused, and holds for a moment: where one job was, there are
    probably more. If there are none, or the worker's slot is not free, the whole look tells why. A job of a
    batch ends by itself: what comes after its end has to rely on it.
    """
    queue = done.entry.queue
    if queue not in queues[:1] or (sequel and sequel.leaving):
        return None
    found = session.pauses.seen(lambda: stops(session, discover=discover), all_queues=discover)
    if not names_of(it for it in found if it.get("paused") is True).isdisjoint((queue, ALL_QUEUES)):
        return None
    carry_out(session, done, sequel)
    if not (_end_soon(session, done, spells) or settled_last(session, done)):
        return Stale()
    known = names_of(it for it in found if it.get("known") is True) | {queue}
    if held := claim(session, queue, done.worker, token, tuple(sorted(known)) if discover else (), most):
        return held
    look = partial(reserve, session, queues, done.worker, token, discover=discover, most=most)
    try:
        return look()
    except WorkerBusyError:
        # Is it the job that had ended already?
        if not finish(session, done, spells):
            raise
        return look()


def finish(session: Session, done: Reservation, spells: Sequence[Spell]) -> bool:
    """Drop what is done, and wait until that is in the journal of a majority."""
    if done.bundle or spells:
        return bundles.finish(session, done, spells)
    return end(session, done, DONE)


def _end_soon(session: Session, done: Reservation, spells: Sequence[Spell]) -> bool:
    if done.bundle or spells:
        return bundles.finish(session, done, spells, soon=True)
    return session.jobs_soon.update_one(held_under(session, done), DONE).matched_count == 1
