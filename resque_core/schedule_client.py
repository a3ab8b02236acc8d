"""`ScheduleClient`: recurring entries, put, looked at, paused, run and removed by name."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from resque_core.composer import Composer
from resque_core.display import one_line
from resque_core.duplicates import complain_of_duplicate
from resque_core.errors import SettingsError, StorageError
from resque_core.job import Job
from resque_core.outbox import Outbox
from resque_core.records import Recurrence
from resque_core.recurring_job import API, RecurringJob, begun, changed, read_or_warn
from resque_core.schedule_entry import read_entry
from resque_core.store_client import StoreClient
from resque_core.targets import find_definition

#: How often a write is tried again that another process came before.
_ATTEMPTS = 20

#: What a new state is made of: the present one, if there is one, and the store's clock.
Change = Callable[[RecurringJob | None, datetime], RecurringJob | None]


class ScheduleClient(StoreClient):
    """Recurring entries. Each is stored, with its next run; schedulers, any number, carry them out."""

    #: Where enqueued jobs go.
    outbox: Outbox
    _composer: Composer

    def set_schedule(self, name: str, config: Mapping[str, Any] | None = None, **more: Any) -> RecurringJob:
        """Put an entry in place of the one of that name: `cron` or `every`, `class`, `queue`, `args` …

        The keys are those of a schedule file; `class` may be a job, and is written `job=` as a keyword.
        Its next run stays, unless its times change. Schedulers hear of it within seconds.

        :raises SettingsError: it cannot be used; the message says what and what to write instead.
        """
        entry = read_entry(name, _config({**(config or {}), **more}))

        def put(there: RecurringJob | None, now: datetime) -> RecurringJob:
            return changed(there, entry, API, now) if there else begun(entry, API, now)

        found = self._change(name, put)
        assert found is not None  # noqa: S101 - what `put` made
        return found

    def fetch_schedule(self, name: str) -> RecurringJob | None:
        """The entry of that name."""
        return next((it for it in self.all_schedules() if it.name == name), None)

    def all_schedules(self) -> list[RecurringJob]:
        """Every entry, by name: set here, from a file, or from code. What nobody can read is left out."""
        return [it for it in map(read_or_warn, self.storage.recurring.all().entries) if it]

    def remove_schedule(self, name: str) -> bool:
        """Delete the entry; False when there is none. Jobs of its ticks stay."""
        return self.storage.recurring.remove(name)

    def pause_schedule(self, name: str) -> bool:
        """Let the entry have no ticks until `resume_schedule`; False when there is none."""

        def pause(there: RecurringJob | None, _now: datetime) -> RecurringJob | None:
            return there and replace(there, paused=True, next_run=None)

        return self._change(name, pause) is not None

    def resume_schedule(self, name: str) -> bool:
        """Undo `pause_schedule`. The next run is the first one from now on."""

        def resume(there: RecurringJob | None, now: datetime) -> RecurringJob | None:
            if there is None or not there.paused:
                return there
            return replace(there, paused=False, next_run=there.entry.ticks.first(now))

        return self._change(name, resume) is not None

    def run_schedule(self, name: str, /, *args: Any, **kwargs: Any) -> Job | None:
        """Enqueue the entry's job now, with other arguments if some are given. Its next run stays.

        Returns the job, or None when a `before_enqueue` hook vetoed, or a unique job is there already.

        :raises SettingsError: there is no such entry.
        :raises EnqueueError: it was refused and nothing was stored; the message says why and what to do.
        """
        found = self.fetch_schedule(name)
        if found is None:
            raise SettingsError(f"There is no recurring entry {one_line(name)}. See `resque schedule list`.")
        entry = found.entry
        given = (args, kwargs) if args or kwargs else (entry.args, entry.kwargs)
        definition = find_definition(entry.job)
        job = self._composer.compose(definition, entry.queue, *given)
        if definition.hooks.veto("before_enqueue", job.args, job.kwargs):
            return None
        for holder in self.outbox.put([job]).values():
            complain_of_duplicate(job, definition, holder)
            return None
        definition.hooks.run("after_enqueue", job.args, job.kwargs)
        return job

    def _change(self, name: str, change: Change) -> RecurringJob | None:
        """Write what `change` makes of the entry, again if another process wrote in between."""
        for _ in range(_ATTEMPTS):
            agenda = self.storage.recurring.all()
            there = next((it for it in agenda.entries if it.name == name), None)
            wanted = change(read_or_warn(there) if there else None, agenda.now)
            if wanted is None or (there and wanted.revision == there.revision and _same(wanted, there)):
                return wanted
            stored = wanted.stored()
            if self.storage.recurring.put(stored, there.revision if there else ""):
                return replace(wanted, revision=stored.revision)
        raise StorageError(f"The recurring entry {one_line(name)} changes all the time. Try again.")


def _same(wanted: RecurringJob, there: Recurrence) -> bool:
    stored = wanted.stored()
    return (stored.text, stored.next_at) == (there.text, there.next_at)


def _config(said: dict[str, Any]) -> dict[str, Any]:
    """What was given, with the wire name of the job that it may be given as."""
    target = said.pop("job", said.get("class"))
    if target is not None:
        said["class"] = find_definition(target).name
    return said
