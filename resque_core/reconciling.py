"""`reconcile`: brings the stored entries in line with those that a schedule file, and the code here, say."""

import logging
import sys
from datetime import datetime
from pathlib import Path

from resque_core.client import Resque
from resque_core.display import one_line
from resque_core.recurring_job import API, RecurringJob, begun, changed, read_or_warn
from resque_core.registry import Registry, registry
from resque_core.schedule_entry import ScheduleEntry
from resque_core.schedule_file import load_schedule

log = logging.getLogger("resque")

#: The sources of entries that were not set through the API, followed by which file or module it is.
FILE, CODE = "file:", "code:"

#: Entries by name, each with its source.
Wanted = dict[str, tuple[ScheduleEntry, str]]


def wanted_entries(path: str | None, jobs: Registry = registry) -> Wanted:
    """What the code that is loaded here says, and over that what the file says.

    :raises SettingsError: the file cannot be used.
    """
    wanted: Wanted = {}
    for name in jobs.names():
        definition = jobs.get(name)
        entry = definition.options.schedule_of(name) if definition else None
        if definition and entry:
            wanted[name] = (entry, f"{CODE}{definition.source.module}")
    if path is not None:
        source = source_of(path)
        wanted |= {entry.name: (entry, source) for entry in load_schedule(path)}
    return wanted


def source_of(path: str) -> str:
    """How entries of this file are marked."""
    return f"{FILE}{Path(path).resolve()}"


def reconcile(resque: Resque, wanted: Wanted, environment: str, path: str | None) -> int:
    """Store what is wanted and not there, or there otherwise, and delete what is wanted no more; how many.

    What was set through the API stays, and comes before. What another file, or code that is not loaded
    here, says, is not ours to delete; nor is an entry for another environment.
    """
    agenda = resque.storage.recurring.all()
    there = {job.name: job for job in map(read_or_warn, agenda.entries) if job}
    count = 0
    for name, (entry, source) in wanted.items():
        before = there.get(name)
        # One that was for this environment until now has to be told that it is not.
        if entry.is_for(environment) or (before and _is_ours(before.source, path)):
            count += _put(resque, before, entry, source, agenda.now)
    for job in there.values():
        if job.name not in wanted and _is_ours(job.source, path):
            log.info("Recurring entry %s is removed: %s says it no more.", one_line(job.name), job.source)
            count += resque.storage.recurring.remove(job.name)
    return count


def _put(
    resque: Resque, there: RecurringJob | None, entry: ScheduleEntry, source: str, now: datetime
) -> bool:
    if there and there.source == API:
        log.warning(
            "Recurring entry %s was set through the API, and so %s does not count.", entry.name, source
        )
        return False
    if there and (there.entry, there.source) == (entry, source):
        return False
    wanted = changed(there, entry, source, now) if there else begun(entry, source, now)
    # Who came before, in this moment, is a scheduler like this one: it has written the same.
    return resque.storage.recurring.put(wanted.stored(), there.revision if there else "")


def _is_ours(source: str, path: str | None) -> bool:
    if source.startswith(CODE):
        return source.removeprefix(CODE) in sys.modules
    return path is not None and source == source_of(path)
