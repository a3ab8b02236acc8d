"""What is noted of a tracked job when it is enqueued, and what happens with the end of any job."""

import json
from collections.abc import Iterable
from typing import Any

from resque_core.clock import to_iso, utc_now
from resque_core.codec import decode_leniently
from resque_core.following import followers, following
from resque_core.job import Entry, Job
from resque_core.outcome import Ended, Problem
from resque_core.records import Reservation
from resque_core.sequel import Leaving, Note, Sequel

_LONGEST_ERROR = 2000


def opening_notes(jobs: Iterable[Job], after: tuple[str, ...] = ()) -> dict[str, Note]:
    """What is noted when these are enqueued, by id: of each that is tracked, and of those that follow it.

    They wait for the end of what they come `after`: jobs, or a batch, by id.
    """
    notes = {}
    for job in jobs:
        if job.track:
            notes[job.id] = Note(about=_about(job, after))
        if job.then:
            notes |= opening_notes(map(following, job.then), (*after, job.id))
    return notes


def _about(job: Job, after: tuple[str, ...]) -> bytes:
    said = {"class": job.name, "queue": job.queue, "enqueued_at": job.enqueued_at and to_iso(job.enqueued_at)}
    more = {"args": list(job.args), "kwargs": dict(job.kwargs), "after": list(after)}
    return _json(said | {name: value for name, value in more.items() if value})


def said(word: str) -> Note:
    """Of what a running job says of itself."""
    return Note(latest=word.encode(errors="backslashreplace"))


def sequel_of(held: Reservation, ended: Ended, word: str, *, cancelled: bool = False) -> Sequel | None:
    """What happens with this end of a job, or of an attempt; None: nothing."""
    job = _read(held.entry)
    if job is None:
        return None
    done = not (cancelled or ended.cancelled or ended.problem)
    # Without a result, a hook kept it from being performed.
    then = followers(job, ended.result) if done and ended.result else ()
    note = _note(job, held, ended, word, cancelled=cancelled) if job.track else None
    return Sequel(note, then, _leaving(job, ended, cancelled=cancelled))


def _leaving(job: Job, ended: Ended, *, cancelled: bool) -> Leaving | None:
    """How it leaves its batch; not at all, if it is tried again."""
    failed = bool(ended.problem) and not (cancelled or ended.cancelled)
    if not job.batch or (failed and ended.again and ended.again.delay is not None):
        return None
    return Leaving(job.batch, failed)


def _note(job: Job, held: Reservation, ended: Ended, word: str, *, cancelled: bool) -> Note:
    if cancelled or ended.cancelled:
        end = _end(job, held, "cancelled")
    elif ended.problem and ended.again and ended.again.delay is not None:
        end = _end(job, held, "retrying", ended.problem) | {"attempt": job.attempt + 1}
    elif ended.problem:
        end = _end(job, held, "failed", ended.problem)
    else:
        end = _end(job, held, "done") | _returned(ended.result)
    return Note(latest=word.encode(errors="backslashreplace"), end=_json(end), seconds=job.track)


def sequel_of_death(held: Reservation, exception: str, error: str) -> Sequel | None:
    """What is noted of a job that fails because its worker died."""
    job = _read(held.entry)
    if job is None:
        return None
    end = _json(_end(job, held, "failed", Problem(exception, error)))
    note = Note(end=end, seconds=job.track) if job.track else None
    return Sequel(note, leaving=Leaving(job.batch, failed=True) if job.batch else None)


def _read(entry: Entry) -> Job | None:
    """The job, if it is tracked, others follow it, or it is one of a batch."""
    # Jobs are not read by who need not read them otherwise; nearly all lack these.
    said = entry.payload
    if b'"track"' not in said and b'"then"' not in said and b'"batch"' not in said:
        return None
    job = decode_leniently(entry)
    return job if job.track or job.then or job.batch else None


def _end(job: Job, held: Reservation, status: str, problem: Problem | None = None) -> dict[str, Any]:
    end: dict[str, Any] = {
        "status": status,
        "at": to_iso(utc_now()),
        "class": job.name,
        "queue": job.queue,
        "attempt": job.attempt,
        "worker": held.worker,
        "started_at": held.reserved_at and to_iso(held.reserved_at),
    }
    return end | ({"error": f"{problem.exception}: {problem.error}"[:_LONGEST_ERROR]} if problem else {})


def _returned(result: str) -> dict[str, Any]:
    if result.startswith("!"):
        return {"error": f"Its result was not kept: {result[1:]}"}
    return {"result": json.loads(result)} if result else {}


def _json(said: dict[str, Any]) -> bytes:
    return json.dumps(said, separators=(",", ":")).encode()
