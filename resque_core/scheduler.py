"""`Scheduler`: carries out the ticks of recurring entries, beside any number of others like it."""

import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from resque_core.client import Resque
from resque_core.clock import to_iso
from resque_core.definition import Definition
from resque_core.display import one_line
from resque_core.errors import BadPayload, ResqueError, StorageError
from resque_core.failing import exception_message, exception_name
from resque_core.hooks import Kind
from resque_core.job import Job
from resque_core.noting import opening_notes
from resque_core.records import Recurrence
from resque_core.recurring_job import RecurringJob, read_recurring
from resque_core.redaction import shown_safely
from resque_core.schedule_entry import Plan
from resque_core.targets import find_definition
from resque_core.timers import Every

log = logging.getLogger("resque")

#: For how long a scheduler has a tick to itself, whose hooks it runs. Then it counts as dead.
ALONE = timedelta(seconds=60)
#: Seconds until it is looked again at a tick that another scheduler is at.
_WHILE_TAKEN = 1.0
_BEFORE: tuple[Kind, ...] = ("before_schedule", "before_enqueue")
_AFTER: tuple[Kind, ...] = ("after_schedule", "after_enqueue")
#: How many ticks of one entry are made up for in one go.
_AT_ONCE = 100

#: The entry after a tick, unless another scheduler was quicker; and how many jobs the tick has.
Carried = tuple[RecurringJob | None, int]


class Scheduler:
    """Looks at all entries whenever one is due, and every `interval` seconds for new ones."""

    def __init__(self, resque: Resque, environment: str, interval: float = 5.0) -> None:
        self._resque = resque
        self._environment = environment
        self._timer = Every(interval)
        self._unreadable: frozenset[str] = frozenset()

    def left(self) -> float:
        """Seconds until it is time to look."""
        return self._timer.left()

    def now(self) -> None:
        """Look at once."""
        self._timer.now()

    def look(self) -> int:
        """Carry out every tick that has come, if it is time to look; return how many had a job.

        :raises StorageError: the store cannot be reached; whatever was not carried out stays due.
        """
        if not self._timer.due():
            return 0
        agenda = self._resque.storage.recurring.all()
        ours = [job for job in self._readable(agenda.entries) if job[0].entry.is_for(self._environment)]
        fired = sum(
            self._make_up(job, agenda.now, live=found.live) for job, found in ours if _is_due(job, agenda.now)
        )
        self._rest([job for job, _ in ours], agenda.now)
        return fired

    def _rest(self, jobs: Sequence[RecurringJob], now: datetime) -> None:
        """Look again when the next one is due: at once, if one was, since that has another tick by now."""
        waits = [self._timer.seconds]
        for job in jobs:
            if job.next_run is not None:
                left = (job.next_run - now).total_seconds()
                waits.append(_WHILE_TAKEN if _is_taken(job, now) else max(0.0, left))
        self._timer.restart(min(waits))

    def _readable(self, found: Sequence[Recurrence]) -> list[tuple[RecurringJob, Recurrence]]:
        jobs, unreadable = [], set()
        for each in found:
            try:
                jobs.append((read_recurring(each), each))
            except BadPayload as error:
                unreadable.add(each.name)
                if each.name not in self._unreadable:
                    log.error("%s", one_line(error, 500))  # noqa: TRY400 - the message says it all
        self._unreadable = frozenset(unreadable)
        return jobs

    def _make_up(self, job: RecurringJob, now: datetime, *, live: bool) -> int:
        """Carry out the tick that has come, and those after it that have come, too."""
        count = 0
        following: RecurringJob | None = job
        for _ in range(_AT_ONCE):
            if following is None or not _is_due(following, now) or _is_taken(following, now):
                break
            following, fired = self._carry_out(following, now, live=live or count > 0)
            count += fired
        return count

    def _carry_out(self, job: RecurringJob, now: datetime, *, live: bool) -> Carried:
        """Carry out one tick."""
        assert job.next_run is not None  # noqa: S101 - it is due
        plan = job.entry.plan(job.next_run, now)
        then = _after(job, plan)
        if plan.tick is None:
            return self._pass_over(job, then, "missed: no scheduler ran, and it is not made up for")
        if job.entry.overlap == "skip" and live:
            return self._pass_over(
                job, then, f"skipped: job {job.last_job} of the tick before is still there"
            )
        return self._fire(job, then, plan.tick, now)

    def _fire(self, job: RecurringJob, then: RecurringJob, tick: datetime, now: datetime) -> Carried:
        definition = find_definition(job.entry.job)
        hooks = definition.hooks
        if hooks.of("before_schedule") or hooks.of("before_enqueue"):
            taken = self._take(job, now)
            if taken is None:
                return None, 0
            job = taken
        try:
            made = self._compose(job, definition, tick)
            vetoed = _vetoed(definition, made)
        except StorageError:
            raise
        except ResqueError as error:
            return self._pass_over(job, then, f"failed: {error}")
        except Exception as error:
            log.exception("A hook of %s raised", one_line(job.entry.job))
            return self._pass_over(job, then, f"failed: {exception_name(error)}: {exception_message(error)}")
        if vetoed:
            return self._pass_over(job, then, f"vetoed by a {vetoed} hook")
        return self._enqueue(job, replace(then, last_run=tick, last_job=made.id), made, definition)

    def _compose(self, job: RecurringJob, definition: Definition, tick: datetime) -> Job:
        """The job of that tick, whose id says which it is."""
        entry = job.entry
        made = self._resque._composer.compose(definition, entry.queue, entry.args, entry.kwargs)
        named = replace(made, id=f"{entry.name}@{_shown(tick)}")
        return self._resque._composer.finish(named, definition)

    def _take(self, job: RecurringJob, now: datetime) -> RecurringJob | None:
        """Have the tick to ourselves, so that its hooks run once; None if another one has it."""
        taken = replace(job, taken_until=now + ALONE)
        stored = taken.stored()
        if not self._resque.storage.recurring.put(stored, job.revision):
            return None
        return replace(taken, revision=stored.revision)

    def _enqueue(self, job: RecurringJob, then: RecurringJob, made: Job, definition: Definition) -> Carried:
        stored = then.stored()
        answer = self._resque.storage.recurring.advance(stored, job.revision, made.entry, made.claim)
        if not answer.done:
            return None, 0
        then = replace(then, revision=stored.revision)
        if answer.holder is not None:
            why = f"skipped: job {answer.holder} holds its claim"
            return self._note(replace(then, last_run=job.last_run, last_job=job.last_job), job, why), 0
        log.info("Recurring entry %s: enqueued %s", one_line(job.name), shown_safely(made, definition))
        self._open_note(made)
        for kind in _AFTER:
            try:
                definition.hooks.run(kind, made.args, made.kwargs)
            except Exception:
                log.exception("A hook %s of %s raised; its job is enqueued", kind, one_line(job.entry.job))
        return then, 1

    def _open_note(self, made: Job) -> None:
        """Note which job that is, if it is tracked. It is stored, whatever goes wrong here."""
        try:
            if made.track:
                self._resque.storage.records.open(opening_notes([made]))
        except StorageError as error:
            log.warning("A job is stored, but which one could not be noted: %s", error)

    def _pass_over(self, job: RecurringJob, then: RecurringJob, why: str) -> Carried:
        """Let the tick have no job, and note why."""
        then = _noted(then, job, why)
        stored = then.stored()
        if not self._resque.storage.recurring.advance(stored, job.revision, None).done:
            return None, 0
        log.warning("Recurring entry %s: %s", one_line(job.name), one_line(then.note, 500))
        return replace(then, revision=stored.revision), 0

    def _note(self, then: RecurringJob, job: RecurringJob, why: str) -> RecurringJob | None:
        """Note why the tick has no job, once that is known."""
        noted = _noted(then, job, why)
        stored = noted.stored()
        log.warning("Recurring entry %s: %s", one_line(job.name), one_line(noted.note, 500))
        if not self._resque.storage.recurring.put(stored, then.revision):
            return None
        return replace(noted, revision=stored.revision)


