"""Ends a job that is held: what comes before the end, the end itself, and what comes after it."""

from pymongo.errors import WriteError

from resque_core.records import Reservation
from resque_core.sequel import Sequel
from resque_mongo import leaving
from resque_mongo.notes import write_note
from resque_mongo.session import Document, Session
from resque_mongo.storing import first_of_each_id, store
from resque_mongo.texts import stored

_NO_DOCUMENT = 28


def carry_out(session: Session, reservation: Reservation, sequel: Sequel | None) -> None:
    """Do what happens with the end of the job, if it is still held: before it ends, jobs to follow first."""
    if sequel is None or session.jobs.find_one(held_under(session, reservation), {"_id": True}) is None:
        return
    if sequel.then:
        store(session, first_of_each_id(sequel.then), {}, at_front=False)
    if sequel.note:
        write_note(session, reservation.entry.id, sequel.note)
    if sequel.leaving:
        leaving.announce(session, reservation.entry.id, sequel.leaving)


def leave(session: Session, reservation: Reservation, sequel: Sequel | None) -> bool:
    """Do what happens after the end of the job: it leaves its batch. True."""
    if sequel and sequel.leaving:
        leaving.leave(session, reservation.entry.id, sequel.leaving)
    return True


def end(session: Session, reservation: Reservation, update: Document) -> bool:
    """Carry out the update that ends the job, if this worker still holds it under this very token."""
    held = held_under(session, reservation)
    try:
        return session.jobs.update_one(held, update).matched_count == 1
    except WriteError as error:
        if error.code != _NO_DOCUMENT:
            raise
        # Another program has put something there that no failure can be written into.
        session.jobs.update_one(held, {"$unset": {"failure": True}})
        return session.jobs.update_one(held, update).matched_count == 1


def held_under(session: Session, reservation: Reservation) -> Document:
    """The job, if this worker still holds it under this very token."""
    return {
        "ns": session.ns,
        "slot": stored(reservation.worker),
        "token": stored(reservation.token),
        "state": "running",
    }
