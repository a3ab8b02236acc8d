"""`RecurringJob`: a recurring entry as it stands: what it says, whence it is, its last and its next run."""

import json
import logging
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from resque_core.clock import from_iso, to_iso
from resque_core.display import one_line
from resque_core.errors import BadPayload, SettingsError
from resque_core.ids import new_id
from resque_core.records import Recurrence
from resque_core.schedule_entry import ScheduleEntry, read_entry

log = logging.getLogger("resque")

#: The source of entries that were set through the API.
API = "api"


@dataclass(frozen=True, slots=True, kw_only=True)
class RecurringJob:
    """A recurring entry in a store."""

    #: What it says.
    entry: ScheduleEntry
    #: Who put it there: `api`, `file:PATH` or `code:MODULE`.
    source: str
    paused: bool = False
    #: The time of the last tick that had a job, in UTC.
    last_run: datetime | None = None
    #: The id of that job.
    last_job: str = ""
    next_run: datetime | None = None
    #: What became of the last tick that had no job, and when; empty if each had one.
    note: str = ""
    #: Until when another scheduler is at this tick, whose hooks it runs.
    taken_until: datetime | None = None
    #: Which write this is.
    revision: str = ""

    @property
    def name(self) -> str:
        """Its name."""
        return self.entry.name

    def stored(self) -> Recurrence:
        """It as a store keeps it, by a new revision."""
        text = {
            "config": dict(self.entry.config),
            "source": self.source,
            "paused": self.paused,
            "last_run": self.last_run and to_iso(self.last_run),
            "note": self.note,
            "taken_until": self.taken_until and to_iso(self.taken_until),
        }
        said = {name: value for name, value in text.items() if value}
        return Recurrence(
            self.name,
            json.dumps(said, ensure_ascii=False, separators=(",", ":")).encode(errors="surrogatepass"),
            new_id(),
            self.next_run,
            self.last_job,
        )


def read_recurring(found: Recurrence) -> RecurringJob:
    """The entry that a store has kept.

    :raises BadPayload: nobody can read it.
    """
    try:
        said: dict[str, Any] = json.loads(found.text)
        return RecurringJob(
            entry=read_entry(found.name, said["config"]),
            source=str(said["source"]),
            paused=bool(said.get("paused")),
            last_run=from_iso(said.get("last_run")),
            last_job=found.last_job,
            next_run=found.next_at,
            note=str(said.get("note", "")),
            taken_until=from_iso(said.get("taken_until")),
            revision=found.revision,
        )
    except (ValueError, KeyError, TypeError, AttributeError, SettingsError) as error:
        raise BadPayload(f"the recurring entry {found.name!a} cannot be read: {error}") from None


def read_or_warn(found: Recurrence) -> RecurringJob | None:
    """As `read_recurring`, but what nobody can read is told to the log, and left out."""
    try:
        return read_recurring(found)
    except BadPayload as error:
        log.warning("%s", one_line(error, 500))
        return None


def begun(entry: ScheduleEntry, source: str, now: datetime) -> RecurringJob:
    """An entry that is new now."""
    return RecurringJob(entry=entry, source=source, next_run=entry.ticks.first(now))


def changed(job: RecurringJob, entry: ScheduleEntry, source: str, now: datetime) -> RecurringJob:
    """The same, which says `entry` from now on. Its next run stays, unless that is what has changed."""
    other = replace(job, entry=entry, source=source)
    if entry.ticks == job.entry.ticks or job.paused:
        return other
    return replace(other, next_run=entry.ticks.first(now))
