"""`Composer`: makes jobs of calls, and refuses what must not be stored, before anything is."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from resque_core.chaining import completed
from resque_core.classic import as_classic, encode_classic
from resque_core.clock import utc_now
from resque_core.codec import decode_leniently, own_id, read_job
from resque_core.death_policy import DeathPolicy
from resque_core.definition import Definition
from resque_core.display import one_line
from resque_core.drafts import claiming, dated, draft, with_text
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
from resque_core.queue_name import check_queue_name
from resque_core.terms import Terms


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
        terms: Terms = Terms(),  # noqa: B008 - it is frozen
    ) -> Job:
        """A new job for a call, on `queue` or on the definition's own.

        :raises EnqueueError: it is refused; the message says why and what to do.
        """
        job = draft(definition, check_queue_name(self.place(definition, queue)), args, kwargs, terms)
        return self._complete(dated(job, terms.run_at), definition, self._policy(definition, job.queue))

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
        return self._complete(named, definition, policy)

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
                f"No queue could be inferred for class {one_line(definition.name)}"
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

    def _complete(self, job: Job, definition: Definition, policy: str | None) -> Job:
        then = completed(self.prepare, job.then)
        if then or _written(policy) != job.on_worker_death:
            job = replace(job, on_worker_death=_written(policy), then=then)
        whole = claiming(job, definition)
        if self.classic:
            return self.limited(with_text(as_classic(whole), encode_classic))
        return self.limited(with_text(whole))

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
