"""`Composer`: makes jobs of calls, and refuses what must not be stored, before anything is."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from resque_core.chaining import completed
from resque_core.classic import as_classic, encode_classic
from resque_core.clock import Moment, this_moment, utc_now
from resque_core.codec import decode_leniently, own_id, read_job
from resque_core.death_policy import DeathPolicy
from resque_core.definition import Definition
from resque_core.display import one_line
from resque_core.drafts import dated, draft
from resque_core.errors import (
    BadPayload,
    InvalidArguments,
    InvalidQueueName,
    NoClassError,
    NoQueueError,
    PayloadTooLarge,
    SettingsError,
)
from resque_core.ids import new_id
from resque_core.job import Entry, Job
from resque_core.mould import Mould
from resque_core.queue_name import check_queue_name
from resque_core.shelf import Shelf
from resque_core.terms import NO_TERMS, Terms
from resque_core.texts import claiming, with_text


def _read_pushed(queue: str, body: object) -> Job:
    """The job that `body` says, with an id and no text yet.

    :raises EnqueueError: it is not a job.
    """
    check_queue_name(queue)
    if not isinstance(body, Mapping) or not all(isinstance(key, str) for key in body):
        raise InvalidArguments(f"{one_line(body)} is not a job. Push a mapping: {{'class': …, 'args': […]}}.")
    if not body.get("class"):
        raise NoClassError("Jobs must be given a class.")
    try:
        return read_job(queue, own_id(body) or new_id(), body)
    except BadPayload as error:
        raise InvalidArguments(f"{one_line(body)} is not a job: {error}.") from None


def refuse_repeated(jobs: Iterable[Job]) -> None:
    """Let pass only jobs that all have ids of their own: a store would drop the second of two.

    :raises InvalidArguments: two have one id.
    """
    seen: set[str] = set()
    for job in jobs:
        if job.id in seen:
            raise InvalidArguments(
                f"{one_line(job.name)}: the job with the id {one_line(job.id)} was given twice. "
                f"Build each one anew (fn.build(…)), or leave the second out."
            )
        seen.add(job.id)


class Composer:
    """Makes and checks jobs by the settings of one `Resque`.

    `classic` payloads say `class` and `args` only; so what becomes of a dead worker's job, if `death`
    is None, is for the workers alone to say.

    :raises SettingsError: a setting cannot be used.
    """

    def __init__(
        self, default_queue: str | None, death: DeathPolicy | None, max_payload: int, *, classic: bool = False
    ) -> None:
        self.default_queue = default_queue
        self.death = death
        self.max_payload = max_payload
        self.classic = classic
        self._moulds = Shelf(self._made)
        _check_limit(max_payload)
        try:
            check_queue_name("-" if default_queue is None else default_queue)
        except InvalidQueueName as error:
            raise SettingsError(f"default_queue: {error}") from None

    def compose(
        self,
        definition: Definition,
        queue: str | None,
        args: Sequence[Any],
        kwargs: Mapping[str, Any],
        terms: Terms = NO_TERMS,
    ) -> Job:
        """A new job for a call, on `queue` or on the definition's own.

        :raises EnqueueError: it is refused; the message says why and what to do.
        """
        mould = self.mould(definition, queue, terms)
        return self.cast(mould, args, kwargs, new_id(), this_moment())

    def mould(self, definition: Definition, queue: str | None, terms: Terms = NO_TERMS) -> Mould:
        """What calls that are enqueued now have in common.

        :raises EnqueueError: they are refused, whatever their arguments.
        """
        found = self.place(definition, queue)
        if queue is not None:
            # The others were checked where they were given.
            check_queue_name(queue)
        return self._moulds.get(definition, found, terms)

    def cast(
        self, mould: Mould, args: Sequence[Any], kwargs: Mapping[str, Any], job_id: str, moment: Moment
    ) -> Job:
        """A new job for one of these calls.

        :raises EnqueueError: it is refused; the message says why and what to do.
        """
        return self._allowed(mould.cast(args, kwargs, job_id, moment))

    def finish(self, job: Job, definition: Definition) -> Job:
        """A job that was built elsewhere and is enqueued now, with what only this `Resque` knows.

        :raises EnqueueError: it is refused; the message says why and what to do.
        """
        return self.prepare(dated(job), definition)

    def prepare(self, job: Job, definition: Definition) -> Job:
        """The same of a job that is to be enqueued later, by others: its time to expire begins then.

        :raises EnqueueError: it is refused; the message says why and what to do.
        """
        queue = check_queue_name(self.place(definition, job.queue or None))
        policy = _written(self._policy(definition, queue, job.on_worker_death))
        # Otherwise the text is of another job, perhaps of the one that this was made of by `replace`.
        as_it_is = not self.classic and not job.then and policy == job.on_worker_death
        if as_it_is and decode_leniently(job.entry) == job:
            return self.limited(job if queue == job.queue else replace(job, queue=queue))
        moment = job.enqueued_at or utc_now()
        named = replace(job, queue=queue, id=job.id or new_id(), enqueued_at=moment)
        return self._allowed(claiming(with_text(self._decided(named, policy)), definition))

    def pushed(self, queue: str, body: object) -> Job:
        """The job that `body` says, as another code base would write it. Classic, it may be any object.

        :raises EnqueueError: it is not a job, or its text is too long.
        """
        if self.classic and isinstance(body, Mapping):
            text = encode_classic(Job(queue=check_queue_name(queue), name="push", extras=body), dict(body))
            return self.limited(decode_leniently(Entry(own_id(body) or new_id(), queue, text)))
        return self.limited(with_text(_read_pushed(queue, body)))

    def place(self, definition: Definition, queue: str | None = None) -> str:
        """The queue of a call: the one given, else the definition's own, else the default.

        :raises NoQueueError: there is none.
        :raises NoClassError: the definition has no name.
        """
        found = definition.queue if queue is None else queue
        found = self.default_queue if found is None else found
        if found is None:
            raise NoQueueError(
                "Jobs must be placed onto a queue. "
                f"No queue could be inferred for class {one_line(definition.name)}. "
                f"Name one: with enqueue_to, with queue= of @job or register, or with --queue."
            )
        if not definition.name:
            raise NoClassError("Jobs must be given a class.")
        return found

    def limited(self, job: Job) -> Job:
        """`job`, if its text is not too long.

        :raises PayloadTooLarge: it is.
        """
        if len(job.payload) > self.max_payload:
            raise PayloadTooLarge(
                f"{one_line(job.name)}: the job's text has {len(job.payload)} bytes, more than the "
                f"{self.max_payload} that are allowed. Store the data elsewhere and pass its key, "
                f"or raise the limit: Resque(max_payload=…)."
            )
        return job

    def _made(self, definition: Definition, queue: str, terms: Terms) -> Mould:
        job = dated(draft(definition, queue, terms), terms.run_at)
        return Mould(self._decided(job, self._policy(definition, queue)), definition)

    def _decided(self, job: Job, policy: str | None) -> Job:
        """`job` with what becomes of it when its worker dies, and all that is said of those that follow."""
        then = completed(self.prepare, job.then)
        if then or _written(policy) != job.on_worker_death:
            return replace(job, on_worker_death=_written(policy), then=then)
        return job

    def _allowed(self, job: Job) -> Job:
        """`job`, which is complete, with the text that this `Resque` writes, if it may be stored."""
        return self.limited(with_text(as_classic(job), encode_classic) if self.classic else job)

    def _policy(self, definition: Definition, queue: str, own: str | None = None) -> str | None:
        if self.death is None:
            return None
        return own or definition.options.on_worker_death or self.death.of(queue)


def _check_limit(value: object) -> None:
    if not isinstance(value, int) or value < 1:
        raise SettingsError(f"max_payload={value!a:.80}: give a number of bytes, 1 or more.")


def _written(policy: str | None) -> str | None:
    # Only what differs from the default goes into the text (architecture §3).
    return "fail" if policy == "fail" else None