def _is_due(job: RecurringJob, now: datetime) -> bool:
    return job.next_run is not None and job.next_run <= now


def _after(job: RecurringJob, plan: Plan) -> RecurringJob:
    """The entry once the tick is over: paused, if the next one were not later. It would be due for ever."""
    then = replace(job, next_run=plan.next_at, taken_until=None)
    tick = plan.tick or job.next_run
    if plan.next_at is None or tick is None or plan.next_at > tick:
        return then
    why = (
        f"paused: the tick after it would be {_shown(plan.next_at)}, which is not later. Please report "
        f"that ({job.entry.when}); `resque schedule resume` has it go on from now"
    )
    log.error("Recurring entry %s: %s", one_line(job.name), one_line(why, 500))
    return _noted(replace(then, next_run=None, paused=True), replace(job, next_run=tick), why)


def _is_taken(job: RecurringJob, now: datetime) -> bool:
    return job.taken_until is not None and now < job.taken_until


def _vetoed(definition: Definition, job: Job) -> str | None:
    """Which kind of hook vetoed, if one did."""
    for kind in _BEFORE:
        if definition.hooks.veto(kind, job.args, job.kwargs):
            return kind
    return None


def _noted(then: RecurringJob, job: RecurringJob, why: str) -> RecurringJob:
    return replace(then, note=f"{_shown(job.next_run)}: {why}"[:1000] if job.next_run else why)


def _shown(tick: datetime) -> str:
    return to_iso(tick).replace(".000000Z", "Z")
