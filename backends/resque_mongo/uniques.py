"""What unique jobs hold: a field of the job's own document, on which there is a unique index.

So a claim cannot outlive its job, nor be held twice. There is a field for each end of a claim, because
the update that begins a job, or ends it, takes away the ones that are over without looking at them.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta

from resque_core.claim import Claim, Until
from resque_mongo.session import Document, Session
from resque_mongo.texts import shown, stored

#: The field of a claim, by its end. Each is the name of its index, too.
FIELDS: Mapping[Until, str] = {"start": "unique_start", "done": "unique_done", "expiry": "unique_expiry"}
#: What a job loses when it is begun, and what else when it has ended.
OVER_AT_START = (FIELDS["start"],)
OVER_AT_END = (FIELDS["done"],)


def fields_of(claim: Claim | None, now: object) -> Document:
    """What the document of a job has for its claim; `now` is the server's clock."""
    if claim is None:
        return {}
    field: Document = {FIELDS[claim.until]: stored(claim.key)}
    if claim.until == "expiry":
        assert isinstance(now, datetime)  # noqa: S101 - what `find` gave, or `hello`
        field["unique_until"] = now + timedelta(seconds=claim.seconds)
    return field


def holder(session: Session, job: str, claim: Claim) -> str | None:
    """The id of the job that holds it: this one's too, if it waits or runs. None: nobody does any more."""
    ns: Document = {"ns": session.ns}
    meant: Document = {**ns, FIELDS[claim.until]: stored(claim.key)}
    if claim.until == "expiry":
        over = {"unique_until": {"$not": {"$gt": session.now()}}}
        session.jobs.update_many({**meant, **over}, {"$unset": {FIELDS["expiry"]: True}})
    if session.jobs.find_one({**ns, "id": stored(job), "live": True}, {"_id": True}):
        return job
    found = session.jobs.find_one(meant, {"id": True})
    return shown(found.get("id")) if found else None


def first_of_each_claim(claims: Mapping[str, Claim]) -> dict[str, str]:
    """Of several jobs with one key the first counts: which job it is, for each of the others."""
    first: dict[tuple[Until, str], str] = {}
    refused: dict[str, str] = {}
    for job, claim in claims.items():
        other = first.setdefault((claim.until, claim.key), job)
        if other != job:
            refused[job] = other
    return refused
