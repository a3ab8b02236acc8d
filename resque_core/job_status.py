"""`JobStatus`: where a job is, how far, and how it ended, put together from its place and its note."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from resque_core.clock import from_iso
from resque_core.codec import decode_leniently
from resque_core.job import Entry
from resque_core.records import Standing

Status = Literal["waiting", "queued", "delayed", "running", "retrying", "done", "failed", "cancelled"]
#: What a job may have come to.
ENDS = ("done", "failed", "cancelled")


@dataclass(frozen=True, slots=True, kw_only=True)
class JobStatus:
    """A job at one moment. Of a job that is not tracked, only what its place says is known.

    Without a `name`, nobody knows of `queue`, `args`, `kwargs` and `attempt` either: it waits on a queue.
    """

    id: str
    status: Status
    #: Its wire name and its queue; empty if nobody has noted them.
    name: str = ""
    queue: str = ""
    #: With what it was called.
    args: tuple[Any, ...] = ()
    kwargs: Mapping[str, Any] = field(default_factory=dict)
    #: How much is done, of how much, and what the job says to that.
    n: float | None = None
    total: float | None = None
    message: str = ""
    #: What else the job wants to be known.
    meta: Mapping[str, Any] = field(default_factory=dict)
    #: What it returned.
    result: Any = None
    #: Why it failed, also if it is tried again; or why its result could not be kept.
    error: str = ""
    #: Which attempt is, or will be, the next.
    attempt: int = 1
    #: Which worker has it, or had it last.
    worker: str = ""
    enqueued_at: datetime | None = None
    run_at: datetime | None = None
    started_at: datetime | None = None
    ended_at: datetime | None = None

    @property
    def ended(self) -> bool:
        """Whether nothing more is to come."""
        return self.status in ENDS

    @property
    def fraction(self) -> float | None:
        """From 0.0 to 1.0, how much is done; None if the job has not said."""
        if self.status == "done":
            return 1.0
        if self.n is None or not self.total or self.total < 0:
            return None
        return min(max(self.n / self.total, 0.0), 1.0)


def comes_after(standing: Standing) -> tuple[str, ...]:
    """The jobs, or the batch, without whose end it is not enqueued, if it is still to be enqueued."""
    note = standing.note
    if note is None or note.end or standing.place != "gone":
        return ()
    return tuple(map(_text, _tuple(_read(note.about).get("after"))))


def status_of(
    job_id: str, standing: Standing, *, waits: bool = False, entry: Entry | None = None
) -> JobStatus:
    """What the standing says of the job; which `waits`, if what it comes after has not ended.

    `entry` is the job as it is stored, if it does not run and that was looked up.
    """
    note = standing.note
    about, latest, end = map(_read, (note.about, note.latest, note.end) if note else (b"", b"", b""))
    status = "waiting" if waits else _status(standing, end)
    told = end if status in (*ENDS, "retrying") else {}
    held = standing.reservation
    entry = held.entry if held else entry
    job = decode_leniently(entry) if entry else None
    progress = _dict(latest.get("progress"))
    return JobStatus(
        id=job_id,
        status=status,
        name=job.name if job else _text(about.get("class") or end.get("class")),
        queue=entry.queue if entry else _text(about.get("queue") or end.get("queue")),
        args=job.args if job else _tuple(about.get("args")),
        kwargs=job.kwargs if job else _dict(about.get("kwargs")),
        n=_number(progress.get("n")),
        total=_number(progress.get("total")),
        message=_text(progress.get("message")),
        meta=_dict(latest.get("meta")),
        result=told.get("result"),
        error=_text(told.get("error")),
        attempt=job.attempt if job else int(_number(end.get("attempt")) or 1),
        worker=held.worker if held else _text(told.get("worker")),
        enqueued_at=job.enqueued_at if job else from_iso(about.get("enqueued_at")),
        run_at=standing.run_at,
        started_at=held.reserved_at if held else from_iso(told.get("started_at")),
        ended_at=from_iso(told.get("at")) if status in ENDS else None,
    )


def _status(standing: Standing, end: Mapping[str, Any]) -> Status:
    said = end.get("status")
    if standing.place == "running":
        return "running"
    if standing.place in ("waiting", "delayed"):
        waits: Status = "queued" if standing.place == "waiting" else "delayed"
        return "retrying" if said == "retrying" else waits
    # A job that is nowhere and has no end was deleted before it could have one.
    return "done" if said == "done" else "failed" if said == "failed" else "cancelled"


def _read(text: bytes) -> dict[str, Any]:
    try:
        return _dict(json.loads(text)) if text else {}
    except (ValueError, RecursionError):
        return {}


def _dict(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _tuple(value: object) -> tuple[Any, ...]:
    return tuple(value) if isinstance(value, list) else ()


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _number(value: object) -> float | None:
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None
